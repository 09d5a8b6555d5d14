#include "agentpool/core/json.hpp"
#include "catch.hpp"
#include "pool_bench.hpp"
#include "pool_records.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;
using core::event_kind;

namespace {

std::string kinds_of(const pool_bench& bench) {
  std::string text;
  for (const auto& event : bench.events())
    text += (text.empty() ? "" : " ") + std::string{to_text(event.envelope.event_kind)};
  return text;
}

std::string payload_of(const core::journal_record& record) { return core::to_json(record.payload); }

}  // namespace

TEST_CASE("the first join of a pool appends pool_created and member_joined together") {
  auto bench = pool_bench::opened();
  CHECK(bench.adds(join("run.a")) == "created; joined run.a");
  CHECK(bench.adds(join("run.b")) == "joined run.b");
  CHECK(bench.get<core::run_joined>(join("run.c")).cursor == core::store_cursor{5});
}

TEST_CASE("a member is told apart from the one that it was before it left or joined again") {
  auto bench = pool_bench::opened();
  const core::run_id run{"run.a"};
  CHECK(bench.pool().joined(run) == 0);
  const auto first = bench.get<core::run_joined>(join("run.a")).joined;
  CHECK(first == bench.last_event().envelope.event_seq);
  CHECK(bench.pool().joined(run) == first);
  CHECK(bench.get<core::member_list>(core::list_members{run}).joined == first);
  const auto again = bench.get<core::run_joined>(join("run.a")).joined;
  CHECK(again > first);
  bench.must(core::leave_run{run});
  CHECK(bench.pool().joined(run) == 0);
  CHECK(bench.get<core::member_list>(core::list_members{run}).joined == 0);
  CHECK(bench.get<core::run_joined>(join("run.a")).joined > again);
}

TEST_CASE("the first join is told by the events agent_pool_created and agent_pool_run_joined") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.a"));
  CHECK(kinds_of(bench) == "agent_pool_created agent_pool_run_joined");
  CHECK(bench.events()[0].envelope.run_id.text() == "run.a");
}

TEST_CASE("the journal of the first join lists the members before it, then those after it") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.a", {"topic.t"}));
  const auto journal = bench.journal();
  REQUIRE(journal.size() == 2);
  CHECK(payload_of(journal[0]) ==
        R"({"type":"agent_pool","pool_id":"pool.p","lifecycle_status":"created"})");
  CHECK(payload_of(journal[1]) ==
        R"({"type":"agent_pool","pool_id":"pool.p","member_run_ids":["run.a"],)"
        R"("topics":["topic.t"],"lifecycle_status":"run_joined"})");
}

TEST_CASE("joining again replaces the member and its old topics vanish") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.a", {"topic.old", "topic.kept"}, {"policy.old"}));
  bench.get<core::run_joined>(join("run.b"));
  CHECK(bench.adds(join("run.a", {"topic.kept"})) == "joined run.a");
  const auto list = bench.get<core::member_list>(core::list_members{});
  CHECK(list.members == std::vector{member("run.a", {"topic.kept"}), member("run.b")});
  CHECK(bench
            .get<core::message_receipt>(core::send_message{
                message("m", "run.b", core::to_topic{core::topic_id{"topic.old"}})})
            .status == core::message_status::failed);
}

TEST_CASE("joining again with another agent id is an invalid transition") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.a"));
  CHECK(bench.refused(core::join_run{member_of("agent.other", "run.a")}) ==
        "InvalidStateTransition/NotRetryable");
  CHECK(bench.log().entries().size() == 3);
}

TEST_CASE("members are listed by run id") {
  auto bench = pool_bench::opened();
  for (const auto* run : {"run.c", "run.a", "run.b"}) bench.get<core::run_joined>(join(run));
  std::string runs;
  for (const auto& one : bench.get<core::member_list>(core::list_members{}).members)
    runs += one.run_id.text() + " ";
  CHECK(runs == "run.a run.b run.c ");
}

TEST_CASE("leaving cancels the run's registered wakes and drops the member in one commit") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.a"));
  bench.get<core::run_joined>(join("run.b"));
  for (const auto* id : {"w.2", "w.1"}) bench.must(suspend(id, "run.a", of_kinds({})));
  bench.must(suspend("w.other", "run.b", of_kinds({})));
  CHECK(bench.adds(core::leave_run{core::run_id{"run.a"}}) ==
        "wake w.1 cancelled; wake w.2 cancelled; left run.a");
  CHECK(kinds_of(bench).ends_with(
      "wake_condition_cancelled wake_condition_cancelled agent_pool_run_left"));
  CHECK(bench.get<core::wake_registration>(core::poll_wake{core::wake_condition_id{"w.other"}})
            .status == core::wake_registration_status::registered);
}

TEST_CASE("leaving answers with the member and the cursor of its record") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.a", {"topic.t"}));
  const auto left = bench.get<core::run_left>(core::leave_run{core::run_id{"run.a"}});
  CHECK(left.member == member("run.a", {"topic.t"}));
  CHECK(left.cursor == core::store_cursor{4});
  CHECK(payload_of(bench.journal().back()) ==
        R"({"type":"agent_pool","pool_id":"pool.p","lifecycle_status":"run_left"})");
}

TEST_CASE("leaving without being a member is an invalid transition") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.a"));
  CHECK(bench.refused(core::leave_run{core::run_id{"run.x"}}) ==
        "InvalidStateTransition/NotRetryable");
  bench.must(core::leave_run{core::run_id{"run.a"}});
  CHECK(bench.refused(core::leave_run{core::run_id{"run.a"}}) ==
        "InvalidStateTransition/NotRetryable");
}

TEST_CASE("a run that left may join again, and the pool is not created twice") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.a"));
  bench.must(core::leave_run{core::run_id{"run.a"}});
  CHECK(bench.adds(join("run.a")) == "joined run.a");
}

TEST_CASE("leaving keeps the inbox for the time when the run joins again") {
  auto bench = pool_bench::opened();
  for (const auto* run : {"run.a", "run.b"}) bench.get<core::run_joined>(join(run));
  bench.must(core::send_message{message("m", "run.a", "run.b")});
  bench.must(core::leave_run{core::run_id{"run.b"}});
  bench.get<core::run_joined>(join("run.b"));
  CHECK(bench.inbox("run.b") == "6:m");
}
