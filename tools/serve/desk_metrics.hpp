#pragma once

#include <memory>

#include "metrics.hpp"
#include "watched_store.hpp"
#include "watches.hpp"

namespace agentpool::tools {

/// Counts what callers of a server ask of its pools, and times it; what waits for something to
/// come is counted alone. Keep the registry as long.
[[nodiscard]] std::shared_ptr<desk_watch> count_operations(prometheus::Registry& registry);

/// Counts what a store is given to keep, whoever caused it: commits, and the messages and wakes in
/// them by what became of them. Keep the registry as long.
[[nodiscard]] std::shared_ptr<append_watch> count_appends(prometheus::Registry& registry);

}  // namespace agentpool::tools
