#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "agentpool/sim/world.hpp"

namespace agentpool::sim {

/// What seeds to try, and how.
struct seed_plan {
  std::uint64_t first = 1;
  std::uint64_t last = 100;
  /// A seed's world; without it all have the usual options.
  std::function<world_options(std::uint64_t seed)> options = {};
  std::uint64_t failures_max = 1;  ///< Stops after so many.
};

/// What came of them.
struct seeds_tried {
  std::uint64_t seeds = 0;
  std::uint64_t steps = 0;
  std::uint64_t failed = 0;
  std::optional<std::uint64_t> failing;  ///< The first that failed.
  std::optional<violation> found;        ///< What was found there first.
  /// Names given to `world::sometimes` that no seed reached.
  std::set<std::string> never_reached;

  /// Seeds were tried, nothing was found, and all that was to happen sometimes did.
  [[nodiscard]] bool well() const { return seeds > 0 && failed == 0 && never_reached.empty(); }
};

/// Runs the program in a world of each seed until the world is idle. A world that does not come to
/// rest fails as "comes_to_rest".
[[nodiscard]] seeds_tried try_seeds(const seed_plan& plan,
                                    const std::function<void(world&)>& program);

/// One sentence: what was found and with which seed, what was never reached; empty when all is
/// well.
[[nodiscard]] std::string to_text(const seeds_tried& what);

}  // namespace agentpool::sim
