#include "agentpool/core/json.hpp"
#include "catch.hpp"
#include "pool_bench.hpp"
#include "pool_records.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;

namespace {

core::pool_config strict_config() {
  core::pool_config config;
  config.policy_refs = permissions({"policy.see"});
  return config;
}

}  // namespace

TEST_CASE("opening a pool for the first time appends pool_opened") {
  pool_bench bench;
  CHECK(bench.adds(core::open_pool{}) == "opened");
  CHECK(bench.pool().position() == core::log_position{1, 0});
  CHECK(bench.published().empty());
  CHECK(bench.journal().empty());
}

TEST_CASE("a fresh pool's snapshot has the default config, no members and cursor 1") {
  pool_bench bench;
  const auto snapshot = bench.get<core::pool_snapshot>(core::open_pool{});
  CHECK(core::to_json(snapshot) ==
        R"({"pool_id":"pool.p","created":false,"members":[],"topics":[],)"
        R"("message_policy":{"include_sender_in_pool_broadcast":false},)"
        R"("wake_policy":{"envelope_only":true},"cursor":{"sequence":1}})");
}

TEST_CASE("a brief snapshot leaves out messages and wakes alone, and reads no record") {
  core::pool_limits few;
  few.recent_records = 1;
  auto bench = pool_bench::opened({}, few);
  bench.get<core::run_joined>(join("run.a"));
  bench.get<core::run_joined>(join("run.b"));
  bench.get<core::message_receipt>(core::send_message{message("m", "run.a", "run.b")});
  bench.get<core::wake_registration>(suspend("w", "run.a", any_event()));
  auto whole = bench.get<core::pool_snapshot>(core::read_snapshot{});
  CHECK(whole.messages.size() == 1);
  const auto reads = bench.reads();
  CHECK(reads > 0);
  whole.messages.clear();
  whole.wakes.clear();
  CHECK(bench.get<core::pool_snapshot>(core::read_snapshot{true}) == whole);
  CHECK(bench.get<core::pool_snapshot>(core::open_pool{{}, true}) == whole);
  CHECK(bench.reads() == reads);
}

TEST_CASE("bare and open snapshots tell which events can be read, and others do not") {
  auto bench = pool_bench::opened({}, {.recent_records = 4, .recent_events = 4});
  const auto events = [&](core::read_snapshot ask) {
    return bench.get<core::pool_snapshot>(ask).events;
  };
  const core::read_snapshot bare{.bare = true};
  const core::read_snapshot open{.open = true};
  CHECK(events(bare) == core::event_range{0, 0, 0});
  bench.get<core::run_joined>(join("run.a"));
  bench.get<core::run_joined>(join("run.b"));
  // The pool's creation, two who joined, and one event of a host.
  bench.must(core::publish_event{stored_event("e", "run.a")});
  CHECK(events(bare) == core::event_range{0, 0, 4});
  CHECK(events(open) == core::event_range{0, 0, 4});
  CHECK_FALSE(events({}));
  CHECK_FALSE(events({.brief = true}));
  CHECK_FALSE(events({.message_id = core::message_id{"m"}}));
  const auto mark = bench.pool().mark().value();
  bench.must(join("run.c"));
  static_cast<void>(bench.pool().forget(mark));
  CHECK(events(bare) == core::event_range{4, 4, 5});
  for (const auto* run : {"run.d", "run.e", "run.f", "run.g"}) bench.must(join(run));
  CHECK(events(bare) == core::event_range{4, 5, 9});
}

TEST_CASE("opening again with an equal config appends nothing and returns the snapshot") {
  auto bench = pool_bench::opened(strict_config());
  bench.get<core::run_joined>(join("run.b", {"topic.t"}, {"policy.see"}));
  bench.get<core::run_joined>(join("run.a"));
  bench.get<core::message_receipt>(core::send_message{message("m", "run.a", "run.b")});
  bench.get<core::wake_registration>(suspend("w", "run.a", any_event()));
  const auto before = bench.log().entries().size();
  const auto snapshot = bench.get<core::pool_snapshot>(core::open_pool{strict_config()});
  CHECK(bench.log().entries().size() == before);
  CHECK(snapshot == bench.get<core::pool_snapshot>(core::read_snapshot{}));
  CHECK(snapshot.created);
  CHECK(snapshot.members ==
        std::vector{member("run.a"), member("run.b", {"topic.t"}, {"policy.see"})});
  CHECK(snapshot.topics == std::vector{core::topic_id{"topic.t"}});
  CHECK(snapshot.policy_refs == permissions({"policy.see"}));
  REQUIRE(snapshot.messages.size() == 1);
  CHECK(snapshot.messages[0].receipt.status == core::message_status::delivered);
  REQUIRE(snapshot.wakes.size() == 1);
  CHECK(snapshot.wakes[0].registration.condition_id.text() == "w");
  CHECK(snapshot.cursor->sequence == bench.pool().position().sequence);
}

TEST_CASE("opening rehydrates from the log alone") {
  auto bench = pool_bench::opened(strict_config());
  bench.get<core::run_joined>(join("run.a"));
  const auto again = replay(bench.log(), bench.pool().id());
  const auto verdict = again->decide(core::open_pool{strict_config()}, bench.now());
  const auto& decided = std::get<core::decision>(verdict);
  CHECK(decided.stores_nothing());
  CHECK(std::get<core::pool_snapshot>(decided.reply) ==
        bench.get<core::pool_snapshot>(core::read_snapshot{}));
}

TEST_CASE("opening with another config is a contract violation and changes nothing") {
  auto bench = pool_bench::opened();
  const auto before = bench.pool().fingerprint();
  CHECK(bench.refused(core::open_pool{strict_config()}) == "InvalidStateTransition/RepairNeeded");
  CHECK(bench.pool().fingerprint() == before);
  CHECK(bench.log().entries().size() == 1);
}

TEST_CASE("every other operation on a pool never opened needs host configuration") {
  const core::run_id run{"run.a"};
  const core::wake_condition_id wake{"w"};
  const std::vector<core::command> others{
      join("run.a"),
      core::leave_run{run},
      core::list_members{},
      core::send_message{message("m", "run.a", "run.b")},
      core::cancel_message{core::message_id{"m"}},
      core::record_message_status{core::message_id{"m"}, core::message_status::failed, {}},
      core::read_inbox{run, {}, 1},
      core::ack_inbox{run, 0},
      suspend("w", "run.a", any_event()),
      core::poll_wake{wake},
      core::cancel_wake{wake},
      core::read_wake{wake},
      core::read_snapshot{},
      core::publish_event{stored_event("e", "run.a")},
      core::expire_due{}};
  CHECK(others.size() + 1 == std::variant_size_v<core::command>);
  pool_bench bench;
  for (const auto& command : others) {
    INFO("command " << command.index());
    CHECK(bench.refused(command) == "HostConfigurationNeeded/HostConfigurationNeeded");
  }
  CHECK(bench.log().entries().empty());
}
