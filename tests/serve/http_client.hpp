// A small client of HTTP/1.1 over sockets of POSIX, for tests that want to see every byte.
#pragma once

#include <openssl/ssl.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agentpool::tests {

using json = nlohmann::ordered_json;
using std::chrono::milliseconds;

/// How long a test waits for what comes at once on a machine that is not overloaded.
inline constexpr milliseconds answer_wait_max{30'000};

/// Where a server listens.
struct server_address {
  bool tls = false;
  std::string host;
  std::uint16_t port = 0;

  /// Of "http://127.0.0.1:4000".
  static server_address of(const std::string& url);
  /// "127.0.0.1:4000".
  [[nodiscard]] std::string authority() const { return host + ":" + std::to_string(port); }
};

using fields = std::vector<std::pair<std::string, std::string>>;

struct http_answer {
  int status = 0;
  std::map<std::string, std::string> headers = {};  ///< Names in lower case.
  std::string body = {};

  [[nodiscard]] std::string header(const std::string& name) const;
  [[nodiscard]] json parsed() const { return json::parse(body); }
};

/// What to ask.
struct http_ask {
  std::string method = "GET";
  std::string target = "/";
  fields headers = {};  ///< Host is added when it is missing.
  std::string body = {};
};

/// One message of an event stream.
struct sse_event {
  std::string id;
  std::string event;
  std::string data;

  [[nodiscard]] json parsed() const { return json::parse(data); }
};

/// One connection. Every wait has an end, at which it throws. For one thread.
class http_client {
 public:
  explicit http_client(server_address at, bool little_buffer = false);
  ~http_client();
  http_client(http_client&& other) noexcept;
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;
  http_client& operator=(http_client&&) = delete;

  /// Sends the request; the answer comes later.
  void send(const http_ask& what);
  /// Sends these bytes; false when the server takes no more.
  bool send_bytes(std::string_view bytes);
  /// The next answer, whole. `to_head`: to a HEAD, which has no body.
  http_answer answer(bool to_head = false);
  http_answer ask(const http_ask& what) {
    send(what);
    return answer(what.method == "HEAD");
  }

  /// Sends the request and reads status and headers; what follows are events.
  http_answer open_stream(const http_ask& what);
  /// The next message, without comments; none once the stream has ended.
  std::optional<sse_event> event(milliseconds within = answer_wait_max);
  /// Bytes of the largest chunk that a stream came in so far.
  [[nodiscard]] std::size_t largest_chunk() const { return largest_chunk_; }
  /// Whether nothing comes for so long.
  bool quiet_for(milliseconds time);

  /// Reads on until the server closes; what it still sent.
  std::string rest(milliseconds within = answer_wait_max);
  /// The client sends no more.
  void close_sending();

 private:
  /// False at the end of what the server sends.
  bool read_more(milliseconds within);
  std::optional<std::string> line(milliseconds within);
  /// The same of a stream, whose chunks are taken apart.
  std::optional<std::string> stream_line(milliseconds within);
  std::string bytes(std::size_t count);
  http_answer head();
  void start_tls();
  void wait_for(short events, milliseconds within) const;

  server_address at_;
  int file_ = -1;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_{nullptr, SSL_CTX_free};
  std::unique_ptr<SSL, void (*)(SSL*)> tls_{nullptr, SSL_free};
  std::string read_;
  std::string stream_;  ///< Of a chunked body, taken out of its chunks.
  bool stream_ended_ = false;
  std::size_t largest_chunk_ = 0;
};

}  // namespace agentpool::tests
