#include "http_post.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>
#include <utility>

namespace agentpool::tools {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;

/// Of an answer, whose body is read to be polite.
constexpr std::uint64_t answer_bytes_max = 1U << 20;

core::agent_error bad_url(const std::string& url) {
  return core::contract_violation("no address to post to, http://HOST[:PORT][/PATH]: '" + url +
                                  "'");
}

/// One post. Lives by what it waits for.
template <class Stream>
class posting : public std::enable_shared_from_this<posting<Stream>> {
 public:
  template <class... Context>
  posting(net::io_context& io, http_target to, const std::string& body, Context&... tls)
      : to_{std::move(to)}, resolver_{io}, stream_{io, tls...} {
    request_.method(http::verb::post);
    request_.target(to_.path.empty() ? "/" : to_.path);
    request_.version(11);
    const bool six = to_.host.find(':') != std::string::npos;
    request_.set(http::field::host, (six ? "[" + to_.host + "]" : to_.host) + ":" + to_.port);
    request_.set(http::field::user_agent, "agentpool");
    request_.set(http::field::content_type, "application/json");
    request_.keep_alive(false);
    request_.body() = body;
    request_.prepare_payload();
    answer_.body_limit(answer_bytes_max);
  }

  void start(std::chrono::milliseconds most) {
    lowest().expires_after(most);
    resolver_.async_resolve(to_.host, to_.port,
                            [self = this->shared_from_this()](error_code fault, auto found) {
                              if (fault) return self->end(fault);
                              self->connect(found);
                            });
  }

  /// Ends it as if time were over. On a thread of its context.
  void cut() {
    resolver_.cancel();
    lowest().close();
  }

  /// What came of it; once the work of its context is over.
  post_result result() const {
    if (!fault_) return {answer_.get().result_int()};
    return {0, "no answer from " + to_.host + ":" + to_.port + ": " + fault_.message()};
  }

 private:
  beast::tcp_stream& lowest() { return beast::get_lowest_layer(stream_); }

  void connect(const net::ip::tcp::resolver::results_type& found) {
    lowest().async_connect(found, [self = this->shared_from_this()](error_code fault, const auto&) {
      if (fault) return self->end(fault);
      self->shake_hands();
    });
  }

  void shake_hands() {
    if constexpr (std::is_same_v<Stream, beast::tcp_stream>) {
      write();
    } else {
      SSL_set_tlsext_host_name(stream_.native_handle(), to_.host.c_str());
      stream_.set_verify_callback(net::ssl::host_name_verification{to_.host});
      stream_.async_handshake(net::ssl::stream_base::client,
                              [self = this->shared_from_this()](error_code fault) {
                                if (fault) return self->end(fault);
                                self->write();
                              });
    }
  }

  void write() {
    http::async_write(stream_, request_,
                      [self = this->shared_from_this()](error_code fault, std::size_t) {
                        if (fault) return self->end(fault);
                        self->read();
                      });
  }

  void read() {
    http::async_read(
        stream_, buffer_, answer_,
        [self = this->shared_from_this()](error_code fault, std::size_t) { self->end(fault); });
  }

  void end(error_code fault) {
    fault_ = fault;
    lowest().close();
  }

  const http_target to_;
  net::ip::tcp::resolver resolver_;
  Stream stream_;
  http::request<http::string_body> request_;
  http::response_parser<http::string_body> answer_;
  beast::flat_buffer buffer_;
  error_code fault_ = net::error::timed_out;
};

template <class Stream, class... Context>
post_result post(const http_target& to, const std::string& body, std::chrono::milliseconds most,
                 const std::stop_token& stop, Context&... tls) {
  net::io_context io{1};
  const auto one = std::make_shared<posting<Stream>>(io, to, body, tls...);
  one->start(most);
  const std::stop_callback asked{stop, [&] { net::post(io, [one] { one->cut(); }); }};
  io.run();
  return one->result();
}

}  // namespace

core::outcome<http_target> read_http_url(const std::string& url) {
  http_target made;
  std::string_view rest = url;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!rest.starts_with(scheme)) continue;
    made.secure = scheme.size() > 7;
    rest.remove_prefix(scheme.size());
    break;
  }
  if (rest.size() == url.size()) return bad_url(url);
  const auto slash = std::min(rest.find('/'), rest.size());
  made.path = rest.substr(slash);
  auto authority = rest.substr(0, slash);
  const bool bracketed = authority.starts_with('[');
  const auto host_end = bracketed ? authority.find(']') : authority.find(':');
  if (bracketed && host_end == std::string_view::npos) return bad_url(url);
  made.host = authority.substr(bracketed ? 1 : 0, bracketed ? host_end - 1 : host_end);
  authority.remove_prefix(std::min(host_end + (bracketed ? 1 : 0), authority.size()));
  if (host_end == std::string_view::npos) authority = {};
  made.port = made.secure ? "443" : "80";
  if (!authority.empty()) {
    if (authority.front() != ':' || authority.size() < 2) return bad_url(url);
    made.port = authority.substr(1);
  }
  const bool odd = (made.host + made.path).find_first_of(" \t\r\n@?#") != std::string::npos;
  if (made.host.empty() || odd || made.port.size() > 5 ||
      made.port.find_first_not_of("0123456789") != std::string::npos)
    return bad_url(url);
  return made;
}

post_result post_json(const http_target& to, const std::string& body,
                      std::chrono::milliseconds most, const std::stop_token& stop) {
  if (!to.secure) return post<beast::tcp_stream>(to, body, most, stop);
  net::ssl::context tls{net::ssl::context::tls_client};
  error_code ignored;
  tls.set_default_verify_paths(ignored);
  tls.set_verify_mode(net::ssl::verify_peer, ignored);
  return post<beast::ssl_stream<beast::tcp_stream>>(to, body, most, stop, tls);
}

}  // namespace agentpool::tools
