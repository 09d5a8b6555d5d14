#include "agentpool/sim/scenario.hpp"

#include <algorithm>

#include "agentpool/core/json_fields.hpp"
#include "agentpool/sim/chance.hpp"

namespace agentpool::sim {

namespace {

/// Notes which statuses were recorded, and after which faults.
class coverage final : public observer {
 public:
  coverage(const world& at, scenario_result& into) : world_{at}, into_{into} {}

  void on_recorded(const core::pool_id&, const core::entry_ptr& entry,
                   std::span<const core::published>) override {
    if (entry->record() == nullptr) return;
    const auto& payload = entry->record()->payload;
    std::string what{std::visit([](const auto& held) { return held.type; }, payload)};
    if (const auto* message = std::get_if<core::message_recorded>(&payload))
      what = "message " + std::string{core::to_text(message->stored.receipt.status)};
    if (const auto* wake = std::get_if<core::wake_recorded>(&payload))
      what = "wake " + std::string{core::to_text(wake->stored->registration.status)};
    into_.transitions.insert(what);
    for (const auto kind : world_.faults_met()) into_.covered.emplace(what, kind);
  }

 private:
  const world& world_;
  scenario_result& into_;
};

world_options options_of(const scenario& what) {
  world_options made;
  const auto& limits = what.limits;
  made.engines = what.nodes > 0 ? 1 : what.engines;
  made.network.nodes = what.nodes;
  made.network.programs = what.programs;
  const auto set = [](std::chrono::milliseconds& into, std::uint64_t millis) {
    if (millis > 0) into = std::chrono::milliseconds{static_cast<std::int64_t>(millis)};
  };
  set(made.network.node_limits.grace, limits.grace_millis);
  set(made.network.node_limits.lease, limits.lease_millis);
  set(made.network.client_limits.request_wait, limits.request_wait_millis);
  if (limits.registry_page > 0) made.network.node_limits.registry_page = limits.registry_page;
  made.strategy = what.strategy;
  made.faults = what.faults;
  made.thinking = what.thinking;
  made.pool_limits.recent_records = limits.recent_records;
  made.pool_limits.recent_events = limits.recent_events;
  made.limits.page_entries = limits.page_entries;
  made.limits.run_window = limits.run_window;
  made.limits.in_flight_max = limits.in_flight_max;
  made.limits.appends_max = limits.appends_max;
  made.limits.checkpoint_records = limits.checkpoint_records;
  made.limits.requests_max = limits.requests_max;
  made.limits.journal_window = limits.journal_window;
  made.limits.retained_entries = limits.retained_entries;
  made.limits.drop_records_max = limits.drop_records_max;
  made.keeps_checkpoints = limits.checkpoint_records > 0;
  // A pipeline's items pass all its runs, each of which may think for a while.
  made.time_max = std::chrono::minutes{10} +
                  std::chrono::milliseconds{100} * what.size.runs * what.size.messages;
  const bool alone =
      what.engines == 1 && what.nodes == 0 &&
      std::none_of(what.faults.faults.begin(), what.faults.faults.end(),
                   [](const fault& each) { return std::holds_alternative<rival_append>(each); });
  if (alone) made.limits.change_poll = {};
  return made;
}

}  // namespace

std::string to_json(const scenario& what) { return core::written(what); }

core::outcome<scenario> read_scenario(std::string_view json) {
  const auto tree = core::parse_json(json);
  if (!tree) return tree.error();
  auto read = core::read_json<scenario>(tree->root(), core::reading::request);
  if (!read) return read;
  if (find_workload(read->workload) == nullptr)
    return core::contract_violation("workload: there is none of that name");
  if (read->engines == 0 || read->engines > 64)
    return core::contract_violation("engines: must be from 1 to 64");
  if (read->nodes > 64) return core::contract_violation("nodes: must be at most 64");
  if (read->programs == 0 || read->programs > 64)
    return core::contract_violation("programs: must be from 1 to 64");
  const bool networked = read->nodes > 0;
  const auto stores = networked ? read->nodes : read->engines;
  if (const auto fault = fault_of(read->faults, stores, networked ? read->programs : 0);
      !fault.empty())
    return core::contract_violation("faults." + fault);
  if (const auto fault = fault_of(read->thinking); !fault.empty())
    return core::contract_violation("thinking." + fault);
  const auto& limits = read->limits;
  if (limits.retained_entries > 0 && (stores > 1 || limits.checkpoint_records == 0))
    return core::contract_violation(
        "limits.retained_entries: one engine shortens a log, and with checkpoints alone");
  return read;
}

scenario_result run_scenario(const scenario& what, const scenario_run& how) {
  auto options = options_of(what);
  options.choices = how.choices;
  options.trace = how.trace;
  options.steps_max = how.steps_max;
  scenario_result result;
  world at{what.seed, options};
  coverage covers{at, result};
  at.add(covers);
  if (how.prepare) how.prepare(at);
  find_workload(what.workload)->set_up(at, what.size);
  result.end = at.run();
  at.close();
  result.found = found_in(at, result.end);
  result.steps = at.steps();
  result.elapsed = at.elapsed();
  result.faults_met = at.faults_met();
  result.choices = at.choices();
  return result;
}

explored explore_scenario(const scenario& what, const explore_bounds& bounds) {
  const auto set_up = [&](world& at) { find_workload(what.workload)->set_up(at, what.size); };
  return explore(what.seed, options_of(what), set_up, bounds);
}

// ---- by seed ----------------------------------------------------------------------------------

namespace {

latency_law drawn_thinking(chance& from) {
  switch (from.below(4)) {
    case 0: return constant_latency{0};
    case 1: return uniform_latency{0, from.between(1, 40'000)};
    case 2: return lognormal_latency{from.between(1, 8'000), from.between(20, 150)};
    default: return listed_latency{{0, from.between(0, 30'000), 500}};
  }
}

/// Often the engine's own, else so small that everything has to be read again.
scenario_limits drawn_limits(chance& from) {
  scenario_limits limits;
  if (from.happens(50)) limits.recent_records = limits.recent_events = from.between(2, 40);
  if (from.happens(40)) limits.page_entries = from.between(1, 20);
  if (from.happens(40)) limits.run_window = from.between(1, 4);
  if (from.happens(30)) limits.in_flight_max = from.between(1, 8);
  if (from.happens(30)) limits.appends_max = from.between(1, 4);
  if (from.happens(40)) limits.checkpoint_records = from.between(4, 60);
  return limits;
}

/// Queues so short that they are full; of a stream of its own, so that what else a seed draws
/// stays.
void draw_queues(std::uint64_t seed, scenario_limits& limits) {
  auto from = chance::of(seed, "queues");
  if (from.happens(25)) limits.requests_max = from.between(1, 8);
  if (from.happens(25)) limits.journal_window = from.between(1, 16);
}

/// Numbers of its own, so that a seed draws all else as it always did.
void draw_retention(scenario& into, std::uint64_t seed) {
  auto from = chance::of(seed, "retention");
  auto& limits = into.limits;
  const bool may = std::max(into.engines, into.nodes) == 1 && limits.checkpoint_records > 0 &&
                   !find_workload(into.workload)->whole_log;
  if (!may || !from.happens(60)) return;
  limits.retained_entries = from.between(4, 80);
  limits.drop_records_max = from.between(1, 20);
}

/// Programs, and times that are short or long beside each other. A time of grace is several leases
/// long, as nodes have to be set up: so long two of them may believe that a pool is theirs.
void draw_network(std::uint64_t seed, std::uint64_t programs, scenario& into) {
  auto from = chance::of(seed, "network");
  into.programs = programs > 0 ? programs : from.between(1, 3);
  auto& limits = into.limits;
  if (from.happens(40)) limits.lease_millis = from.between(60, 1'000);
  const auto lease = limits.lease_millis > 0 ? limits.lease_millis : 300;
  if (from.happens(40) || 3 * lease > 1'500) limits.grace_millis = 3 * lease + from.below(3'000);
  if (from.happens(40)) limits.request_wait_millis = from.between(100, 6'000);
  if (from.happens(30)) limits.registry_page = from.between(1, 4);
}

}  // namespace

core::outcome<scenario> scenario_of(const campaign& what, std::uint64_t seed) {
  auto from = chance::of(seed, "scenario");
  scenario made;
  made.workload = what.workload;
  if (what.workload == "all") made.workload = workloads()[seed % workloads().size()].name;
  if (find_workload(made.workload) == nullptr) {
    std::string known = "all";
    for (const auto& each : workloads()) known += ", " + std::string{each.name};
    return core::contract_violation("no such workload; there are " + known);
  }
  made.size = what.size;
  made.seed = seed;
  made.engines = what.engines > 0 ? what.engines : 1 + (from.happens(35) ? 1 : 0);
  const auto drawn = from.below(10);
  made.strategy.kind = drawn < 6   ? strategy_kind::random
                       : drawn < 9 ? strategy_kind::pct
                                   : strategy_kind::fifo;
  made.strategy.depth = from.between(2, 6);
  made.strategy.steps_expected = 100 * what.size.runs * what.size.messages;
  if (what.strategy) made.strategy.kind = *what.strategy;
  made.thinking = drawn_thinking(from);
  made.limits = drawn_limits(from);
  draw_queues(seed, made.limits);
  if (what.nodes > 0) {
    made.engines = 1;
    made.nodes = what.nodes;
    draw_network(seed, what.programs, made);
  }
  if (what.retention) draw_retention(made, seed);
  if (what.plan) {
    made.faults = *what.plan;
    return made;
  }
  fault_space space;
  space.engines = std::max(made.engines, made.nodes);
  space.programs = made.nodes > 0 ? made.programs : 0;
  space.runs = what.size.runs;
  space.appends = 4 * what.size.runs * what.size.messages;
  space.millis = (made.nodes > 0 ? 200 : 60) * what.size.messages;
  space.faults_max = 5;
  auto plan = drawn_plan(seed, what.faults, space);
  if (!plan) return plan.error();
  made.faults = std::move(*plan);
  return made;
}

std::string test_skeleton(const scenario& what) {
  return "#include \"agentpool/sim/scenario.hpp\"\n"
         "#include \"catch.hpp\"\n\n"
         "using namespace agentpool;\n\n"
         "TEST_CASE(\"" +
         what.workload + " keeps what " + what.finds + " checks\") {\n" +
         "  const auto read = sim::read_scenario(R\"json(" + to_json(what) + ")json\");\n" +
         "  REQUIRE(read);\n"
         "  const auto result = sim::run_scenario(*read);\n"
         "  INFO((result.found ? result.found->what : \"\"));\n"
         "  CHECK_FALSE(result.found);\n"
         "}\n";
}

}  // namespace agentpool::sim
