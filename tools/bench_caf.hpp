#pragma once

#include <chrono>
#include <cstddef>

#include "agentpool/core/pool_records.hpp"

namespace agentpool::tools {

/// What CAF alone does with a message, in messages a second, measured for about `time`.
///
/// Round trips between `pairs` pairs of actors, one message under way in each pair.
[[nodiscard]] double caf_round_trips(const core::run_message& message, std::size_t pairs,
                                     std::chrono::nanoseconds time);

/// One-way messages to `sinks` actors in turn, a bounded number under way.
[[nodiscard]] double caf_one_way(const core::run_message& message, std::size_t sinks,
                                 std::chrono::nanoseconds time);

/// Deliveries a second of an inbox entry that one actor passes to `receivers` others, as one shared
/// message; `under_way` entries at one time.
[[nodiscard]] double caf_fan_out(const core::run_message& message, std::size_t receivers,
                                 std::size_t under_way, std::chrono::nanoseconds time);

/// What one of `count` actors that do nothing takes of the heap, in bytes.
[[nodiscard]] double caf_idle_actor_bytes(std::size_t count);

}  // namespace agentpool::tools
