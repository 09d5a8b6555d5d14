// A client of HTTP/1.1 and the server that it talks to, for tests.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <map>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace agentpool::support {

struct web_answer {
  unsigned status = 0;
  std::map<std::string, std::string> headers = {};  ///< Names in lower case.
  std::string body = {};
};

using web_headers = std::map<std::string, std::string>;

/// One connection, made anew when the other side has closed it. For one thread; throws when an
/// answer does not come within `process_wait_max`.
class web_client {
 public:
  /// "http://127.0.0.1:4000".
  explicit web_client(const std::string& url);

  web_answer get(const std::string& target, const web_headers& headers = {});
  web_answer post(const std::string& target, const std::string& body,
                  const web_headers& headers = {});
  web_answer ask(const std::string& method, const std::string& target, const std::string& body,
                 const web_headers& headers);

 private:
  template <class Begin>
  void run(Begin begin);
  void connect();

  std::string host_;
  std::string port_;
  boost::asio::io_context io_;
  boost::beast::tcp_stream stream_{io_};
  boost::beast::flat_buffer buffer_;
  bool connected_ = false;
};

/// `agentpool serve` on a free port of the loopback, until its scope ends.
class web_server {
 public:
  explicit web_server(std::vector<std::string> options,
                      std::map<std::string, std::string> environment = {});

  [[nodiscard]] const std::string& url() const { return url_; }
  process& running() { return process_; }
  /// Asks it to end and waits for that.
  ended stop();

 private:
  process process_;
  std::string url_;
};

}  // namespace agentpool::support
