#include "agentpool/core/addressing.hpp"
#include "agentpool/core/json.hpp"
#include "catch.hpp"
#include "pool_bench.hpp"
#include "pool_records.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;
using core::publish_event;

namespace {

pool_bench two_runs(const core::pool_config& config = {}) {
  auto bench = pool_bench::opened(config);
  for (const auto* run : {"run.a", "run.b"}) bench.get<core::run_joined>(join(run));
  return bench;
}

/// "1 2 3-live 4": the event_seq of each event.
std::string numbers(const pool_bench& bench) {
  std::string text;
  for (const auto& event : bench.events()) {
    text += (text.empty() ? "" : " ") + std::to_string(event.envelope.event_seq);
    if (event.envelope.delivery_semantics == core::event_delivery_semantics::best_effort_live)
      text += "-live";
  }
  return text;
}

/// "run.a+ run.b-": whose events were published, in scope or not.
std::string scopes(const pool_bench& bench) {
  std::string text;
  for (const auto& what : bench.published())
    text += (text.empty() ? "" : " ") + what.run_id.text() + (what.in_scope ? "+" : "-");
  return text;
}

}  // namespace

TEST_CASE("the pool's events have its ids, its source, its tag and a fixed summary") {
  auto bench = two_runs();
  bench.set_now(core::from_millis(1'769'846'709'042));
  bench.must(core::send_message{message("m", "run.a", "run.b")});
  CHECK(core::to_json(bench.last_event()) ==
        R"({"envelope":{"schema_version":1,"event_id":"event.agent_pool.pool.p.5",)"
        R"("event_seq":5,"event_family":"agent_pool","event_kind":"run_message_delivered",)"
        R"("payload_schema_version":1,"timestamp":"2026-01-31T08:05:09.042Z",)"
        R"("recorded_at":"2026-01-31T08:05:09.042Z","run_id":"run.a","agent_id":"agent.a",)"
        R"("message_id":"m","trace_id":"trace.agent_pool.pool.p",)"
        R"("span_id":"span.agent_pool.pool.p.5",)"
        R"("subject_ref":{"kind":"message","id":"m","privacy":"content_refs_only"},)"
        R"("related_refs":[{"kind":"run","id":"run.b","privacy":"content_refs_only"}],)"
        R"("correlation":{},"tags":["feature:agent_pool"],)"
        R"("source":{"kind":"sdk","id":"source.sdk.agent_pool","trust":"host_provided",)"
        R"("privacy":"content_refs_only"},)"
        R"("destination":{"kind":"agent","id":"run.b","privacy":"content_refs_only",)"
        R"("retention":"host_policy"},"journal_cursor":"journal.5",)"
        R"("delivery_semantics":"journal_backed","privacy":"content_refs_only",)"
        R"("content_capture":"off","redaction_policy_id":"redaction.agent_pool.default",)"
        R"("runtime_package_fingerprint":"runtime.package.fingerprint.agent_pool"},)"
        R"("payload":{"mode":"redacted_summary","redacted_summary":"run message delivered"}})");
}

TEST_CASE("a membership event is about the run, for the run") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.a"));
  for (const auto& event : bench.events()) {
    CHECK(event.envelope.subject_ref == core::entity(core::entity_kind::run, "run.a"));
    CHECK(event.envelope.destination == core::destination(core::destination_kind::agent, "run.a"));
    CHECK(core::to_json(event.payload) ==
          R"({"mode":"redacted_summary","redacted_summary":"agent pool membership updated"})");
  }
}

TEST_CASE("a message event's related refs are sorted by kind, then id, without repeats") {
  auto bench = two_runs();
  bench.get<core::run_joined>(join("run.c"));
  auto sent = message("m", "run.b", core::to_pool{bench.pool().id()});
  sent.to.related_refs = {core::entity(core::entity_kind::topic, "topic.z"),
                          core::entity(core::entity_kind::run, "run.c"),
                          core::entity(core::entity_kind::agent, "agent.q")};
  sent.correlation.entries = {{core::correlation_key{"k"}, core::correlation_value{"v"}}};
  bench.must(core::send_message{sent});
  const auto envelope = bench.last_event().envelope;
  CHECK(envelope.related_refs == std::vector{core::entity(core::entity_kind::run, "run.a"),
                                             core::entity(core::entity_kind::run, "run.c"),
                                             core::entity(core::entity_kind::agent, "agent.q"),
                                             core::entity(core::entity_kind::topic, "topic.z")});
  CHECK(envelope.correlation == sent.correlation);
  CHECK(envelope.destination == sent.to.destination_ref);
  CHECK(envelope.agent_id.text() == "agent.b");
}

TEST_CASE("a wake event is about the condition and relates the run and the condition") {
  auto bench = two_runs();
  auto waiting = condition("w", "run.a", of_kinds({}));
  waiting.policy_refs = permissions({"policy.x"});
  bench.must(suspend(waiting));
  const auto envelope = bench.last_event().envelope;
  const auto subject = core::entity(core::entity_kind::wake_condition, "w");
  CHECK(envelope.subject_ref == subject);
  CHECK(envelope.related_refs ==
        std::vector{core::entity(core::entity_kind::run, "run.a"), subject});
  CHECK(envelope.policy_refs == waiting.policy_refs);
  CHECK(envelope.run_id.text() == "run.a");
}

TEST_CASE("events never carry more of a message than its refs") {
  auto bench = two_runs();
  auto sent = message("m", "run.a", "run.b");
  sent.content_ref = core::content_ref{"content.secret"};
  bench.must(core::send_message{sent});
  CHECK(core::to_json(bench.last_event()).find("content.secret") == std::string::npos);
}

TEST_CASE("time that goes back is recorded as the time of the record before") {
  auto bench = two_runs();
  const auto first = bench.last_event().envelope.recorded_at;
  bench.set_now(bench.now() - std::chrono::hours{1});
  bench.get<core::run_joined>(join("run.c"));
  CHECK(bench.last_event().envelope.recorded_at == first);
}

// ---- host events ---------------------------------------------------------------------------

TEST_CASE("a journal_backed event is stored and numbered, a live one repeats the number before") {
  auto bench = two_runs();
  CHECK(bench.adds(publish_event{stored_event("e.1", "run.a")}) == "event e.1");
  CHECK(bench.adds(publish_event{live_event("l.1", "run.a")}) == "nothing");
  CHECK(bench.adds(publish_event{live_event("l.2", "run.a")}) == "nothing");
  bench.get<core::run_joined>(join("run.c"));
  bench.must(publish_event{stored_event("e.2", "run.c")});
  CHECK(numbers(bench) == "1 2 3 4 4-live 4-live 5 6");
}

TEST_CASE("event numbers survive a restart, without the live events") {
  auto bench = two_runs();
  bench.must(publish_event{stored_event("e.1", "run.a")});
  bench.must(publish_event{live_event("l.1", "run.a")});
  bench.get<core::run_joined>(join("run.c"));
  std::string text;
  for (const auto& what : bench.log().replayed()) text += std::to_string(what.at.event_seq) + " ";
  CHECK(text == "1 2 3 4 5 ");
  const auto again = replay(bench.log(), bench.pool().id());
  CHECK(again->members().last() == bench.pool().members().last());
}

TEST_CASE("publishing answers with the event's cursor") {
  auto bench = two_runs();
  CHECK(core::to_json(
            bench.get<core::event_published>(publish_event{stored_event("e", "run.a")}).cursor) ==
        R"({"scope":"all","event_seq":4,"event_id":"e"})");
}

TEST_CASE("host events are no journal records and do not move the n of the pool's event ids") {
  auto bench = two_runs();
  bench.must(publish_event{stored_event("e", "run.a")});
  bench.get<core::run_joined>(join("run.c"));
  CHECK(bench.journal().size() == 4);
  const auto envelope = bench.last_event().envelope;
  CHECK(envelope.event_id.text() == "event.agent_pool.pool.p.4");
  CHECK(envelope.event_seq == 5);
  CHECK(envelope.journal_cursor == core::journal_cursor{"journal.4"});
}

TEST_CASE("a host event is published as it came, but for its number and its recording time") {
  auto bench = two_runs();
  auto event = stored_event("e", "run.a");
  bench.must(publish_event{event});
  event.envelope.event_seq = 4;
  event.envelope.recorded_at = "2026-01-01T00:00:00.000Z";
  CHECK(bench.last_event() == event);
}

TEST_CASE("a host event of family agent_pool is a contract violation") {
  auto bench = two_runs();
  auto event = stored_event("e", "run.a");
  event.envelope.event_family = core::event_family::agent_pool;
  CHECK(bench.refused(publish_event{event}) == "InvalidStateTransition/RepairNeeded");
}

TEST_CASE("a host event is journal_backed or best_effort_live") {
  auto bench = two_runs();
  for (const auto other : {core::event_delivery_semantics::derived_replay,
                           core::event_delivery_semantics::diagnostic_only}) {
    auto event = stored_event("e", "run.a");
    event.envelope.delivery_semantics = other;
    CHECK(bench.refused(publish_event{event}) == "InvalidStateTransition/RepairNeeded");
  }
}

TEST_CASE("an event of a run that is no member is an invalid transition") {
  auto bench = two_runs();
  CHECK(bench.refused(publish_event{stored_event("e", "run.x")}) ==
        "InvalidStateTransition/NotRetryable");
}

// ---- scope ---------------------------------------------------------------------------------

TEST_CASE("an event is in scope if its run held all the pool's policy refs when it was published") {
  core::pool_config config;
  config.policy_refs = permissions({"policy.1", "policy.2"});
  auto bench = pool_bench::opened(config);
  bench.get<core::run_joined>(join("run.a", {}, {"policy.1"}));
  bench.must(publish_event{stored_event("e.1", "run.a")});
  bench.get<core::run_joined>(join("run.a", {}, {"policy.2", "policy.1"}));
  bench.must(publish_event{stored_event("e.2", "run.a")});
  CHECK(scopes(bench) == "run.a- run.a- run.a- run.a+ run.a+");
}

TEST_CASE("joining and leaving are the member's own events") {
  core::pool_config config;
  config.policy_refs = permissions({"policy.1"});
  auto bench = pool_bench::opened(config);
  for (const auto* run : {"run.seen", "run.hidden"})
    bench.get<core::run_joined>(run == std::string{"run.seen"} ? join(run, {}, {"policy.1"})
                                                               : join(run));
  bench.must(core::leave_run{core::run_id{"run.seen"}});
  bench.must(core::leave_run{core::run_id{"run.hidden"}});
  CHECK(scopes(bench) == "run.seen+ run.seen+ run.hidden- run.seen+ run.hidden-");
}

TEST_CASE("what becomes of a message after its sender left is out of scope") {
  auto bench = two_runs();
  bench.must(core::send_message{message("m", "run.a", "run.b")});
  bench.must(core::leave_run{core::run_id{"run.a"}});
  bench.must(core::cancel_message{core::message_id{"m"}});
  CHECK(scopes(bench).ends_with("run.a+ run.a+ run.a+ run.a-"));
  CHECK(bench.last_event().envelope.agent_id.text() == "agent.a");
}

TEST_CASE("scope is decided by the log alone") {
  auto bench = two_runs();
  bench.must(publish_event{stored_event("e", "run.b")});
  bench.must(core::leave_run{core::run_id{"run.b"}});
  const auto replayed = bench.log().replayed();
  REQUIRE(replayed.size() == bench.published().size());
  for (std::size_t n = 0; n != replayed.size(); ++n)
    CHECK(replayed[n].in_scope == bench.published()[n].in_scope);
}

// ---- journal -------------------------------------------------------------------------------

TEST_CASE("the journal counts the pool's store records but pool_opened, from 1") {
  auto bench = two_runs();
  bench.must(core::send_message{message("m", "run.a", "run.b")});
  bench.must(suspend("w", "run.a", of_kinds({})));
  const auto journal = bench.journal();
  REQUIRE(journal.size() == bench.pool().position().sequence - 1);
  for (std::size_t n = 0; n != journal.size(); ++n) {
    CHECK(journal[n].journal_seq == n + 1);
    CHECK(journal[n].record_id == "journal.record.agent_pool." + std::to_string(n + 1));
  }
}

TEST_CASE("a journal record has its time in Unix milliseconds and its run") {
  auto bench = two_runs();
  bench.set_now(core::from_millis(1'769'846'709'042));
  bench.must(core::send_message{message("m", "run.b", "run.a")});
  CHECK(bench.journal().back().timestamp_millis == 1'769'846'709'042);
  CHECK(bench.journal().back().run_id.text() == "run.b");
}

TEST_CASE("the journal record of a triggered wake names the event") {
  auto bench = two_runs();
  bench.must(suspend("w", "run.a", of_kinds({core::event_kind::tool_completed})));
  bench.must(publish_event{stored_event("e", "run.b")});
  const auto journal = bench.journal();
  CHECK(std::get<core::wake_record>(journal.back().payload).matched_event_id ==
        core::event_id{"e"});
}
