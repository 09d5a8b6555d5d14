#include "samples.hpp"

#include <utility>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/filter.hpp"

namespace agentpool::stores::samples {

namespace {

core::run_message plain_message(const std::string& id) {
  core::run_message message;
  message.message_id = core::message_id{id};
  message.from = core::run_id{"run.sender"};
  message.to = core::address_of(core::to_run{core::run_id{"run.receiver"}});
  message.content_ref = core::content_ref{"content." + id};
  message.idempotency_key = core::idempotency_key{"key." + id};
  return message;
}

core::source_ref source() {
  core::source_ref ref;
  ref.kind = core::source_kind::host;
  ref.id = core::source_id{"source.host"};
  ref.trust = core::trust_class::host_provided;
  ref.privacy = core::privacy_class::content_refs_only;
  return ref;
}

}  // namespace

core::store_payload opened() { return core::pool_opened{}; }
core::store_payload created() { return core::pool_created{}; }

core::store_payload joined(const std::string& run) {
  return core::member_joined{{core::run_id{run}, core::agent_id{"agent.a"}, {}, {}}};
}

core::store_payload left(const std::string& run) {
  return core::member_left{{core::run_id{run}, core::agent_id{"agent.a"}, {}, {}}};
}

core::store_payload message(const std::string& id, core::message_status status) {
  core::message_receipt receipt{core::message_id{id}, status, {}, {}};
  if (status == core::message_status::delivered)
    receipt.delivered_to = {core::run_id{"run.receiver"}};
  return core::message_recorded{{plain_message(id), std::move(receipt)}};
}

core::store_payload wake(const std::string& id, core::wake_registration_status status) {
  core::wake_condition condition;
  condition.condition_id = core::wake_condition_id{id};
  condition.run_id = core::run_id{"run.waiter"};
  condition.timeout_millis = 500;
  condition.idempotency_key = core::idempotency_key{"key." + id};
  core::wake_registration registration{condition.condition_id, condition.run_id, status, {}};
  auto compiled = core::compile(condition.filter);
  return core::wake_recorded{
      core::stored_wake{std::move(condition), std::move(compiled), std::move(registration)}};
}

core::trigger trigger(const std::string& event) {
  core::trigger trigger;
  trigger.event_id = core::event_id{event};
  trigger.event_seq = 7;
  trigger.subject_ref = core::entity(core::entity_kind::run, "run.sender");
  trigger.related_refs = {core::entity(core::entity_kind::message, "message.1")};
  trigger.journal_cursor = core::journal_cursor_at(6);
  trigger.summary = "run message delivered";
  return trigger;
}

core::agent_event event(const std::string& id) {
  core::agent_event event;
  auto& envelope = event.envelope;
  envelope.schema_version = 1;
  envelope.event_id = core::event_id{id};
  envelope.event_family = core::event_family::run;
  envelope.event_kind = core::event_kind::run_started;
  envelope.payload_schema_version = 1;
  envelope.timestamp = core::rfc3339(1'000);
  envelope.recorded_at = core::rfc3339(1'000);
  envelope.run_id = core::run_id{"run.sender"};
  envelope.agent_id = core::agent_id{"agent.a"};
  envelope.trace_id = core::trace_id{"trace.1"};
  envelope.span_id = core::span_id{"span.1"};
  envelope.subject_ref = core::entity(core::entity_kind::run, "run.sender");
  envelope.source = source();
  envelope.delivery_semantics = core::event_delivery_semantics::journal_backed;
  envelope.redaction_policy_id = "redaction.host";
  envelope.runtime_package_fingerprint = "fingerprint.1";
  return event;
}

core::entry_ptr record(const core::pool_id& pool, std::uint64_t sequence,
                       core::store_payload payload, std::uint64_t recorded_at_millis) {
  auto entry = std::make_shared<core::log_entry>();
  entry->what = core::store_record{pool, {sequence}, std::move(payload)};
  entry->recorded_at_millis = recorded_at_millis;
  return entry;
}

core::entry_ptr host(std::uint64_t number, std::uint64_t after_sequence,
                     std::uint64_t recorded_at_millis) {
  auto entry = std::make_shared<core::log_entry>();
  entry->what =
      core::host_event{number, after_sequence, event("event.host." + std::to_string(number))};
  entry->recorded_at_millis = recorded_at_millis;
  return entry;
}

core::append_request records(const core::pool_id& pool, core::log_position expected,
                             std::size_t count) {
  core::append_request request{pool, expected, {}, {}};
  for (std::size_t i = 1; i <= count; ++i) {
    const std::uint64_t sequence = expected.sequence + i;
    request.entries.push_back(record(pool, sequence,
                                     sequence == 1 ? opened()
                                                   : message("message." + std::to_string(sequence),
                                                             core::message_status::accepted)));
  }
  return request;
}

core::append_request host_event(const core::pool_id& pool, core::log_position expected) {
  return {pool, expected, {host(expected.host_events + 1, expected.sequence)}, {}};
}

core::append_request acks(const core::pool_id& pool, std::vector<core::inbox_ack> positions) {
  return {pool, {}, {}, std::move(positions)};
}

core::inbox_ack ack(const std::string& run, std::uint64_t sequence) {
  return {core::run_id{run}, sequence};
}

}  // namespace agentpool::stores::samples
