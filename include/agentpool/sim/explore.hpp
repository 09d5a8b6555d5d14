#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "agentpool/sim/check.hpp"
#include "agentpool/sim/world.hpp"

/// All orders in which the actors of a small world can take their turns.
namespace agentpool::sim {

/// How far to go.
struct explore_bounds {
  std::uint64_t depth_max = 200;          ///< Steps in which orders are tried; then fifo.
  std::uint64_t deviations_max = 2;       ///< So often another than the first in line is picked.
  std::uint64_t schedules_max = 100'000;  ///< Worlds.
};

/// What was tried.
struct explored {
  std::uint64_t schedules = 0;  ///< Worlds that ran to their end.
  std::uint64_t steps = 0;      ///< Of all worlds.
  std::uint64_t cut = 0;        ///< Given up, since each way on is equal to one that was taken.
  bool complete = false;        ///< Nothing is left to try within the bounds.
  std::optional<violation> found;
  std::vector<std::uint32_t> choices;  ///< Of the world that found it, for `replay`.
};

/// Runs the program in one world after the other, in each with another order. Of orders that differ
/// only in steps that do not depend on each other one is tried: steps of different actors that send
/// to nobody in common, and do not both touch a log that engines share. That holds for agents that
/// share nothing but what they send. Tries few deviations before many, and stops at the first
/// violation.
[[nodiscard]] explored explore(std::uint64_t seed, const world_options& options,
                               const std::function<void(world&)>& program,
                               const explore_bounds& bounds = {});

}  // namespace agentpool::sim
