// Worlds whose engines are nodes, and whose runs live in programs.
#include <set>
#include <string>

#include "agentpool/sim/scenario.hpp"
#include "catch.hpp"
#include "fake_view.hpp"
#include "kit.hpp"
#include "sim/checks/checks.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

sim::world_options networked(std::size_t nodes, std::size_t programs) {
  sim::world_options options;
  options.network.nodes = nodes;
  options.network.programs = programs;
  return options;
}

sim::scenario scenario(std::uint64_t seed, const std::string& faults, std::uint64_t nodes = 2) {
  sim::campaign what;
  what.workload = "all";
  what.faults = faults;
  what.nodes = nodes;
  const auto made = sim::scenario_of(what, seed);
  REQUIRE(made);
  return *made;
}

void expect_nothing(const sim::scenario& what) {
  const auto result = sim::run_scenario(what);
  INFO(what.workload << " seed " << what.seed << " "
                     << (result.found ? result.found->check + ": " + result.found->what : ""));
  CHECK_FALSE(result.found);
}

/// A world in which one program has a pool at a node.
class networked_view final : public fake_view {
 public:
  using fake_view::fake_view;

  sim::attendant program{0, pool(), {}, true};
  std::chrono::microseconds time{0};

  [[nodiscard]] std::size_t sites() const override { return 2; }
  [[nodiscard]] std::vector<sim::attendant> attendants() const override { return {program}; }
  [[nodiscard]] std::chrono::milliseconds grace() const override { return 100ms; }
  [[nodiscard]] std::chrono::microseconds elapsed() const override { return time; }

  void pass(std::chrono::microseconds by) {
    time += by;
    check->on_time();
  }
  void ask(core::command what, bool at_node = false) {
    sim::request_seen asked;
    asked.pool = pool();
    asked.ask = std::move(what);
    asked.at_node = at_node;
    check->on_asked(asked);
  }
  /// `run.a` joins through the program, which acts for it.
  void join() {
    ask(core::join_run{member("a")});
    open_with({"a"});
    program.runs = {core::run_id{"run.a"}};
  }
};

}  // namespace

TEST_CASE("runs in two programs talk through two nodes, and the world comes to rest") {
  sim::world at{7, networked(2, 2)};
  ping_pong(at, 5);
  CHECK(at.run() == sim::world_end::idle);
  REQUIRE(at.violations().empty());
  CHECK(at.view().engines() == 2);
  CHECK(at.view().sites() == 4);
  CHECK(at.view().ledgers().at(pool()).messages().size() == 10);
}

TEST_CASE("the same seed gives the same world over a network") {
  auto options = networked(2, 2);
  options.faults = {{sim::reset_network{0, 1, 5}, sim::crash_program{1, 20, 300, false},
                     sim::freeze_node{0, 30, 900}, sim::crash_at_time{1, 400, 50}}};
  CHECK(sim::run_twice(3, options, [](sim::world& at) {
          ping_pong(at, 20);
          at.run();
        }).empty());
}

TEST_CASE("a node's death is survived, and its runs stay where they live") {
  sim::world at{5, networked(1, 1)};
  ping_pong(at, 20);
  at.after(2ms, [&] { at.crash_node(0, 300ms); });
  CHECK(at.run() == sim::world_end::idle);
  REQUIRE(at.violations().empty());
  for (const auto& run : at.view().runs()) {
    CHECK(run.status == actors::run_status::completed);
    CHECK(run.life.life == 1);
  }
}

TEST_CASE("a program that comes back within its time of grace has its runs again") {
  sim::world at{5, networked(1, 2)};
  at.open(pool());
  register_agent(at, "quiet", [](scripted_agent&) {});
  start(at, "a", "quiet");
  at.run_for(20ms);
  at.crash(0, 500ms);
  at.run();
  REQUIRE(at.violations().empty());
  CHECK(at.view().runs()[0].life.life == 2);
  CHECK(at.view().runs()[0].status == actors::run_status::running);
  std::size_t left = 0;
  for (const auto& entry : at.view().ledgers().at(pool()).entries())
    if (entry->record() != nullptr &&
        std::holds_alternative<core::member_left>(entry->record()->payload))
      ++left;
  CHECK(left == 0);
}

TEST_CASE("a program that is away for longer than its time of grace has lost its runs") {
  auto options = networked(1, 2);
  options.faults = {{sim::cut_network{0, 0, 20, 4'000}}};
  sim::world at{5, options};
  at.open(pool());
  register_agent(at, "quiet", [](scripted_agent&) {});
  start(at, "a", "quiet");
  at.run_for(3s);
  const auto& log = at.view().ledgers().at(pool());
  CHECK(log.members().member(core::run_id{"run.a"}) == nullptr);
  at.run();
  CHECK(at.violations().empty());
}

TEST_CASE("every workload comes to rest over a network, and nothing is violated") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) expect_nothing(scenario(seed, "none"));
}

TEST_CASE("mixed faults violate nothing over a network: the first seeds of the campaign") {
  for (std::uint64_t seed = 1; seed <= 120; ++seed) expect_nothing(scenario(seed, "mixed"));
}

TEST_CASE("faults of the network violate nothing, with one node and with three") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed)
    expect_nothing(scenario(seed, "network", seed % 2 == 0 ? 1 : 3));
}

TEST_CASE("a scenario over a network is read back from its JSON as it was") {
  const auto made = scenario(11, "network");
  const auto read = sim::read_scenario(sim::to_json(made));
  REQUIRE(read);
  CHECK(*read == made);
}

TEST_CASE("a scenario of before there were nodes is still read") {
  const auto read = sim::read_scenario(
      R"({"workload":"fan","size":{"runs":2,"messages":1},"engines":2,"seed":4})");
  REQUIRE(read);
  CHECK(read->nodes == 0);
  CHECK_FALSE(sim::run_scenario(*read).found);
}

TEST_CASE("faults of a network need one") {
  const sim::fault_plan plan{{sim::cut_network{1, 0, 0, 1}}};
  CHECK(sim::fault_of(plan, 2) == "faults[0].type: needs a world with nodes and programs");
  CHECK(sim::fault_of(plan, 1, 1) == "faults[0].node: there are 1, counted from 0");
  CHECK(sim::fault_of(plan, 2, 1).empty());
  CHECK(sim::fault_of({{sim::fail_registry{0, 0, 1}}}, 1, 1) == "faults[0].write: counts from 1");
  CHECK(sim::drawn_plan(1, "network", {})->faults.empty());
  CHECK_THROWS_AS((sim::world{1,
                              [&] {
                                sim::world_options options;
                                options.faults = plan;
                                return options;
                              }()}),
                  std::invalid_argument);
}

TEST_CASE("attendance: nobody within its time of grace is sent away") {
  networked_view early{sim::checks::attendance()};
  early.join();
  early.pass(1s);
  early.program.reaches = false;
  early.pass(99ms);
  early.record(core::member_left{fake_view::member("a")});
  CHECK(early.found ==
        std::vector<std::string>{"run.a was sent away after 99 ms, and its time of grace is 100"});
  networked_view late{sim::checks::attendance()};
  late.join();
  late.pass(1s);
  late.program.reaches = false;
  late.pass(100ms);
  late.record(core::member_left{fake_view::member("a")});
  CHECK(late.found.empty());
}

TEST_CASE("attendance: who leaves by itself is not sent away") {
  networked_view seen{sim::checks::attendance()};
  seen.join();
  seen.pass(1s);
  seen.ask(core::leave_run{core::run_id{"run.a"}}, true);
  seen.record(core::member_left{fake_view::member("a")});
  CHECK(seen.found.empty());
  // It joined and left again before either was recorded.
  seen.join();
  seen.ask(core::join_run{fake_view::member("a")}, true);
  seen.ask(core::leave_run{core::run_id{"run.a"}}, true);
  seen.record(core::member_joined{fake_view::member("a")});
  seen.record(core::member_left{fake_view::member("a")});
  CHECK(seen.found.empty());
  // What it asked for once does not excuse the next time.
  seen.join();
  seen.record(core::member_left{fake_view::member("a")});
  CHECK(seen.found.size() == 1);
}

TEST_CASE("attendance: who was refused to leave, or left only at the program, is sent away") {
  networked_view seen{sim::checks::attendance()};
  seen.join();
  seen.ask(core::leave_run{core::run_id{"run.a"}});
  seen.ask(core::leave_run{core::run_id{"run.a"}}, true);
  auto refused = sim::request_seen{};
  refused.pool = fake_view::pool();
  refused.ask = core::leave_run{core::run_id{"run.a"}};
  refused.at_node = true;
  seen.check->on_answered(refused, core::invalid_transition("not a member", {}));
  seen.record(core::member_left{fake_view::member("a")});
  CHECK(seen.found.size() == 1);
}

TEST_CASE("attendance: in an idle world no member is away") {
  networked_view seen{sim::checks::attendance()};
  seen.join();
  seen.check->on_idle();
  CHECK(seen.found.empty());
  seen.program.runs = {};
  seen.check->on_idle();
  CHECK(seen.found == std::vector<std::string>{"run.a is away for good and still a member"});
}
