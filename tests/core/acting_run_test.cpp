#include "agentpool/core/acting_run.hpp"

#include <memory>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/run_event.hpp"
#include "support/catch.hpp"

namespace agentpool::core {
namespace {

const run_id me{"run.me"};

TEST_CASE("what joins, leaves, sends, reads, acknowledges, suspends or publishes acts as a run") {
  join_run joining;
  joining.member.run_id = me;
  run_message message;
  message.from = me;
  agent_event event;
  event.envelope.run_id = me;
  for (const command& ask :
       {command{joining}, command{leave_run{me}}, command{send_message{std::move(message)}},
        command{read_inbox{me, {}, 1}}, command{ack_inbox{me, 1}}, command{suspend_until{me, {}}},
        command{publish_event{std::move(event)}}}) {
    INFO(ask.index());
    REQUIRE(acting_run(ask) != nullptr);
    CHECK(*acting_run(ask) == me);
  }
}

TEST_CASE("what names no run of its own acts as nobody") {
  for (const command& ask : {command{open_pool{}}, command{list_members{}}, command{cancel_wake{}},
                             command{poll_wake{}}, command{expire_due{}}})
    CHECK(acting_run(ask) == nullptr);
}

TEST_CASE("an event that the engine publishes of a run is kept, and has no content") {
  run_event_draft draft;
  draft.id = event_id{"event.1"};
  draft.family = event_family::run;
  draft.kind = event_kind::run_completed;
  draft.run = me;
  draft.agent = agent_id{"agent.me"};
  draft.source = "source.sdk.run";
  draft.summary = "run completed";
  const auto event = run_event(draft, from_millis(1'800'000'000'000));
  CHECK(event.envelope.subject_ref == entity(entity_kind::run, "run.me"));
  CHECK(event.envelope.timestamp == "2027-01-15T08:00:00.000Z");
  CHECK(event.envelope.delivery_semantics == event_delivery_semantics::journal_backed);
  CHECK(event.envelope.content_capture == content_capture_mode::off);
  CHECK(std::get<redacted_summary_payload>(event.payload).redacted_summary == "run completed");
}

}  // namespace
}  // namespace agentpool::core
