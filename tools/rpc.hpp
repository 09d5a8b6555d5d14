#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "network_choice.hpp"

namespace agentpool::tools {

/// What to serve.
struct rpc_serving {
  static constexpr std::size_t retain_least = 10'000;
  static constexpr std::size_t under_way_most = 16'384;  ///< What an engine takes for one pool.

  std::string store;                 ///< As `store_forms` says,
  std::vector<std::string> connect;  ///< or nodes that have the pools, "HOST:PORT".
  network_choice network;            ///< How to reach them.
  std::string trace;                 ///< A file for the trace; empty: none is recorded.
  std::size_t retain = 0;            ///< Entries of each log kept at least; 0: all.
  std::size_t under_way = 1024;      ///< Requests that may be unanswered before input waits.
};

/// Serves JSON-RPC 2.0, one object a line, until the end of input; then what is under way is
/// finished. Bad input of any kind is answered and goes no further. No input is read while as much
/// is under way, or answered and not read yet, as may be. The error says why it could not start,
/// or that nobody reads the output any more.
[[nodiscard]] core::outcome<void> serve_rpc(const rpc_serving& what, int input, int output);

}  // namespace agentpool::tools
