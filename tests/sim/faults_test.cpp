#include <set>
#include <string>
#include <vector>

#include "agentpool/sim/fault_plan.hpp"
#include "catch.hpp"
#include "kit.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

/// Two runs talk under these faults, and the world comes to rest without a violation.
struct survived {
  sim::world at;

  explicit survived(std::vector<sim::fault> faults, std::uint64_t seed = 1, std::size_t engines = 1)
      : at{seed, options(std::move(faults), engines)} {
    ping_pong(at, 5);
    CHECK(at.run() == sim::world_end::idle);
    for (const auto& each : at.violations()) FAIL_CHECK(each.check + ": " + each.what);
  }

  static sim::world_options options(std::vector<sim::fault> faults, std::size_t engines) {
    sim::world_options made;
    made.faults.faults = std::move(faults);
    made.engines = engines;
    made.thinking = sim::constant_latency{2'000};
    return made;
  }
  [[nodiscard]] bool met(std::string_view name) const {
    for (const auto kind : at.faults_met())
      if (sim::fault_names()[kind] == name) return true;
    return false;
  }
  [[nodiscard]] std::size_t messages() const {
    return at.view().ledgers().at(pool()).messages().size();
  }
};

}  // namespace

TEST_CASE("runs get over an engine that dies before an append or after it") {
  for (std::uint64_t append = 1; append <= 20; ++append)
    for (const bool durable : {false, true}) {
      survived all{{sim::crash_at_append{0, append, durable, 10}}, append};
      CHECK(all.met("crash_at_append"));
      CHECK(all.messages() >= 2);
    }
}

TEST_CASE("runs get over an engine that dies at a time") {
  survived all{{sim::crash_at_time{0, 5, 100}, sim::crash_at_time{0, 120, 0}}};
  CHECK(all.met("crash_at_time"));
  CHECK(all.messages() >= 2);
}

TEST_CASE("runs get over appends that fail, lose their answer, are slow or meet a rival") {
  for (std::uint64_t append = 3; append <= 16; append += 3) {
    CHECK(survived{{sim::fail_append{0, append, 2}}}.messages() >= 2);
    CHECK(survived{{sim::lose_answer{0, append}}}.messages() >= 2);
    CHECK(survived{{sim::slow_append{0, append, 300}}}.messages() >= 2);
    survived rivals{{sim::rival_append{0, append}}};
    CHECK(rivals.messages() >= 2);
    CHECK(rivals.at.view().ledgers().at(pool()).members().members().size() == 1);
  }
}

TEST_CASE("runs get over a store that is full for a while, and reads that fail") {
  survived full{{sim::full_store{0, 3, 500}}};
  CHECK(full.met("full_store"));
  CHECK(full.messages() >= 2);
  survived unread{{sim::fail_read{0, 1, 3}}};
  CHECK(unread.met("fail_read"));
  CHECK(unread.messages() >= 2);
}

TEST_CASE("two engines on one store do not lose or repeat anything") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) CHECK(survived{{}, seed, 2}.messages() == 10);
}

TEST_CASE("a run that throws is started again and goes on where its inbox is") {
  survived all{{sim::crash_run{0, 3}}};
  CHECK(all.met("crash_run"));
  CHECK(all.at.view().runs()[0].life.life == 2);
}

TEST_CASE("a run that hangs keeps its messages until it goes on") {
  survived all{{sim::hang_run{0, 3, 1'000}}};
  CHECK(all.met("hang_run"));
  CHECK(all.at.elapsed() > 1s);
  CHECK(all.messages() == 10);
}

TEST_CASE("a run that sends twice or acknowledges late does no harm") {
  CHECK(survived{{sim::send_twice{0}, sim::send_twice{1}}}.messages() == 10);
  survived late{{sim::acknowledge_late{0, 2}, sim::acknowledge_late{1, 2}}};
  CHECK(late.met("acknowledge_late"));
  CHECK(late.messages() == 10);
}

TEST_CASE("a clock that jumps and a burst of messages do no harm") {
  survived jumped{{sim::jump_clock{0, 4, 60'000}, sim::jump_clock{0, 9, -90'000}}};
  CHECK(jumped.met("jump_clock"));
  survived flooded{{sim::burst{4, 100}}};
  CHECK(flooded.met("burst"));
  CHECK(flooded.messages() == 110);
}

TEST_CASE("a plan is read back from its JSON as it was") {
  const auto plan = sim::drawn_plan(7, "mixed", {2, 4, 100, 1'000, 40});
  REQUIRE(plan);
  CHECK(plan->faults.size() > 1);
  const auto read = sim::read_plan(sim::to_json(*plan));
  REQUIRE(read);
  CHECK(*read == *plan);
}

TEST_CASE("a seed and a profile always give the same plan, and every kind is drawn by some seed") {
  std::set<std::string_view> drawn;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const auto plan = sim::drawn_plan(seed, "mixed", {2, 4, 100, 1'000, 4});
    REQUIRE(plan);
    CHECK(*sim::drawn_plan(seed, "mixed", {2, 4, 100, 1'000, 4}) == *plan);
    CHECK(sim::fault_of(*plan, 2).empty());
    for (const auto& each : plan->faults) drawn.insert(sim::name_of(each));
    const auto networked = sim::drawn_plan(seed, "mixed", {2, 4, 100, 1'000, 4, 2});
    REQUIRE(networked);
    CHECK(sim::fault_of(*networked, 2, 2).empty());
    for (const auto& each : networked->faults) drawn.insert(sim::name_of(each));
  }
  CHECK(drawn.size() == sim::fault_kinds);
}

TEST_CASE("a plan that makes no sense is refused with its place") {
  const auto refused = [](std::string_view json) { return sim::read_plan(json).error().message; };
  CHECK(refused(R"({"faults":[{"type":"fail_append","append":1},{"type":"nonsense"}]})") ==
        "faults[1].type: is not a known value");
  CHECK(refused(R"({"faults":[{"type":"slow_append","append":2}]})") ==
        "faults[0].millis: is missing");
  CHECK(refused(R"({"faults":[{"type":"lose_answer","append":-1}]})").find("faults[0].append: ") ==
        0);
  CHECK_FALSE(sim::read_plan("nonsense").ok());
  CHECK(sim::fault_of({{sim::fail_append{0, 0, 1}}}, 1) == "faults[0].append: counts from 1");
  CHECK(sim::drawn_plan(1, "nonsense", {}).error().message.find("no such fault profile") == 0);
}
