#pragma once

#include <memory>
#include <string>

#include "metrics.hpp"
#include "watches.hpp"

namespace agentpool::tools {

/// Counts and times the requests to one address: by status, from the end of a request to its
/// answer, or to the beginning of one that is written bit by bit. `route` is the pattern, never a
/// path. Keep the registry as long.
[[nodiscard]] std::shared_ptr<route_watch> count_route(prometheus::Registry& registry,
                                                       const std::string& method,
                                                       const std::string& route);

}  // namespace agentpool::tools
