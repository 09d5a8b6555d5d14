#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "agentpool/core/outcome.hpp"
#include "http_message.hpp"

namespace agentpool::tools {

/// Bounds of the server.
struct http_limits {
  std::size_t head_bytes_max = 16U << 10;  ///< Request line and headers.
  std::size_t body_bytes_max = 16U << 20;  ///< Of a request.
  /// Of all requests that are not answered yet; half of it for one caller. Four of the largest
  /// bodies at least.
  std::size_t bodies_bytes_max = 256U << 20;
  std::size_t connections_max = 16'384;        ///< Then whoever has asked nothing for longest goes.
  std::chrono::seconds handshake_max{10};      ///< Of TLS.
  std::chrono::milliseconds head_max{10'000};  ///< From the first byte of a request to its headers.
  std::chrono::seconds body_max{60};           ///< From the headers to the end of the body.
  std::chrono::seconds idle_max{120};          ///< Between two requests.
  std::chrono::seconds write_max{30};          ///< For a reader that takes nothing.
  std::chrono::seconds idle_stream{15};        ///< What a quiet stream says that it is there.
};

/// Files of TLS; empty: plain text.
struct http_tls {
  std::string certificate;  ///< A PEM file, the chain behind it.
  std::string key;          ///< Its private key, a PEM file.
};

struct http_options {
  std::string listen = "127.0.0.1:0";  ///< "HOST:PORT"; port 0: any free one.
  http_tls tls = {};
  http_limits limits = {};
  std::size_t threads = 0;  ///< 0: as many as there are cores, at most 4.
};

/// How the server is.
struct http_counts {
  std::uint64_t connections = 0;  ///< Open now.
  std::uint64_t accepted = 0;
  std::uint64_t requests = 0;  ///< Whose headers were read.
  std::uint64_t refused = 0;   ///< Malformed, too large, too slow, or beyond a bound.
  std::uint64_t stuck = 0;     ///< Of those, readers that took nothing for too long.
  std::uint64_t bytes_out = 0;
};

/// Serves HTTP/1.1. Its handler must live longer.
class http_server {
 public:
  http_server(http_handler& handler, http_options options);
  /// Closes.
  ~http_server();
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Listens, and begins to serve. Gives its URL, "http://127.0.0.1:4000". The error says what
  /// keeps it from listening.
  [[nodiscard]] core::outcome<std::string> start();

  /// Takes no connections and no requests any more. What is being answered goes on.
  void stop_taking();

  /// Stops taking, waits up to `most` for what is being answered, and ends all connections.
  void close(std::chrono::milliseconds most);

  [[nodiscard]] http_counts counts() const;

 private:
  class parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace agentpool::tools
