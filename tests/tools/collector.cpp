#include "collector.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <stdexcept>
#include <utility>

#include "support/process.hpp"

namespace agentpool::tests {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using net::ip::tcp;

/// One connection.
class collector_session : public std::enable_shared_from_this<collector_session> {
 public:
  collector_session(collector& at, tcp::socket socket) : at_{at}, socket_{std::move(socket)} {}

  void read() {
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](error_code fault, std::size_t) {
                       if (!fault) self->answer();
                     });
  }

 private:
  void answer() {
    switch (at_.came(std::string{request_.target()}, request_.body())) {
      case collecting::well:
        return write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
      case collecting::busy:
        return write("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      case collecting::as_garbage: return write("\x01\x02 what?\r\n\r\n");
      case collecting::slowly: return wait();
    }
  }
  void write(std::string text) {
    text_ = std::move(text);
    net::async_write(socket_, net::buffer(text_),
                     [self = shared_from_this()](error_code, std::size_t) {});
  }
  /// Until the other side goes.
  void wait() {
    socket_.async_read_some(net::buffer(&byte_, 1),
                            [self = shared_from_this()](error_code, std::size_t) {});
  }

  collector& at_;
  tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  std::string text_;
  char byte_ = 0;
};

collector::collector(collecting how, unsigned short port)
    : acceptor_{io_, {net::ip::make_address("127.0.0.1"), port}},
      port_{acceptor_.local_endpoint().port()},
      how_{how} {
  accept();
  thread_ = std::thread{[this] { io_.run(); }};
}

collector::~collector() {
  io_.stop();
  thread_.join();
}

void collector::accept() {
  acceptor_.async_accept([this](error_code fault, tcp::socket socket) {
    if (fault) return;
    std::make_shared<collector_session>(*this, std::move(socket))->read();
    accept();
  });
}

void collector::become(collecting how) {
  const std::lock_guard guard{mutex_};
  how_ = how;
}

collecting collector::came(const std::string& target, const std::string& body) {
  const std::lock_guard guard{mutex_};
  ++requests_;
  target_ = target;
  body_ = body;
  if (how_ == collecting::well) {
    const auto all = nlohmann::json::parse(body);
    for (const auto& resource : all["resourceSpans"])
      for (const auto& scope : resource["scopeSpans"])
        for (const auto& span : scope["spans"]) spans_.push_back(span);
  }
  changed_.notify_all();
  return how_;
}

void collector::wait_until(const std::function<bool()>& done) {
  std::unique_lock lock{mutex_};
  if (!changed_.wait_for(lock, support::process_wait_max, done))
    throw std::runtime_error{"what the collector waits for does not come"};
}

std::vector<nlohmann::json> collector::spans(std::size_t at_least) {
  wait_until([&] { return spans_.size() >= at_least; });
  const std::lock_guard guard{mutex_};
  return spans_;
}

void collector::wait_for_requests(std::size_t at_least) {
  wait_until([&] { return requests_ >= at_least; });
}

std::string collector::last_target() {
  const std::lock_guard guard{mutex_};
  return target_;
}

nlohmann::json collector::last_body() {
  const std::lock_guard guard{mutex_};
  return nlohmann::json::parse(body_);
}

unsigned short free_port() {
  net::io_context io;
  tcp::acceptor taken{io, {net::ip::make_address("127.0.0.1"), 0}};
  return taken.local_endpoint().port();
}

std::string attribute(const nlohmann::json& span, const std::string& name) {
  for (const auto& one : span["attributes"])
    if (one["key"] == name) {
      const auto& value = one["value"];
      return value.contains("intValue") ? value["intValue"] : value["stringValue"];
    }
  return {};
}

}  // namespace agentpool::tests
