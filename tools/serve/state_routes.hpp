#pragma once

#include "front.hpp"

namespace agentpool::tools {

/// How the server is: /healthz and /readyz.
[[nodiscard]] std::vector<route> state_routes();

}  // namespace agentpool::tools
