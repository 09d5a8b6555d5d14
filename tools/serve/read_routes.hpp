#pragma once

#include "front.hpp"

namespace agentpool::tools {

/// What can be read of pools, and streamed: addresses below /pools.
[[nodiscard]] std::vector<route> read_routes();

}  // namespace agentpool::tools
