#pragma once

#include "agentpool/core/outcome.hpp"
#include "bench_parts.hpp"

namespace agentpool::tools {

/// Milliseconds from the signal to the node that has the pool until a send is answered by another
/// node on the same SQLite file.
[[nodiscard]] core::outcome<double> failover_millis(const bench_effort& effort, int signal);

}  // namespace agentpool::tools
