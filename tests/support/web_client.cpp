#include "support/web_client.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http.hpp>
#include <csignal>
#include <stdexcept>
#include <utility>

#include "support/environment.hpp"

namespace agentpool::support {

namespace {

namespace net = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

std::vector<std::string> serve_arguments(std::vector<std::string> options) {
  std::vector<std::string> all{"serve", "--listen", "127.0.0.1:0"};
  all.insert(all.end(), std::make_move_iterator(options.begin()),
             std::make_move_iterator(options.end()));
  return all;
}

}  // namespace

web_client::web_client(const std::string& url) {
  const auto host = url.find("://") + 3;
  const auto colon = url.rfind(':');
  host_ = url.substr(host, colon - host);
  port_ = url.substr(colon + 1);
}

/// Begins something asynchronous and waits for it; throws what it failed by.
template <class Begin>
void web_client::run(Begin begin) {
  error_code fault = net::error::timed_out;
  stream_.expires_after(process_wait_max);
  begin([&fault](error_code what, auto&&...) { fault = what; });
  io_.restart();
  io_.run();
  stream_.expires_never();
  if (fault) throw boost::system::system_error{fault};
}

void web_client::connect() {
  const auto at = net::ip::tcp::endpoint{net::ip::make_address(host_),
                                         static_cast<std::uint16_t>(std::stoi(port_))};
  run([&](auto then) { stream_.async_connect(at, then); });
  buffer_.clear();
  connected_ = true;
}

web_answer web_client::ask(const std::string& method, const std::string& target,
                           const std::string& body, const web_headers& headers) {
  http::request<http::string_body> request;
  request.method_string(method);
  request.target(target);
  request.version(11);
  request.set(http::field::host, host_ + ":" + port_);
  for (const auto& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();
  if (!connected_) connect();
  http::response<http::string_body> response;
  run([&](auto then) { http::async_write(stream_, request, then); });
  run([&](auto then) { http::async_read(stream_, buffer_, response, then); });
  if (!response.keep_alive()) {
    stream_.close();
    connected_ = false;
  }
  web_answer answer{response.result_int(), {}, response.body()};
  for (const auto& field : response) {
    std::string name{field.name_string()};
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    answer.headers.emplace(std::move(name), std::string{field.value()});
  }
  return answer;
}

web_answer web_client::get(const std::string& target, const web_headers& headers) {
  return ask("GET", target, {}, headers);
}

web_answer web_client::post(const std::string& target, const std::string& body,
                            const web_headers& headers) {
  auto all = headers;
  all.emplace("Content-Type", "application/json");
  return ask("POST", target, body, all);
}

web_server::web_server(std::vector<std::string> options,
                       std::map<std::string, std::string> environment)
    : process_{command_line{.program = program().string(),
                            .arguments = serve_arguments(std::move(options)),
                            .environment = std::move(environment)}} {
  const auto line = process_.line();
  const std::string begin = "listening on ";
  if (!line || !line->starts_with(begin))
    throw std::runtime_error{"the server did not start: " + process_.wait().errors};
  url_ = line->substr(begin.size());
}

ended web_server::stop() {
  process_.send_signal(SIGTERM);
  return process_.wait();
}

}  // namespace agentpool::support
