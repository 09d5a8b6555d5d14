#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "agentpool/core/outcome.hpp"
#include "network_choice.hpp"

namespace agentpool::tools {

/// What `agentpool inspect` was asked for.
struct inspect_request {
  std::string connect;     ///< A node to ask instead of a store, "HOST:PORT".
  network_choice network;  ///< How to reach it.
  std::string store;
  std::optional<std::string> pool;
  bool json = false;
  std::size_t timeline_max = 0;  ///< Latest lines of the timeline shown; 0 for all.
};

/// Shows the pools of a store on standard output. Looks only: nothing in the store changes.
[[nodiscard]] core::outcome<void> inspect(const inspect_request& request);

/// Shows how the node is: its pools, the programs connected to it, and the nodes it knows.
[[nodiscard]] core::outcome<void> inspect_node(const inspect_request& request);

}  // namespace agentpool::tools
