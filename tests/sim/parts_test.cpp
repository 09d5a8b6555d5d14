// Chance, latency, strategies, and the order of the whole.
#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "agentpool/sim/chance.hpp"
#include "agentpool/sim/explore.hpp"
#include "agentpool/sim/latency.hpp"
#include "agentpool/sim/strategy.hpp"
#include "catch.hpp"
#include "kit.hpp"

using namespace agentpool;
using namespace agentpool::testing;

TEST_CASE("a seed's numbers are the same everywhere: these") {
  sim::chance one{1};
  CHECK(one.next() == 12966619160104079557U);
  CHECK(one.next() == 9600361134598540522U);
  CHECK(sim::chance::of(1, "a").next() != sim::chance::of(1, "b").next());
}

TEST_CASE("numbers below a bound are all met, and none beyond it") {
  sim::chance from{3};
  std::map<std::uint64_t, int> met;
  for (int i = 0; i < 7'000; ++i) ++met[from.below(7)];
  REQUIRE(met.size() == 7);
  for (const auto& [number, times] : met) CHECK((times > 800 && times < 1'200));
  CHECK(from.below(0) == 0);
}

TEST_CASE("latency laws give what they say") {
  using std::chrono::microseconds;
  sim::latency even{sim::uniform_latency{10, 20}, sim::chance{1}};
  for (int i = 0; i < 100; ++i) {
    const auto time = even.next();
    CHECK((time >= microseconds{10} && time <= microseconds{20}));
  }
  sim::latency listed{sim::listed_latency{{3, 5}}, sim::chance{1}};
  CHECK(listed.next() == microseconds{3});
  CHECK(listed.next() == microseconds{5});
  CHECK(listed.next() == microseconds{3});
}

TEST_CASE("a lognormal latency has its median, and a long tail") {
  sim::latency skew{sim::lognormal_latency{1'000, 100}, sim::chance{1}};
  std::vector<std::int64_t> times;
  for (int i = 0; i < 10'001; ++i) times.push_back(skew.next().count());
  std::sort(times.begin(), times.end());
  CHECK((times[5'000] > 950 && times[5'000] < 1'050));
  CHECK((times[8'413] > 2'500 && times[8'413] < 2'950));  // One deviation above: e times as much.
  CHECK((times[1'587] > 340 && times[1'587] < 400));
  CHECK(times.back() > 15'000);
}

TEST_CASE("a law that makes no sense is refused") {
  CHECK(sim::fault_of(sim::uniform_latency{2, 1}) == "least_micros: is more than most_micros");
  CHECK(sim::fault_of(sim::listed_latency{}) == "micros: needs at least one time");
  CHECK(sim::fault_of(sim::constant_latency{}).empty());
}

TEST_CASE("pct runs the highest priority until a change, and lowers it then") {
  sim::strategy_plan plan;
  plan.kind = sim::strategy_kind::pct;
  plan.depth = 2;
  plan.steps_expected = 10;
  const std::vector<sim::runnable> ready{{1}, {2}, {3}};
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto pct = sim::make_strategy(plan, seed);
    std::vector<std::size_t> picks;
    for (int i = 0; i < 20; ++i) picks.push_back(pct->pick(ready));
    std::size_t changes = 0;
    for (std::size_t i = 1; i < picks.size(); ++i) changes += picks[i] != picks[i - 1] ? 1 : 0;
    CHECK(changes <= 1);
  }
}

namespace {

/// Two runs that are asked for at once; whose join comes first is open.
void two_joins(sim::world& at, std::set<std::string>& orders) {
  at.open(pool());
  register_agent(at, "quiet", [](scripted_agent&) {});
  start(at, "a", "quiet");
  start(at, "b", "quiet");
  at.run();
  std::string order;
  for (const auto& entry : at.view().ledgers().at(pool()).entries())
    if (entry->record() != nullptr)
      if (const auto* joined = std::get_if<core::member_joined>(&entry->record()->payload))
        order += joined->member.run_id.text() + " ";
  orders.insert(order);
}

}  // namespace

TEST_CASE("exploring finds both orders of what is decided by a race, and ends") {
  std::set<std::string> orders;
  sim::explore_bounds bounds;
  bounds.deviations_max = 1;
  sim::world_options options;
  options.readers = false;
  const auto all = sim::explore(
      1, options, [&](sim::world& at) { two_joins(at, orders); }, bounds);
  CHECK(all.complete);
  CHECK_FALSE(all.found);
  CHECK(orders == std::set<std::string>{"run.a run.b ", "run.b run.a "});
  CHECK(all.schedules < 2'000);
}

TEST_CASE("exploring finds a planted race and gives the picks that lead to it") {
  const auto program = [](sim::world& at) {
    std::set<std::string> orders;
    at.add(sim::never("b_first", [](const sim::world_view& view) {
      const auto found = view.ledgers().find(pool());
      if (found == view.ledgers().end()) return false;
      const auto& members = found->second.members();
      return members.member(core::run_id{"run.b"}) != nullptr &&
             members.member(core::run_id{"run.a"}) == nullptr;
    }));
    two_joins(at, orders);
  };
  sim::world_options options;
  options.readers = false;
  const auto all = sim::explore(1, options, program);
  REQUIRE(all.found);
  CHECK(all.found->check == "b_first");
  sim::world_options again;
  again.readers = false;
  again.strategy.kind = sim::strategy_kind::replay;
  again.strategy.choices = all.choices;
  sim::world at{1, again};
  program(at);
  CHECK_FALSE(at.violations().empty());
}

TEST_CASE("user checks: always, never, eventually, sometimes") {
  sim::world at{1};
  at.add(sim::eventually("ten_messages", 10min, [](const sim::world_view& view) {
    const auto found = view.ledgers().find(pool());
    return found != view.ledgers().end() && found->second.messages().size() == 10;
  }));
  at.sometimes("a_reply", [](const sim::world_view& view) {
    const auto found = view.ledgers().find(pool());
    return found != view.ledgers().end() && found->second.messages().size() >= 2;
  });
  at.sometimes("never_so", [](const sim::world_view&) { return false; });
  ping_pong(at, 5);
  CHECK(at.run() == sim::world_end::idle);
  CHECK(at.reached() == std::set<std::string>{"a_reply"});
  sim::world late{1};
  late.add(sim::eventually("never_so", 1ms, [](const sim::world_view&) { return false; }));
  late.add(sim::always("few_steps", [](const sim::world_view& view) {
    return view.step() > 1'000'000 ? std::string{"many"} : std::string{};
  }));
  ping_pong(late, 5);
  CHECK(late.run() == sim::world_end::violated);
  REQUIRE_FALSE(late.violations().empty());
  CHECK(late.violations()[0].check == "never_so");
}
