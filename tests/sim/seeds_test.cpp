#include "agentpool/sim/seeds.hpp"

#include "catch.hpp"
#include "kit.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

/// A run that comes after a drawn time, at most ten milliseconds.
void late_run(sim::world& at) {
  at.open(pool());
  register_agent(at, "late", [](scripted_agent&) {});
  at.after(1ms * at.draws().below(10), [&at] { start(at, "late", "late"); });
}

std::size_t members(const sim::world_view& view) {
  const auto found = view.ledgers().find(pool());
  return found == view.ledgers().end() ? 0 : found->second.members().members().size();
}

}  // namespace

TEST_CASE("what must happen sometimes has to be reached by one of the seeds, not by each") {
  const auto program = [](sim::world& at) {
    late_run(at);
    at.sometimes("early",
                 [&](const auto& view) { return members(view) == 1 && at.elapsed() < 2ms; });
    at.sometimes("late",
                 [&](const auto& view) { return members(view) == 1 && at.elapsed() > 7ms; });
  };
  const auto one = sim::try_seeds({1, 1, {}}, program);
  CHECK(one.seeds == 1);
  CHECK_FALSE(one.never_reached.empty());
  CHECK_FALSE(one.well());
  CHECK(sim::to_text(one).find("never reached: ") != std::string::npos);
  const auto many = sim::try_seeds({1, 100, {}}, program);
  CHECK(many.seeds == 100);
  CHECK(many.well());
  CHECK(sim::to_text(many).empty());
}

TEST_CASE("trying seeds stops at the first that fails, and says which") {
  const auto program = [](sim::world& at) {
    late_run(at);
    at.add(sim::never(
        "in_time", [&at](const auto& view) { return members(view) == 1 && at.elapsed() > 7ms; }));
  };
  const auto tried = sim::try_seeds({1, 100, {}}, program);
  REQUIRE(tried.failing);
  CHECK(tried.seeds == *tried.failing);
  CHECK(tried.found->check == "in_time");
  CHECK(sim::to_text(tried).find("seed " + std::to_string(*tried.failing)) == 0);
  const auto again = sim::try_seeds({*tried.failing, *tried.failing, {}}, program);
  CHECK(again.failing == tried.failing);
  const auto more = sim::try_seeds({1, 100, {}, 3}, program);
  CHECK(more.failed == 3);
  CHECK(more.failing == tried.failing);
}

TEST_CASE("a world that does not come to rest is a failure of its seed") {
  sim::seed_plan plan{1, 1, {}};
  plan.options = [](std::uint64_t) {
    sim::world_options short_lived;
    short_lived.steps_max = 3;
    return short_lived;
  };
  const auto tried = sim::try_seeds(plan, [](sim::world& at) { at.open(pool()); });
  REQUIRE(tried.found);
  CHECK(tried.found->check == "comes_to_rest");
}
