#pragma once

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <optional>
#include <utility>

#include "growing_body.hpp"
#include "http_hub.hpp"

/// One connection of the HTTP server. Included by http_connection.cpp alone.
namespace agentpool::tools::http_detail {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;
using clock = std::chrono::steady_clock;

constexpr std::size_t first_read = 512;          ///< Bytes; what a waiting connection holds.
constexpr std::size_t buffer_max = 64U << 10;    ///< Bytes read and not parsed yet.
constexpr std::size_t behind_max = 16U << 10;    ///< Bytes behind a request that is not answered.
constexpr std::size_t slowest_reader = 1 << 16;  ///< Bytes a second, beside `write_max`.
constexpr std::size_t linger_bytes = 1U << 20;   ///< Of a refused body that are read and dropped.
constexpr std::chrono::seconds linger_max{2};
constexpr std::chrono::seconds look_again{1};  ///< For the client, after bytes behind a request.
constexpr std::chrono::seconds full_wait{10};  ///< For its answer, with `behind_max` behind it.

template <class Stream>
class connection;

/// One request of a connection. Late and second answers go nowhere, since the connection knows
/// the number of the request that it is at.
template <class Stream>
class exchange_of final : public http_exchange {
 public:
  exchange_of(std::shared_ptr<connection<Stream>> at, std::uint64_t number)
      : at_{std::move(at)}, number_{number} {}
  ~exchange_of() override { at_->fail(number_); }
  exchange_of(const exchange_of&) = delete;
  exchange_of& operator=(const exchange_of&) = delete;

  void answer(http_response response) override { at_->answer(number_, std::move(response)); }
  std::shared_ptr<http_stream> open(http_response response, std::string idle) override;
  void when_gone(std::function<void()> then) override { at_->when_gone(number_, std::move(then)); }
  void end_with(ending& what, http_response instead) override {
    at_->end_with(number_, what, std::move(instead));
  }

 private:
  std::shared_ptr<connection<Stream>> at_;
  const std::uint64_t number_;
};

template <class Stream>
class stream_of final : public http_stream {
 public:
  stream_of(std::shared_ptr<connection<Stream>> at, std::uint64_t number)
      : at_{std::move(at)}, number_{number} {}
  ~stream_of() override { at_->end(number_, {}); }
  stream_of(const stream_of&) = delete;
  stream_of& operator=(const stream_of&) = delete;

  void write(std::string bytes, std::function<void(bool)> then) override {
    at_->write(number_, std::move(bytes), std::move(then));
  }
  void end(std::string last) override { at_->end(number_, std::move(last)); }
  bool gone() const override { return at_->gone(number_); }

 private:
  std::shared_ptr<connection<Stream>> at_;
  const std::uint64_t number_;
};

/// A connection: requests one after the other. Everything happens on its strand but what says so.
template <class Stream>
class connection final : public http_connection_handle,
                         public std::enable_shared_from_this<connection<Stream>> {
 public:
  static constexpr bool secure = !std::is_same_v<Stream, tcp::socket>;

  template <class... Context>
  connection(std::shared_ptr<http_hub> hub, tcp::socket socket, Context&... tls)
      : hub_{std::move(hub)},
        stream_{std::move(socket), tls...},
        timer_{stream_.get_executor()},
        buffer_{buffer_max} {}
  ~connection() override { hub_->leave(number_); }

  void start() {
    error_code ignored;
    const auto from = socket().remote_endpoint(ignored);
    peer_ = from.address().to_string(ignored);
    socket().set_option(tcp::no_delay{true}, ignored);
    number_ = hub_->enter(this->shared_from_this());
    if (number_ == 0) return close();
    if constexpr (secure) {
      due_in(hub_->limits.handshake_max);
      stream_.async_handshake(net::ssl::stream_base::server,
                              [self = this->shared_from_this()](error_code fault) {
                                if (fault) return self->refused();
                                self->rest();
                              });
    } else {
      rest();
    }
  }

  // ---- from any thread --------------------------------------------------------------------

  void cut() override {
    net::post(stream_.get_executor(), [self = this->shared_from_this()] { self->close(); });
  }
  void finish() override {
    net::post(stream_.get_executor(), [self = this->shared_from_this()] {
      self->ending_ = true;
      if (!self->answering_ || self->owes_body_) self->close();
    });
  }
  void give_way() override {
    net::post(stream_.get_executor(), [self = this->shared_from_this()] {
      self->ending_ = true;
      if (!self->answering_ || !self->answered_) self->close();
    });
  }
  void answer(std::uint64_t number, http_response response) {
    on_strand(number, [response = std::move(response)](connection& self) mutable {
      self.respond(std::move(response));
    });
  }
  /// Behind an answer that another thread gave and that waits for the strand, also when this is
  /// called on the strand.
  void fail(std::uint64_t number) {
    if (closed_) return;
    net::post(stream_.get_executor(), [self = this->shared_from_this(), number] {
      self->on_strand(number, [](connection& at) {
        if (at.half_closed_) return at.close();  // let go of because the client is gone
        at.respond({500, "text/plain", "something failed here\n"});
      });
    });
  }
  void open(std::uint64_t number, http_response response, std::string idle) {
    on_strand(number, [response = std::move(response), idle = std::move(idle)](
                          connection& self) mutable { self.begin(response, std::move(idle)); });
  }
  void write(std::uint64_t number, std::string bytes, std::function<void(bool)> then) {
    if (closed_) return then(false);
    net::post(stream_.get_executor(), [self = this->shared_from_this(), number,
                                       bytes = std::move(bytes), then = std::move(then)]() mutable {
      if (number != self->request_ || !self->streaming_ || self->ended_) return then(false);
      self->taken_ = std::move(then);
      self->send(std::move(bytes));
    });
  }
  void end(std::uint64_t number, std::string last) {
    if (closed_) return;
    // Behind what is to be written before it.
    net::post(stream_.get_executor(),
              [self = this->shared_from_this(), number, last = std::move(last)]() mutable {
                if (number != self->request_ || !self->streaming_ || self->ended_) return;
                self->ended_ = true;
                self->last_ = std::move(last);
                if (!self->sending_) self->send_last();
              });
  }
  void when_gone(std::uint64_t number, std::function<void()> then) {
    if (closed_) return then();
    net::dispatch(stream_.get_executor(),
                  [self = this->shared_from_this(), number, then = std::move(then)]() mutable {
                    if (self->gone(number)) return then();
                    self->gone_ = std::move(then);
                  });
  }
  void end_with(std::uint64_t number, ending& what, http_response instead) {
    auto kept = what.when_begun(
        [weak = this->weak_from_this(), number, instead = std::move(instead)]() mutable {
          const auto self = weak.lock();
          if (!self || self->closed_) return;
          net::post(self->stream_.get_executor(),
                    [self, number, instead = std::move(instead)]() mutable {
                      self->take_back(number, std::move(instead));
                    });
        });
    if (closed_) return;
    net::dispatch(stream_.get_executor(),
                  [self = this->shared_from_this(), number, kept = std::move(kept)]() mutable {
                    if (!self->gone(number)) self->until_ = std::move(kept);
                  });
  }
  [[nodiscard]] bool gone(std::uint64_t number) const {
    return closed_ || half_closed_ || number != request_;
  }

 private:
  template <class What>
  void on_strand(std::uint64_t number, What what) {
    if (closed_) return;  // perhaps with the server: then nobody would run it
    net::dispatch(stream_.get_executor(),
                  [self = this->shared_from_this(), number, what = std::move(what)]() mutable {
                    // A stream is an answer, too.
                    if (number != self->request_ || !self->answering_ || self->answered_) return;
                    self->answered_ = true;
                    what(*self);
                  });
  }

  [[nodiscard]] tcp::socket& socket() { return beast::get_lowest_layer(stream_); }

  // ---- reading ----------------------------------------------------------------------------
  /// Until the first byte of the next request.
  void rest();
  /// Waits for bytes while a request is answered, too: that is how a client is missed.
  void look();
  void look_on();
  /// A client may have closed its side alone and still wait for the answer.
  void nothing_comes();
  void read_head();
  void head_read(error_code fault);
  void begin_answering();
  /// Room for what has come of the body since the last time.
  [[nodiscard]] bool take_room();
  void give_room();
  /// Takes the headers over; an answer refuses them.
  std::optional<http_response> take_head();
  void read_body();
  void body_read(error_code fault);
  /// What came is no request: says so where it can be read, and ends.
  void misread(error_code fault);
  /// The answer of the connection itself, instead of the handler's.
  void refuse(http_response response);
  void handle();

  // ---- answering --------------------------------------------------------------------------
  template <class Message>
  void fill(Message& message, const http_response& response) const {
    message.version(version_);
    message.result(response.status);
    if (!response.content_type.empty())
      message.set(http::field::content_type, response.content_type);
    for (const auto& [name, value] : response.headers) message.insert(name, value);
    message.keep_alive(keep_ && !ending_);
  }
  void respond(http_response response);
  /// For a caller who may not have the answer any more.
  void take_back(std::uint64_t number, http_response instead);
  void answered();
  /// Reads on for a moment, so that a client that still writes its body reads the refusal.
  void linger();
  void drop_more();

  // ---- a stream ---------------------------------------------------------------------------
  void begin(const http_response& response, std::string idle);
  /// Bytes of the stream's owner. Those of a quiet moment may be under way.
  void send(std::string bytes);
  void send_chunk();
  void chunk_sent();
  void send_last();

  // ---- deadlines, the end -----------------------------------------------------------------
  enum class due_for : std::uint8_t { closing, idle, looking };
  void due_in(clock::duration time, due_for what = due_for::closing);
  void no_due() { due_.reset(); }
  /// One timer, which is let run out rather than set anew for each step.
  void arm();
  void timer_fired();
  void refused();
  void close();

  const std::shared_ptr<http_hub> hub_;
  Stream stream_;
  net::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::string peer_;
  std::uint64_t number_ = 0;  ///< At the hub.
  std::atomic<std::uint64_t> request_{0};
  std::optional<http::request_parser<growing_body>> parser_;
  http_request request_head_;
  std::optional<http::response<http::string_body>> response_;
  unsigned version_ = 11;
  bool keep_ = true;
  bool head_only_ = false;
  bool reading_ = false;      ///< A look is under way.
  bool head_wanted_ = false;  ///< The look was given up for what is there already.
  bool answering_ = false;    ///< From a request's headers until its answer is written.
  bool owes_body_ = false;    ///< The client; nothing has come of its request yet.
  bool answered_ = false;     ///< The answer is being written.
  bool ending_ = false;       ///< No further request.
  bool doubtful_ = false;     ///< Where the request ends; what follows is dropped.
  std::atomic<bool> half_closed_{false};
  std::atomic<bool> closed_{false};
  std::string whose_;     ///< Whose room it is that its request's body takes.
  std::size_t room_ = 0;  ///< Bytes of it.
  std::size_t dropped_ = 0;
  std::function<void()> gone_;
  std::shared_ptr<void> until_;  ///< What may end the answer before its time.

  // A stream.
  std::optional<http::response<http::empty_body>> head_;
  std::optional<http::response_serializer<http::empty_body>> serializer_;
  bool streaming_ = false;
  bool chunked_ = true;
  bool sending_ = false;
  bool ended_ = false;
  std::string idle_;
  std::string chunk_;  ///< Being written.
  std::string next_;
  std::string last_;
  std::function<void(bool)> taken_;

  std::optional<clock::time_point> due_;
  due_for what_is_due_{};
  bool armed_ = false;
  clock::time_point armed_for_;
};

template <class Stream>
std::shared_ptr<http_stream> exchange_of<Stream>::open(http_response response, std::string idle) {
  at_->open(number_, std::move(response), std::move(idle));
  return std::make_shared<stream_of<Stream>>(at_, number_);
}

}  // namespace agentpool::tools::http_detail
