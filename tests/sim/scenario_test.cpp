#include <set>

#include "agentpool/sim/scenario.hpp"
#include "catch.hpp"

using namespace agentpool;

namespace {

/// A small campaign's scenario.
sim::scenario scenario(std::uint64_t seed, const std::string& workload = "all") {
  sim::campaign what;
  what.workload = workload;
  what.size = {4, 3};
  const auto made = sim::scenario_of(what, seed);
  REQUIRE(made);
  return *made;
}

/// Something that some worlds violate: a third of the lead's tasks must not be answered.
void plant(sim::world& at) {
  at.add(sim::never("no_third_reply", [](const sim::world_view& view) {
    std::size_t replies = 0;
    for (const auto& [pool, log] : view.ledgers())
      for (const auto& [id, message] : log.messages())
        replies += message.stored.message->reply_to ? 1 : 0;
    return replies >= 3;
  }));
}

}  // namespace

TEST_CASE("every workload comes to rest without faults, and nothing is violated") {
  for (const auto& each : sim::workloads()) {
    sim::campaign what;
    what.workload = each.name;
    what.faults = "none";
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const auto result = sim::run_scenario(*sim::scenario_of(what, seed));
      INFO(each.name << " seed " << seed << " " << (result.found ? result.found->what : ""));
      CHECK_FALSE(result.found);
      CHECK(result.steps > 20);
    }
  }
}

TEST_CASE("mixed faults violate nothing: the first seeds of the campaign") {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    const auto made = scenario(seed);
    const auto result = sim::run_scenario(made);
    INFO("seed " << seed << " " << (result.found ? result.found->check + result.found->what : "")
                 << " " << sim::to_json(made));
    CHECK_FALSE(result.found);
  }
}

TEST_CASE("pools that forget what is old violate nothing, and many do forget") {
  std::size_t worlds = 0;
  std::size_t forgot = 0;
  for (std::uint64_t seed = 1; worlds < 60; ++seed) {
    sim::campaign what;
    what.workload = "all";
    const auto made = *sim::scenario_of(what, seed);
    if (made.limits.retained_entries == 0) continue;
    ++worlds;
    bool forgets = false;
    sim::scenario_run how;
    how.prepare = [&](sim::world& at) {
      at.add(sim::always("looks", [&](const sim::world_view& view) {
        for (const auto& [pool, log] : view.ledgers()) forgets |= !view.forgot(0, pool).empty();
        return std::string{};
      }));
    };
    const auto result = sim::run_scenario(made, how);
    INFO("seed " << seed << " " << (result.found ? result.found->check + result.found->what : ""));
    CHECK_FALSE(result.found);
    forgot += forgets ? 1 : 0;
  }
  CHECK(forgot >= 20);
}

TEST_CASE("a scenario is read back from its JSON as it was, and runs the same") {
  const auto made = scenario(11);
  const auto read = sim::read_scenario(sim::to_json(made));
  REQUIRE(read);
  CHECK(*read == made);
  std::string first;
  std::string second;
  sim::scenario_run how;
  how.trace = [&](std::string_view line) { first.append(line).push_back('\n'); };
  CHECK(sim::run_scenario(made, how).steps > 0);
  how.trace = [&](std::string_view line) { second.append(line).push_back('\n'); };
  CHECK(sim::run_scenario(*read, how).steps > 0);
  CHECK(first.size() > 1'000);
  CHECK(first == second);
}

TEST_CASE("a scenario that makes no sense is refused with its place") {
  const auto refused = [](std::string_view json) {
    return sim::read_scenario(json).error().message;
  };
  CHECK(refused(R"({"seed":1})") == "workload: is missing");
  CHECK(refused(R"({"workload":"x","seed":1})") == "workload: there is none of that name");
  CHECK(refused(R"({"workload":"fan","seed":1,"faults":{"faults":[{"type":"crash_at_time",)"
                R"("engine":3,"at_millis":1}]}})") ==
        "faults.faults[0].engine: there are 1, counted from 0");
  CHECK(refused(R"({"workload":"fan","seed":1,"thinking":{"type":"list"}})") ==
        "thinking.micros: needs at least one time");
  CHECK(refused(R"({"workload":"fan","seed":1,"limits":{"retained_entries":9}})")
            .starts_with("limits.retained_entries: "));
  CHECK(refused(R"({"workload":"fan","seed":1,"engines":2,"limits":{"retained_entries":9,)"
                R"("checkpoint_records":4}})")
            .starts_with("limits.retained_entries: "));
}

TEST_CASE("shrinking keeps what fails and drops the rest") {
  auto what = scenario(1, "fan");
  sim::scenario_run planted;
  planted.prepare = plant;
  what.finds = "no_third_reply";
  REQUIRE(sim::run_scenario(what, planted).found);
  const auto small = sim::shrink(what, 200, planted);
  CHECK(small.smallest.faults.faults.empty());
  CHECK(small.smallest.size.runs * small.smallest.size.messages >= 3);
  CHECK(small.smallest.size.runs * small.smallest.size.messages <= 4);
  CHECK(small.smallest.engines == 1);
  const auto again = sim::run_scenario(small.smallest, planted);
  REQUIRE(again.found);
  CHECK(again.found->check == "no_third_reply");
  CHECK(sim::test_skeleton(small.smallest).find("TEST_CASE(") != std::string::npos);
}
