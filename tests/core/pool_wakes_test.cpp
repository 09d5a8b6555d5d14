#include "agentpool/core/filter.hpp"
#include "agentpool/core/json.hpp"
#include "catch.hpp"
#include "pool_bench.hpp"
#include "pool_records.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;
using core::event_kind;
using core::publish_event;
using core::send_message;
using core::wake_registration_status;

namespace {

pool_bench two_runs(const core::pool_config& config = {}) {
  auto bench = pool_bench::opened(config);
  for (const auto* run : {"run.a", "run.b"}) bench.get<core::run_joined>(join(run));
  return bench;
}

core::event_filter deliveries() { return of_kinds({event_kind::run_message_delivered}); }
core::event_filter tools() { return of_kinds({event_kind::tool_completed}); }

core::command poll(const char* id) { return core::poll_wake{core::wake_condition_id{id}}; }
core::command cancel(const char* id) { return core::cancel_wake{core::wake_condition_id{id}}; }

wake_registration_status status_of(pool_bench& bench, const char* id) {
  return bench.get<core::wake_registration>(poll(id)).status;
}

std::string notice_of(pool_bench& bench, const char* id) {
  const auto report = bench.get<core::wake_report>(core::read_wake{core::wake_condition_id{id}});
  return report.notice ? core::to_json(*report.notice) : "none";
}

core::suspend_until with_timeout(const char* id, core::event_filter filter, std::uint64_t timeout) {
  auto made = condition(id, "run.a", std::move(filter));
  made.timeout_millis = timeout;
  return suspend(std::move(made));
}

}  // namespace

// ---- registering ---------------------------------------------------------------------------

TEST_CASE("suspending appends registered and answers with the registration") {
  auto bench = two_runs();
  CHECK(core::to_json(bench.get<core::wake_registration>(suspend("w", "run.a", tools()))) ==
        R"({"condition_id":"w","run_id":"run.a","status":"registered",)"
        R"("journal_cursor":"journal.4"})");
  CHECK(in_words(*bench.log().entries().back()) == "wake w registered");
}

TEST_CASE("suspending another run than the condition's is a contract violation") {
  auto bench = two_runs();
  CHECK(
      bench.refused(core::suspend_until{core::run_id{"run.b"}, condition("w", "run.a", tools())}) ==
      "InvalidStateTransition/RepairNeeded");
}

TEST_CASE("suspending a run that is no member is an invalid transition") {
  auto bench = two_runs();
  CHECK(bench.refused(suspend("w", "run.x", tools())) == "InvalidStateTransition/NotRetryable");
  CHECK(bench.log().entries().size() == 4);
}

TEST_CASE("the same condition again returns its registration and appends nothing") {
  auto bench = two_runs();
  bench.must(suspend("w", "run.a", tools()));
  CHECK(bench.adds(suspend("w", "run.a", tools())) == "nothing");
  const auto cancelled = bench.get<core::wake_registration>(cancel("w"));
  CHECK(bench.get<core::wake_registration>(suspend("w", "run.a", tools())) == cancelled);
}

TEST_CASE("a condition's key with another condition is refused, naming the first") {
  auto bench = two_runs();
  bench.must(suspend("w.first", "run.a", tools()));
  auto other = condition("w.second", "run.a", tools());
  other.idempotency_key = core::idempotency_key{"key.w.first"};
  CHECK(bench.refused(suspend(other)) == "InvalidStateTransition/NotRetryable");
  CHECK(bench.ask(suspend(other)).error().message.find("w.first") != std::string::npos);
  CHECK(bench.refused(suspend("w.first", "run.a", any_event())) ==
        "InvalidStateTransition/NotRetryable");
}

TEST_CASE("a used condition id under a new key is refused") {
  auto bench = two_runs();
  bench.must(suspend("w", "run.a", tools()));
  auto other = condition("w", "run.a", tools());
  other.idempotency_key = core::idempotency_key{"key.other"};
  CHECK(bench.refused(suspend(other)) == "InvalidStateTransition/NotRetryable");
}

TEST_CASE("a key of a message may be a key of a condition too") {
  auto bench = two_runs();
  bench.must(send_message{message("x", "run.a", "run.b")});
  CHECK(bench.adds(suspend("x", "run.a", tools())) == "wake x registered");
}

TEST_CASE("recorded is the compiled filter with the observable members of that moment") {
  core::pool_config config;
  config.policy_refs = permissions({"policy.see"});
  auto bench = two_runs(config);
  for (const auto* run : {"run.d", "run.c"})
    bench.get<core::run_joined>(join(run, {}, {"policy.see"}));
  auto narrow = tools();
  narrow.run_ids.include = {core::run_id{"run.x"}, core::run_id{"run.d"}, core::run_id{"run.a"}};
  narrow.payload_access = core::payload_access_mode::payload_refs;
  bench.must(suspend("w.any", "run.a", any_event()));
  bench.must(suspend("w.narrow", "run.a", narrow));
  const auto wakes = bench.get<core::pool_snapshot>(core::read_snapshot{}).wakes;
  REQUIRE(wakes.size() == 2);
  auto expected = any_event();
  expected.run_ids.include = {core::run_id{"run.c"}, core::run_id{"run.d"}};
  CHECK(wakes[0].compiled_filter == core::compile(expected));
  expected = narrow;
  expected.run_ids.include = {core::run_id{"run.d"}};
  expected.payload_access = core::payload_access_mode::envelope_only;
  CHECK(wakes[1].compiled_filter == core::compile(expected));
  CHECK(wakes[1].condition.filter == narrow);
}

TEST_CASE("without an envelope-only wake policy the payload access stays the caller's") {
  core::pool_config config;
  config.wake_policy.envelope_only = false;
  auto bench = two_runs(config);
  auto filter = tools();
  filter.payload_access = core::payload_access_mode::payload_refs;
  bench.must(suspend("w", "run.a", filter));
  const auto wakes = bench.get<core::pool_snapshot>(core::read_snapshot{}).wakes;
  CHECK(wakes[0].compiled_filter.payload_access == core::payload_access_mode::payload_refs);
}

TEST_CASE("a run that joins later can wake the waiter") {
  auto bench = two_runs();
  bench.must(suspend("w", "run.a", tools()));
  bench.get<core::run_joined>(join("run.late"));
  CHECK(bench.adds(publish_event{stored_event("e", "run.late")}) ==
        "event e; wake w triggered by e");
}

// ---- triggering ----------------------------------------------------------------------------

TEST_CASE("the first matching event triggers a wake, once") {
  auto bench = two_runs();
  bench.must(suspend("w", "run.a", deliveries()));
  CHECK(bench.adds(send_message{message("m.1", "run.a", "run.b")}) ==
        "message m.1 accepted to run.b; message m.1 delivered to run.b; "
        "wake w triggered by event.agent_pool.pool.p.6");
  CHECK(bench.adds(send_message{message("m.2", "run.a", "run.b")}) ==
        "message m.2 accepted to run.b; message m.2 delivered to run.b");
  CHECK(status_of(bench, "w") == wake_registration_status::triggered);
}

TEST_CASE("a wake is triggered by every kind of pool event that it asks for") {
  auto bench = two_runs();
  const auto wait = [&](const char* id, event_kind kind) {
    bench.must(suspend(id, "run.a", of_kinds({kind})));
  };
  wait("w.join", event_kind::agent_pool_run_joined);
  // Its look-back finds the join of run.b.
  CHECK(status_of(bench, "w.join") == wake_registration_status::triggered);
  wait("w.left", event_kind::agent_pool_run_left);
  wait("w.failed", event_kind::run_message_failed);
  wait("w.cancelled", event_kind::run_message_cancelled);
  CHECK(bench.adds(send_message{message("m.x", "run.a", "run.x")}) ==
        "message m.x failed; wake w.failed triggered by event.agent_pool.pool.p.9");
  bench.must(send_message{message("m", "run.a", "run.b")});
  CHECK(bench.adds(core::cancel_message{core::message_id{"m"}}) ==
        "message m cancelled to run.b; wake w.cancelled triggered by event.agent_pool.pool.p.13");
  CHECK(bench.adds(core::leave_run{core::run_id{"run.b"}}) ==
        "left run.b; wake w.left triggered by event.agent_pool.pool.p.15");
}

TEST_CASE("one commit orders its records, then responded, then the wakes by condition id") {
  auto bench = two_runs();
  bench.get<core::run_joined>(join("run.c"));
  bench.must(send_message{question("q", "run.a", core::to_run{core::run_id{"run.b"}}, 1)});
  bench.must(suspend("w.2", "run.a", of_kinds({event_kind::run_message_responded})));
  auto from_b = of_kinds({event_kind::run_message_accepted, event_kind::run_message_delivered});
  from_b.run_ids.include = {core::run_id{"run.b"}};
  bench.must(suspend("w.1", "run.c", from_b));
  CHECK(bench.adds(send_message{reply("r", "run.b", "run.a", "q")}) ==
        "message r accepted to run.a; message r delivered to run.a; "
        "message q responded to run.b; "
        "wake w.1 triggered by event.agent_pool.pool.p.9; "
        "wake w.2 triggered by event.agent_pool.pool.p.11");
}

TEST_CASE("the timeouts of one moment are recorded as one: messages by id, wakes by id, triggers") {
  auto bench = two_runs();
  for (const auto* id : {"m.2", "m.1"}) {
    auto asked = question(id, "run.a", core::to_run{core::run_id{"run.b"}}, 1);
    asked.response_contract->timeout_millis = 10;
    bench.must(send_message{asked});
  }
  for (const auto* id : {"w.2", "w.1"})
    bench.must(with_timeout(id, of_kinds({event_kind::run_message_timed_out}), 10));
  bench.must(suspend("w.0", "run.b", of_kinds({event_kind::run_message_timed_out})));
  bench.pass(10);
  CHECK(bench.adds(core::expire_due{}) ==
        "message m.1 timed_out to run.b; message m.2 timed_out to run.b; "
        "wake w.1 timed_out; wake w.2 timed_out; "
        "wake w.0 triggered by event.agent_pool.pool.p.11");
}

TEST_CASE("events of wake conditions never match a wake") {
  auto bench = two_runs();
  auto after = any_event();
  after.kinds.include = {event_kind::wake_condition_registered,
                         event_kind::wake_condition_cancelled,
                         event_kind::wake_condition_timed_out};
  bench.must(suspend("w.1", "run.a", after));
  bench.must(suspend("w.2", "run.b", after));
  CHECK(bench.adds(cancel("w.2")) == "wake w.2 cancelled");
  CHECK(bench.adds(publish_event{
            stored_event("e", "run.b", event_kind::wake_condition_registered)}) == "event e");
  CHECK(bench.adds(suspend("w.3", "run.b", after)) == "wake w.3 registered");
  CHECK(status_of(bench, "w.1") == wake_registration_status::registered);
}

TEST_CASE("an event out of scope wakes nobody") {
  core::pool_config config;
  config.policy_refs = permissions({"policy.see"});
  auto bench = two_runs(config);
  bench.get<core::run_joined>(join("run.seen", {}, {"policy.see"}));
  bench.must(suspend("w", "run.a", deliveries()));
  CHECK(bench.adds(send_message{message("m.1", "run.b", "run.a")}) ==
        "message m.1 accepted to run.a; message m.1 delivered to run.a");
  CHECK(bench.adds(send_message{message("m.2", "run.seen", "run.a")}) ==
        "message m.2 accepted to run.a; message m.2 delivered to run.a; "
        "wake w triggered by event.agent_pool.pool.p.9");
}

// ---- ending --------------------------------------------------------------------------------

TEST_CASE("timeout 0 times out at once, whatever could match") {
  auto bench = two_runs();
  bench.must(publish_event{stored_event("e", "run.b")});
  CHECK(bench.adds(with_timeout("w", tools(), 0)) == "wake w registered; wake w timed_out");
  CHECK(status_of(bench, "w") == wake_registration_status::timed_out);
}

TEST_CASE("a wake times out by itself after timeout_millis, and no run is cancelled by it") {
  auto bench = two_runs();
  bench.must(with_timeout("w", tools(), 20));
  CHECK(bench.pool().next_due() == bench.now() + std::chrono::milliseconds{20});
  bench.pass(19);
  CHECK(bench.adds(core::expire_due{}) == "nothing");
  bench.pass(1);
  CHECK(bench.adds(core::expire_due{}) == "wake w timed_out");
  CHECK(bench.adds(core::expire_due{}) == "nothing");
  CHECK(bench.get<core::member_list>(core::list_members{}).members.size() == 2);
}

TEST_CASE("a wake whose timeout passed is not triggered by an engine whose clock is behind") {
  auto bench = two_runs();
  bench.must(with_timeout("w", tools(), 20));
  const auto before = bench.now();
  bench.pass(25);
  CHECK(bench.adds(publish_event{stored_event("e.late", "run.b")}) == "event e.late");
  bench.set_now(before);
  CHECK(bench.adds(publish_event{stored_event("e.later", "run.b")}) == "event e.later");
  CHECK(bench.adds(core::expire_due{}) == "wake w timed_out");
}

TEST_CASE("a wake whose timeout passed is not triggered any more") {
  auto bench = two_runs();
  bench.must(with_timeout("w", tools(), 20));
  bench.pass(20);
  CHECK(bench.adds(publish_event{stored_event("e", "run.b")}) == "event e");
  CHECK(bench.adds(core::expire_due{}) == "wake w timed_out");
}

TEST_CASE("a triggered wake does not time out") {
  auto bench = two_runs();
  bench.must(with_timeout("w", tools(), 20));
  bench.must(publish_event{stored_event("e", "run.b")});
  bench.pass(20);
  CHECK(bench.adds(core::expire_due{}) == "nothing");
}

TEST_CASE("a wake's timeout goes on after a restart with what was left of the time") {
  auto bench = two_runs();
  bench.must(with_timeout("w", tools(), 20));
  const auto due = bench.pool().next_due();
  CHECK(replay(bench.log(), bench.pool().id())->next_due() == due);
}

TEST_CASE("cancelling ends a registered wake; a final one is returned unchanged") {
  auto bench = two_runs();
  bench.must(suspend("w", "run.a", tools()));
  CHECK(bench.adds(cancel("w")) == "wake w cancelled");
  const auto cancelled = bench.get<core::wake_registration>(poll("w"));
  CHECK(core::to_json(cancelled) == R"({"condition_id":"w","run_id":"run.a","status":"cancelled",)"
                                    R"("journal_cursor":"journal.5"})");
  CHECK(bench.adds(cancel("w")) == "nothing");
  CHECK(bench.get<core::wake_registration>(cancel("w")) == cancelled);
  CHECK(bench.adds(publish_event{stored_event("e", "run.b")}) == "event e");
}

TEST_CASE("an unknown condition is a contract violation to poll, to cancel and to read") {
  auto bench = two_runs();
  CHECK(bench.refused(poll("w")) == "InvalidStateTransition/RepairNeeded");
  CHECK(bench.refused(cancel("w")) == "InvalidStateTransition/RepairNeeded");
  CHECK(bench.refused(core::read_wake{core::wake_condition_id{"w"}}) ==
        "InvalidStateTransition/RepairNeeded");
}

TEST_CASE("the wakes of a run that leaves are not triggered by its leaving") {
  auto bench = two_runs();
  bench.must(suspend("w", "run.a", of_kinds({event_kind::agent_pool_run_left})));
  CHECK(bench.adds(core::leave_run{core::run_id{"run.a"}}) == "wake w cancelled; left run.a");
}

// ---- notices -------------------------------------------------------------------------------

TEST_CASE("a registered wake has no notice yet") {
  auto bench = two_runs();
  bench.must(suspend("w", "run.a", tools()));
  CHECK(notice_of(bench, "w") == "none");
}

TEST_CASE("a notice that resumes with refs has event id, subject, related refs and cursor") {
  auto bench = two_runs();
  bench.must(suspend("w", "run.a", deliveries()));
  bench.must(send_message{message("m", "run.a", "run.b")});
  const std::string scope = core::to_json(core::event_stream_scope{core::scope_of(deliveries())});
  CHECK(notice_of(bench, "w") ==
        R"({"condition_id":"w","run_id":"run.a","status":"triggered",)"
        R"("matched_event_id":"event.agent_pool.pool.p.6","matched_cursor":{"scope":)" +
            scope +
            R"(,"event_seq":6,"event_id":"event.agent_pool.pool.p.6",)"
            R"("journal_cursor":"journal.6"},"resume_input":{"policy":"matching_event_refs",)"
            R"("event_id":"event.agent_pool.pool.p.6",)"
            R"("subject_ref":{"kind":"message","id":"m","privacy":"content_refs_only"},)"
            R"("related_refs":[{"kind":"run","id":"run.b","privacy":"content_refs_only"}],)"
            R"("journal_cursor":"journal.6"}})");
}

TEST_CASE("a notice that resumes with a summary has the event's, one with none has nothing") {
  auto bench = two_runs();
  auto summary = condition("w.summary", "run.a", tools());
  summary.resume_with = core::resume_input_policy::redacted_summary;
  auto nothing = condition("w.nothing", "run.a", tools());
  nothing.resume_with = core::resume_input_policy::none;
  bench.must(suspend(summary));
  bench.must(suspend(nothing));
  bench.must(publish_event{stored_event("e", "run.b")});
  CHECK(notice_of(bench, "w.summary")
            .ends_with(R"("resume_input":{"policy":"redacted_summary",)"
                       R"("summary":"summary of e"}})"));
  CHECK(notice_of(bench, "w.nothing").ends_with(R"("resume_input":{"policy":"none"}})"));
}

TEST_CASE("a notice of a timeout has no event") {
  auto bench = two_runs();
  bench.must(with_timeout("w", tools(), 0));
  CHECK(notice_of(bench, "w") == R"({"condition_id":"w","run_id":"run.a","status":"timed_out",)"
                                 R"("resume_input":{"policy":"matching_event_refs"}})");
}
