// Plans by seed.
#include <algorithm>
#include <array>

#include "agentpool/core/error.hpp"
#include "agentpool/sim/chance.hpp"
#include "agentpool/sim/fault_plan.hpp"

namespace agentpool::sim {

namespace {

/// Draws faults for a world of that size.
struct drawing {
  chance from;
  const fault_space& space;

  std::uint64_t engine() { return from.below(space.engines); }
  std::uint64_t append() { return 1 + from.below(space.appends); }
  std::uint64_t run() { return from.below(space.runs); }
  std::uint64_t call() { return 1 + from.below(6); }
  std::uint64_t moment() { return from.below(space.millis); }
  /// Mostly short, now and then long.
  std::uint64_t span() { return from.happens(20) ? from.below(2'000) : from.below(60); }

  fault store() {
    switch (from.below(6)) {
      case 0: return fail_append{engine(), append(), from.between(1, 3)};
      case 1: return lose_answer{engine(), append()};
      case 2: return slow_append{engine(), append(), span()};
      case 3: return full_store{engine(), moment(), span()};
      case 4: return fail_read{engine(), from.between(1, 12), from.between(1, 3)};
      default: return rival_append{engine(), append()};
    }
  }
  fault engines() {
    if (from.happens(30)) return crash_at_time{engine(), moment(), span()};
    return crash_at_append{engine(), append(), from.happens(50), span()};
  }
  fault runs() {
    switch (from.below(5)) {
      case 0: return crash_run{run(), call()};
      case 1: return hang_run{run(), call(), 1 + span()};
      case 2: return slow_run{run(), from.between(2, 20)};
      case 3: return send_twice{run()};
      default: return acknowledge_late{run(), from.between(1, 4)};
    }
  }
  fault clock() {
    const auto by = static_cast<std::int64_t>(from.between(1, 3'000));
    return jump_clock{engine(), moment(), from.happens(50) ? by : -by};
  }
  fault load() {
    if (from.happens(50)) return stop_reading{engine(), moment()};
    return burst{moment(), from.between(1, 40)};
  }
  fault network() {
    const auto node = engine();
    const auto program = from.below(space.programs);
    const auto write = from.between(1, 12 + 2 * space.runs);
    switch (from.below(14)) {
      case 0:
      case 1:
      case 2: return cut_network{node, program, early(), away()};
      case 3:
      case 4: return reset_network{node, program, early()};
      case 5: return stall_network{node, program, early(), away()};
      case 6:
      case 7: return freeze_node{node, early(), away()};
      case 8: return freeze_program{program, early(), away()};
      case 9:
      case 10: return crash_program{program, early(), away(), from.happens(20)};
      case 11: return fail_registry{node, write, from.between(1, 3)};
      case 12: return lose_registry_answer{node, write};
      default: return crash_at_registry{node, write, from.happens(50), span()};
    }
  }
  /// Mostly while the swarm is at its busiest.
  std::uint64_t early() { return from.happens(60) ? from.below(space.millis / 8 + 1) : moment(); }
  /// Shorter than a lease, longer than that, or longer than a time of grace.
  std::uint64_t away() {
    constexpr std::array<std::uint64_t, 4> most{60, 500, 2'000, 6'000};
    return from.below(most.at(from.below(most.size())));
  }
  fault any() {
    if (space.programs > 0 && from.happens(50)) return network();
    const auto kind = from.below(100);
    if (kind < 35) return store();
    if (kind < 65) return engines();
    if (kind < 85) return runs();
    return kind < 92 ? clock() : load();
  }
};

using draw = fault (drawing::*)();

struct profile {
  std::string_view name;
  draw one;  ///< Null: no faults.
};

constexpr std::array<profile, 8> profiles{{{"none", nullptr},
                                           {"store", &drawing::store},
                                           {"engine", &drawing::engines},
                                           {"runs", &drawing::runs},
                                           {"clock", &drawing::clock},
                                           {"load", &drawing::load},
                                           {"network", &drawing::network},
                                           {"mixed", &drawing::any}}};

}  // namespace

const std::vector<std::string_view>& profile_names() {
  static const auto all = [] {
    std::vector<std::string_view> names;
    names.reserve(profiles.size());
    for (const auto& each : profiles) names.push_back(each.name);
    return names;
  }();
  return all;
}

core::outcome<fault_plan> drawn_plan(std::uint64_t seed, std::string_view name,
                                     const fault_space& space) {
  const auto* const found = std::find_if(profiles.begin(), profiles.end(),
                                         [&](const auto& each) { return each.name == name; });
  if (found == profiles.end()) {
    std::string known;
    for (const auto each : profile_names())
      known += (known.empty() ? "" : ", ") + std::string{each};
    return core::contract_violation("no such fault profile; there are " + known);
  }
  fault_plan plan;
  const bool away = found->one == &drawing::network && space.programs == 0;
  if (found->one == nullptr || away) return plan;
  drawing drawn{chance::of(seed, "faults"), space};
  const auto many = drawn.from.between(1, std::max<std::size_t>(space.faults_max, 1));
  for (std::uint64_t i = 0; i < many; ++i) plan.faults.push_back((drawn.*found->one)());
  return plan;
}

}  // namespace agentpool::sim
