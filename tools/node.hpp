#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "agentpool/core/outcome.hpp"
#include "network_choice.hpp"

namespace agentpool::tools {

/// What node to run.
struct node_request {
  static constexpr std::uint64_t seconds_max = 86'400;
  static constexpr std::size_t connections_max = 100'000;
  static constexpr double lease_seconds_min = 0.1;
  static constexpr double lease_seconds_max = 3'600;

  std::string store;                   ///< As `store_forms` says.
  std::string listen = "127.0.0.1:0";  ///< "HOST:PORT"; port 0: any free one.
  std::string advertise;               ///< Where programs reach it; empty: where it listens.
  std::string name;                    ///< Empty: `advertise`.
  std::uint64_t grace_seconds = 30;
  double lease_seconds = 3;
  std::size_t connections = 1'024;         ///< Programs, at most,
  std::size_t connections_per_peer = 256;  ///< and of one certificate, or address without TLS.
  std::size_t retain = 0;                  ///< Entries of each log kept at least; 0: all.
  std::string trace;                       ///< A file for the trace; empty: none is recorded.
  network_choice network;
};

/// Hosts pools until SIGINT or SIGTERM asks it to end; then other nodes are told that its pools are
/// free. Writes one line to standard output once programs can connect. The error says why it could
/// not start.
[[nodiscard]] core::outcome<void> serve_node(const node_request& request);

}  // namespace agentpool::tools
