#pragma once

#include <chrono>
#include <cstddef>

#include "agentpool/core/outcome.hpp"
#include "agentpool/core/pool_records.hpp"

namespace agentpool::tools {

/// What CAF's middleman alone does between two systems of actors over loopback, in the clear and
/// unchecked, in messages a second, measured for about `time`.
///
/// Requests with a receipt as the answer, so many under way.
[[nodiscard]] core::outcome<double> caf_remote_round_trips(const core::run_message& message,
                                                           std::size_t in_flight,
                                                           std::chrono::nanoseconds time);

/// One-way messages with an inbox entry, a bounded number under way.
[[nodiscard]] core::outcome<double> caf_remote_one_way(const core::run_message& message,
                                                       std::chrono::nanoseconds time);

}  // namespace agentpool::tools
