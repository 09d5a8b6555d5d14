#pragma once

#include "front.hpp"
#include "watched_store.hpp"

namespace agentpool::tools {

/// How the server is: /healthz and /readyz. With pools at nodes `health` is told nothing.
[[nodiscard]] std::vector<route> state_routes(const std::shared_ptr<store_health>& health);

}  // namespace agentpool::tools
