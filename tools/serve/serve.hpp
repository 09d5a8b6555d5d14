#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "front.hpp"
#include "http_server.hpp"
#include "tools/network_choice.hpp"

namespace agentpool::tools {

/// What to serve over HTTP, and to whom.
struct serve_request {
  std::string store;                   ///< As `store_forms` says,
  std::vector<std::string> connect;    ///< or nodes that have the pools, "HOST:PORT".
  network_choice network;              ///< How to reach them.
  std::string listen = "127.0.0.1:0";  ///< "ADDRESS:PORT"; port 0: any free one.
  http_tls tls;
  std::string tokens;  ///< A file of tokens; empty: nobody has to say who they are.
  std::vector<std::string> hosts;
  std::vector<std::string> origins;
  double rate = 10'000;
  std::size_t streams = 4'096;
  std::size_t waiting = 16'384;
  std::size_t connections = 16'384;
  std::size_t body_bytes = 16U << 20;
  double head_seconds = 10;  ///< That a client has to send a request's headers.
  std::string otlp = {};     ///< The URL of a collector of traces; empty: none is told.
  std::size_t retain = 0;    ///< Entries of each log kept at least; 0: all.
};

/// Serves until SIGINT or SIGTERM asks it to end; then what is under way is finished. Writes one
/// line to standard output once clients can connect. The error says why it could not start.
[[nodiscard]] core::outcome<void> serve_http(const serve_request& request);

}  // namespace agentpool::tools
