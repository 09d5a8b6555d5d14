#include "http_connection.hpp"

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

namespace agentpool::tools {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;
using clock = std::chrono::steady_clock;

constexpr std::size_t first_read = 512;          ///< Bytes; what a waiting connection holds.
constexpr std::size_t buffer_max = 64U << 10;    ///< Bytes read and not parsed yet.
constexpr std::size_t slowest_reader = 1 << 16;  ///< Bytes a second, beside `write_max`.
constexpr std::size_t linger_bytes = 1U << 20;   ///< Of a refused body that are read and dropped.
constexpr std::chrono::seconds linger_max{2};

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
      if (!self->answering_) self->close();
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
                    if (number != self->request_ || self->half_closed_ || self->closed_)
                      return then();
                    self->gone_ = std::move(then);
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
  void rest() {
    if (ending_ || !keep_) return close();
    hub_->idle(number_);
    due_in(hub_->limits.idle_max);
    if (reading_) return;
    if (buffer_.size() > 0) return read_head();
    buffer_.shrink_to_fit();
    look();
  }

  /// Waits for bytes while a request is answered, too: that is how a client is missed.
  void look() {
    reading_ = true;
    stream_.async_read_some(buffer_.prepare(first_read),
                            [self = this->shared_from_this()](error_code fault, std::size_t bytes) {
                              self->reading_ = false;
                              if (fault) return self->nothing_comes();
                              self->buffer_.commit(bytes);
                              if (!self->answering_) self->read_head();
                            });
  }

  /// A client may have closed its side alone and still wait for the answer.
  void nothing_comes() {
    half_closed_ = true;
    keep_ = false;
    if (!answering_) return close();
    if (auto then = std::exchange(gone_, {})) then();
    if (streaming_) close();
  }

  void read_head() {
    due_in(hub_->limits.head_max);
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(hub_->limits.head_bytes_max));
    parser_->body_limit(hub_->limits.body_bytes_max);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](error_code fault, std::size_t) {
                              self->head_read(fault);
                            });
  }

  void head_read(error_code fault) {
    if (closed_) return;
    if (fault) return misread(fault);
    hub_->requests.fetch_add(1, std::memory_order_relaxed);
    begin_answering();
    if (auto refusal = take_head()) {
      keep_ = keep_ && parser_->is_done();
      answered_ = true;
      return respond(std::move(*refusal));
    }
    if (parser_->is_done()) return handle();
    due_in(hub_->limits.body_max);
    if (request_head_.header("expect") != std::string_view{"100-continue"}) return read_body();
    static const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    net::async_write(stream_, net::buffer(go_on),
                     [self = this->shared_from_this()](error_code failed, std::size_t) {
                       if (failed) return self->close();
                       self->read_body();
                     });
  }

  void begin_answering() {
    ++request_;
    answering_ = true;
    answered_ = false;
    hub_->busy(number_);
  }

  /// Takes the headers over; an answer refuses them.
  std::optional<http_response> take_head() {
    auto& head = parser_->get();
    request_head_ = {};
    request_head_.peer = peer_;
    request_head_.method = head.method_string();
    head_only_ = head.method() == http::verb::head;
    if (head_only_) request_head_.method = "GET";
    keep_ = head.keep_alive();
    version_ = head.version();
    for (const auto& field : head) {
      std::string name{field.name_string()};
      std::transform(name.begin(), name.end(), name.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      request_head_.headers.emplace_back(std::move(name), std::string{field.value()});
    }
    const std::string target{head.target()};
    if (const auto read = read_target(target, request_head_); !read)
      return http_response{400, "text/plain", read.error().message + "\n"};
    return hub_->handler.refuse(request_head_);
  }

  void read_body() {
    http::async_read(stream_, buffer_, *parser_,
                     [self = this->shared_from_this()](error_code fault, std::size_t) {
                       if (self->closed_) return;
                       if (fault) return self->misread(fault);
                       self->handle();
                     });
  }

  /// What came is no request: says so where it can be read, and ends.
  void misread(error_code fault) {
    if (fault == http::error::end_of_stream || fault == net::error::eof ||
        fault == net::error::operation_aborted || fault == net::error::connection_reset ||
        fault == net::ssl::error::stream_truncated)
      return close();
    hub_->refused.fetch_add(1, std::memory_order_relaxed);
    keep_ = false;
    if (!answering_) begin_answering();
    answered_ = true;
    if (fault == http::error::body_limit)
      return respond(
          {413, "text/plain",
           "a body has at most " + std::to_string(hub_->limits.body_bytes_max) + " bytes\n"});
    if (fault == http::error::header_limit || fault == http::error::buffer_overflow)
      return respond(
          {431, "text/plain",
           "the headers have at most " + std::to_string(hub_->limits.head_bytes_max) + " bytes\n"});
    respond({400, "text/plain", "not HTTP/1.1: " + fault.message() + "\n"});
  }

  void handle() {
    no_due();
    request_head_.body = std::move(parser_->get().body());
    parser_.reset();
    auto exchange = std::make_shared<exchange_of<Stream>>(this->shared_from_this(), request_);
    if (!reading_ && buffer_.size() == 0) look();
    hub_->handler.handle(std::exchange(request_head_, {}), std::move(exchange));
  }

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

  void respond(http_response response) {
    response_.emplace();
    fill(*response_, response);
    response_->content_length(response.body.size());
    if (!head_only_) response_->body() = std::move(response.body);
    const auto bytes = response_->body().size();
    due_in(hub_->limits.write_max + std::chrono::seconds{bytes / slowest_reader});
    http::async_write(stream_, *response_,
                      [self = this->shared_from_this()](error_code fault, std::size_t written) {
                        self->hub_->bytes_out.fetch_add(written, std::memory_order_relaxed);
                        self->response_.reset();
                        if (fault) return self->close();
                        self->answered();
                      });
  }

  void answered() {
    answering_ = false;
    streaming_ = false;
    gone_ = {};
    if (parser_ && !parser_->is_done()) return linger();
    parser_.reset();
    rest();
  }

  /// Reads on for a moment, so that a client that still writes its body reads the refusal.
  void linger() {
    error_code ignored;
    due_in(linger_max);
    if constexpr (!secure) stream_.shutdown(tcp::socket::shutdown_send, ignored);
    drop_more();
  }
  void drop_more() {
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(buffer_max),
                            [self = this->shared_from_this()](error_code fault, std::size_t bytes) {
                              self->dropped_ += bytes;
                              if (fault || self->dropped_ > linger_bytes) return self->close();
                              self->drop_more();
                            });
  }

  // ---- a stream ---------------------------------------------------------------------------

  void begin(const http_response& response, std::string idle) {
    if (head_only_) return respond(response);
    streaming_ = true;
    ended_ = false;
    idle_ = std::move(idle);
    chunked_ = version_ >= 11;
    if (!chunked_) keep_ = false;
    head_.emplace();
    fill(*head_, response);
    if (chunked_) head_->chunked(true);
    serializer_.emplace(*head_);
    chunk_ = response.body;
    sending_ = true;
    due_in(hub_->limits.write_max);
    http::async_write_header(stream_, *serializer_,
                             [self = this->shared_from_this()](error_code fault, std::size_t) {
                               if (fault) return self->close();
                               self->serializer_.reset();
                               self->head_.reset();
                               self->send_chunk();
                             });
  }

  /// Bytes of the stream's owner. Those of a quiet moment may be under way.
  void send(std::string bytes) {
    if (sending_) {
      next_ = std::move(bytes);
      return;
    }
    chunk_ = std::move(bytes);
    send_chunk();
  }

  void send_chunk() {
    if (chunk_.empty()) return chunk_sent();
    sending_ = true;
    due_in(hub_->limits.write_max + std::chrono::seconds{chunk_.size() / slowest_reader});
    const auto done = [self = this->shared_from_this()](error_code fault, std::size_t written) {
      self->hub_->bytes_out.fetch_add(written, std::memory_order_relaxed);
      if (fault) return self->close();
      self->chunk_sent();
    };
    if (chunked_) {
      net::async_write(stream_, http::make_chunk(net::buffer(chunk_)), done);
    } else {
      net::async_write(stream_, net::buffer(chunk_), done);
    }
  }

  void chunk_sent() {
    sending_ = false;
    if (!next_.empty()) {
      chunk_ = std::exchange(next_, {});
      return send_chunk();
    }
    chunk_ = {};
    if (ended_) return send_last();
    if (!idle_.empty()) due_in(hub_->limits.idle_stream, due_for::idle);
    if (auto then = std::exchange(taken_, {})) then(true);
  }

  void send_last() {
    if (auto then = std::exchange(taken_, {})) then(true);
    if (!last_.empty()) {
      chunk_ = std::exchange(last_, {});
      return send_chunk();
    }
    if (!chunked_) return close();
    due_in(hub_->limits.write_max);
    net::async_write(stream_, http::make_chunk_last(),
                     [self = this->shared_from_this()](error_code fault, std::size_t) {
                       if (fault) return self->close();
                       self->answered();
                     });
  }

  // ---- deadlines, the end -----------------------------------------------------------------

  enum class due_for : std::uint8_t { closing, idle };

  void due_in(clock::duration time, due_for what = due_for::closing) {
    due_ = clock::now() + time;
    what_is_due_ = what;
    if (!armed_ || armed_for_ > *due_) arm();
  }
  void no_due() { due_.reset(); }

  /// One timer, which is let run out rather than set anew for each step.
  void arm() {
    armed_ = true;
    armed_for_ = *due_;
    timer_.expires_at(*due_);
    timer_.async_wait([weak = this->weak_from_this()](error_code fault) {
      const auto self = weak.lock();
      if (self && !fault) self->timer_fired();
    });
  }
  void timer_fired() {
    armed_ = false;
    if (!due_ || closed_) return;
    if (*due_ > clock::now()) return arm();
    due_.reset();
    if (what_is_due_ == due_for::closing) return refused();
    if (sending_) return;
    chunk_ = idle_;
    send_chunk();
  }

  void refused() {
    hub_->refused.fetch_add(1, std::memory_order_relaxed);
    close();
  }

  void close() {
    if (closed_.exchange(true)) return;
    error_code ignored;
    timer_.cancel();
    socket().shutdown(tcp::socket::shutdown_both, ignored);
    socket().close(ignored);
    hub_->leave(number_);
    if (auto then = std::exchange(gone_, {})) then();
    if (auto then = std::exchange(taken_, {})) then(false);
  }

  const std::shared_ptr<http_hub> hub_;
  Stream stream_;
  net::steady_timer timer_;
  beast::flat_buffer buffer_;
  std::string peer_;
  std::uint64_t number_ = 0;  ///< At the hub.
  std::atomic<std::uint64_t> request_{0};
  std::optional<http::request_parser<http::string_body>> parser_;
  http_request request_head_;
  std::optional<http::response<http::string_body>> response_;
  unsigned version_ = 11;
  bool keep_ = true;
  bool head_only_ = false;
  bool reading_ = false;    ///< A look is under way.
  bool answering_ = false;  ///< From a request's headers until its answer is written.
  bool answered_ = false;   ///< The answer is being written.
  bool ending_ = false;     ///< No further request.
  std::atomic<bool> half_closed_{false};
  std::atomic<bool> closed_{false};
  std::size_t dropped_ = 0;
  std::function<void()> gone_;

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

}  // namespace

void serve_connection(std::shared_ptr<http_hub> hub, tcp::socket socket,
                      const std::shared_ptr<net::ssl::context>& tls) {
  if (tls) {
    std::make_shared<connection<beast::ssl_stream<tcp::socket>>>(std::move(hub), std::move(socket),
                                                                 *tls)
        ->start();
  } else {
    std::make_shared<connection<tcp::socket>>(std::move(hub), std::move(socket))->start();
  }
}

}  // namespace agentpool::tools
