#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/sim/explore.hpp"
#include "agentpool/sim/fault_plan.hpp"
#include "agentpool/sim/latency.hpp"
#include "agentpool/sim/strategy.hpp"
#include "agentpool/sim/workload.hpp"
#include "agentpool/sim/world.hpp"

/// A world and what happens in it as data: written down, it can be run again anywhere.
namespace agentpool::sim {

/// Bounds of engines and pools that decide which ways through the code are taken.
struct scenario_limits {
  std::uint64_t recent_records = 4'096;
  std::uint64_t recent_events = 4'096;
  std::uint64_t page_entries = 1'000;
  std::uint64_t run_window = 64;
  std::uint64_t in_flight_max = 4'096;
  std::uint64_t appends_max = 2;
  std::uint64_t checkpoint_records = 0;  ///< 0: the store keeps no checkpoints.
  std::uint64_t requests_max = 16'384;
  std::uint64_t journal_window = 8'192;
  std::uint64_t retained_entries = 0;  ///< 0: all. Else with one engine, and checkpoints.
  std::uint64_t drop_records_max = 2'048;
  // Of nodes and programs; 0: as `quick_node_limits` and `quick_client_limits` say.
  std::uint64_t grace_millis = 0;
  std::uint64_t lease_millis = 0;
  std::uint64_t request_wait_millis = 0;
  std::uint64_t registry_page = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    using core::presence;
    visit("recent_records", self.recent_records, presence::defaulted);
    visit("recent_events", self.recent_events, presence::defaulted);
    visit("page_entries", self.page_entries, presence::defaulted);
    visit("run_window", self.run_window, presence::defaulted);
    visit("in_flight_max", self.in_flight_max, presence::defaulted);
    visit("appends_max", self.appends_max, presence::defaulted);
    visit("checkpoint_records", self.checkpoint_records, presence::defaulted);
    visit("requests_max", self.requests_max, presence::defaulted);
    visit("journal_window", self.journal_window, presence::defaulted);
    visit("retained_entries", self.retained_entries, presence::defaulted);
    visit("drop_records_max", self.drop_records_max, presence::defaulted);
    visit("grace_millis", self.grace_millis, presence::defaulted);
    visit("lease_millis", self.lease_millis, presence::defaulted);
    visit("request_wait_millis", self.request_wait_millis, presence::defaulted);
    visit("registry_page", self.registry_page, presence::defaulted);
  }
  friend bool operator==(const scenario_limits&, const scenario_limits&) = default;
};

/// Everything that decides what happens in a world of one of our workloads.
struct scenario {
  std::string workload;
  workload_size size;
  std::uint64_t engines = 1;  ///< Without nodes.
  std::uint64_t nodes = 0;    ///< 0: there is no network.
  std::uint64_t programs = 1;
  std::uint64_t seed = 1;
  strategy_plan strategy;
  latency_law thinking;
  fault_plan faults;
  scenario_limits limits;
  std::string finds;  ///< The check that it violates; empty: none, or not known.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    using core::presence;
    visit("workload", self.workload);
    visit("size", self.size, presence::defaulted);
    visit("engines", self.engines, presence::defaulted);
    visit("nodes", self.nodes, presence::defaulted);
    visit("programs", self.programs, presence::defaulted);
    visit("seed", self.seed);
    visit("strategy", self.strategy, presence::defaulted);
    visit("thinking", self.thinking, presence::defaulted);
    visit("faults", self.faults, presence::defaulted);
    visit("limits", self.limits, presence::defaulted);
    visit("finds", self.finds, presence::defaulted);
  }
  friend bool operator==(const scenario&, const scenario&) = default;
};

/// The scenario as compact JSON.
[[nodiscard]] std::string to_json(const scenario& what);
/// Reads one and checks that it makes sense. The error is a contract violation that begins with the
/// place.
[[nodiscard]] core::outcome<scenario> read_scenario(std::string_view json);

/// What came of running one.
struct scenario_result {
  world_end end = world_end::idle;
  std::optional<violation> found;  ///< The first.
  std::uint64_t steps = 0;
  std::chrono::microseconds elapsed{0};
  std::set<std::size_t> faults_met;
  std::set<std::string> transitions;  ///< "message accepted", "wake triggered": what was recorded.
  std::set<std::pair<std::string, std::size_t>> covered;  ///< Those, after a fault of that kind.
  std::vector<std::uint32_t> choices;                     ///< If they were to be remembered.
};

/// How to run one.
struct scenario_run {
  bool choices = false;                              ///< Remember every pick.
  std::function<void(std::string_view)> trace = {};  ///< Gets the trace.
  std::function<void(world&)> prepare = {};          ///< Called before the swarm begins.
  std::uint64_t steps_max = 300'000;
};

/// Runs it until its world is idle, or something is found.
[[nodiscard]] scenario_result run_scenario(const scenario& what, const scenario_run& how = {});

/// Tries every order of a small scenario within the bounds, whatever its strategy is; how the one
/// that violates something is run again stands in `choices`.
[[nodiscard]] explored explore_scenario(const scenario& what, const explore_bounds& bounds);

/// What seeds have in common.
struct campaign {
  std::string workload = "chat";  ///< Or "all": they take turns.
  workload_size size;
  std::uint64_t engines = 0;                   ///< 0: one or two, by the seed.
  std::uint64_t nodes = 0;                     ///< In place of engines; 0: no network.
  std::uint64_t programs = 0;                  ///< With nodes; 0: one to three, by the seed.
  std::string faults = "mixed";                ///< A profile.
  std::optional<fault_plan> plan = {};         ///< Instead of what a profile gives.
  std::optional<strategy_kind> strategy = {};  ///< None: by the seed.
  bool retention = true;                       ///< Some pools keep the end of their log alone.
};

/// The scenario of a seed. An unknown workload or profile is a contract violation.
[[nodiscard]] core::outcome<scenario> scenario_of(const campaign& what, std::uint64_t seed);

/// A smaller scenario that violates the same check, found by trying at most so many. The scenario
/// must violate one, run as `how` says.
struct shrunk {
  scenario smallest;
  std::uint64_t tried = 0;
  std::uint64_t steps = 0;  ///< Of the smallest.
};
[[nodiscard]] shrunk shrink(const scenario& what, std::uint64_t tries_max = 400,
                            const scenario_run& how = {});

/// A test case in C++ that runs the scenario and expects that nothing is found.
[[nodiscard]] std::string test_skeleton(const scenario& what);

}  // namespace agentpool::sim
