#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

/// A collector of traces, on the loopback.
namespace agentpool::tests {

/// How it takes what comes.
enum class collecting { well, slowly, as_garbage, busy };

class collector {
 public:
  /// Port 0: any free one.
  explicit collector(collecting how = collecting::well, unsigned short port = 0);
  ~collector();
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  void become(collecting how);

  /// The spans that it took, once there are so many; throws when they do not come.
  [[nodiscard]] std::vector<nlohmann::json> spans(std::size_t at_least);
  /// Waits until so many requests came, taken or not.
  void wait_for_requests(std::size_t at_least);
  /// What was posted last and where to, unread.
  [[nodiscard]] std::string last_target();
  [[nodiscard]] nlohmann::json last_body();

 private:
  void accept();
  [[nodiscard]] collecting came(const std::string& target, const std::string& body);
  void wait_until(const std::function<bool()>& done);
  friend class collector_session;

  boost::asio::io_context io_;
  boost::asio::ip::tcp::acceptor acceptor_;
  unsigned short port_;
  std::mutex mutex_;
  std::condition_variable changed_;
  collecting how_;
  std::size_t requests_ = 0;
  std::string target_;
  std::string body_;
  std::vector<nlohmann::json> spans_;
  std::thread thread_;
};

/// A port of the loopback where nobody listens.
[[nodiscard]] unsigned short free_port();

/// The value of an attribute of a span, as text; "" when it has none.
[[nodiscard]] std::string attribute(const nlohmann::json& span, const std::string& name);

}  // namespace agentpool::tests
