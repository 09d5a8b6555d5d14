#include "agentpool/core/projection.hpp"

#include <algorithm>
#include <tuple>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/digest.hpp"
#include "agentpool/core/filter.hpp"
#include "agentpool/core/time.hpp"

namespace agentpool::core {

namespace {

constexpr const char* feature_tag = "feature:agent_pool";
constexpr const char* redaction_policy = "redaction.agent_pool.default";
constexpr const char* unknown_package = "runtime.package.fingerprint.agent_pool";

const source_ref& pool_source() {
  static const source_ref source = [] {
    source_ref ref;
    ref.kind = source_kind::sdk;
    ref.id = source_id{"source.sdk.agent_pool"};
    ref.trust = trust_class::host_provided;
    ref.privacy = privacy_class::content_refs_only;
    return ref;
  }();
  return source;
}

constexpr event_kind kind_of(message_status status) {
  switch (status) {
    case message_status::accepted: return event_kind::run_message_accepted;
    case message_status::delivered: return event_kind::run_message_delivered;
    case message_status::responded: return event_kind::run_message_responded;
    case message_status::failed: return event_kind::run_message_failed;
    case message_status::timed_out: return event_kind::run_message_timed_out;
    case message_status::expired: return event_kind::run_message_expired;
    case message_status::cancelled: return event_kind::run_message_cancelled;
  }
  return event_kind::run_message_failed;
}

constexpr event_kind kind_of(wake_registration_status status) {
  switch (status) {
    case wake_registration_status::registered: return event_kind::wake_condition_registered;
    case wake_registration_status::triggered: return event_kind::wake_condition_triggered;
    case wake_registration_status::timed_out: return event_kind::wake_condition_timed_out;
    case wake_registration_status::cancelled: return event_kind::wake_condition_cancelled;
    case wake_registration_status::failed: return event_kind::wake_condition_failed;
  }
  return event_kind::wake_condition_failed;
}

event_kind kind_of(const store_payload& payload) {
  if (const auto* message = std::get_if<message_recorded>(&payload))
    return kind_of(message->stored.receipt.status);
  if (const auto* wake = std::get_if<wake_recorded>(&payload))
    return kind_of(wake->stored->registration.status);
  if (std::holds_alternative<pool_created>(payload)) return event_kind::agent_pool_created;
  return std::holds_alternative<member_left>(payload) ? event_kind::agent_pool_run_left
                                                      : event_kind::agent_pool_run_joined;
}

/// The kind in words: "run message delivered".
std::string in_words(event_kind kind) {
  std::string words{to_text(kind)};
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string summary_of(event_kind kind) {
  return kind <= event_kind::agent_pool_run_left ? "agent pool membership updated" : in_words(kind);
}

/// By kind in enumeration order, then id; no repeats.
void sort_refs(std::vector<entity_ref>& refs) {
  const auto key = [](const entity_ref& ref) { return std::tie(ref.kind, ref.id); };
  std::stable_sort(refs.begin(), refs.end(),
                   [&](const auto& a, const auto& b) { return key(a) < key(b); });
  refs.erase(std::unique(refs.begin(), refs.end(),
                         [&](const auto& a, const auto& b) { return key(a) == key(b); }),
             refs.end());
}

/// The address's refs and every recipient.
std::vector<entity_ref> related_to(const stored_message& stored) {
  std::vector<entity_ref> refs = stored.message->to.related_refs;
  for (const auto& run : stored.receipt.delivered_to)
    refs.push_back(entity(entity_kind::run, run.text()));
  sort_refs(refs);
  return refs;
}

entity_ref subject_of(const store_payload& payload, const run_id& run) {
  if (const auto* message = std::get_if<message_recorded>(&payload))
    return entity(entity_kind::message, message->stored.message->message_id.text());
  if (const auto* wake = std::get_if<wake_recorded>(&payload))
    return entity(entity_kind::wake_condition, wake->stored->condition.condition_id.text());
  return entity(entity_kind::run, run.text());
}

/// What the event says beyond its numbers and its kind.
void describe(event_envelope& event, const store_payload& payload) {
  if (const auto* message = std::get_if<message_recorded>(&payload)) {
    const auto& sent = *message->stored.message;
    event.message_id = sent.message_id;
    event.related_refs = related_to(message->stored);
    event.correlation = sent.correlation;
    event.destination = sent.to.destination_ref;
    event.policy_refs = sent.policy_refs;
    return;
  }
  event.destination = destination(destination_kind::agent, event.run_id.text());
  if (const auto* wake = std::get_if<wake_recorded>(&payload)) {
    event.related_refs = {entity(entity_kind::run, event.run_id.text()), event.subject_ref};
    event.policy_refs = wake->stored->condition.policy_refs;
  }
}

agent_event record_event(const pool_id& pool, const published& what, const store_record& record) {
  const std::string number = std::to_string(what.number);
  agent_event event;
  auto& envelope = event.envelope;
  envelope.schema_version = 1;
  envelope.event_id = event_id{derived_id("event.agent_pool.", pool.text(), "." + number)};
  envelope.event_seq = what.at.event_seq;
  envelope.event_family = event_family::agent_pool;
  envelope.event_kind = kind_of(record.payload);
  envelope.payload_schema_version = 1;
  envelope.timestamp = rfc3339(what.entry->recorded_at_millis);
  envelope.recorded_at = envelope.timestamp;
  envelope.run_id = what.run_id;
  envelope.agent_id = what.agent_id;
  envelope.trace_id = trace_id{derived_id("trace.agent_pool.", pool.text())};
  envelope.span_id = span_id{derived_id("span.agent_pool.", pool.text(), "." + number)};
  envelope.subject_ref = subject_of(record.payload, what.run_id);
  describe(envelope, record.payload);
  envelope.tags = {event_tag{feature_tag}};
  envelope.source = pool_source();
  envelope.journal_cursor = journal_cursor_at(what.number);
  envelope.delivery_semantics = event_delivery_semantics::journal_backed;
  envelope.privacy = privacy_class::content_refs_only;
  envelope.content_capture = content_capture_mode::off;
  envelope.redaction_policy_id = redaction_policy;
  envelope.runtime_package_fingerprint = unknown_package;
  event.payload = redacted_summary_payload{summary_of(envelope.event_kind), {}};
  return event;
}

constexpr effect_terminal_status terminal_of(message_status status) {
  switch (status) {
    case message_status::accepted:
    case message_status::delivered:
    case message_status::responded: return effect_terminal_status::completed;
    case message_status::failed:
    case message_status::expired: return effect_terminal_status::failed;
    case message_status::timed_out: return effect_terminal_status::timed_out;
    case message_status::cancelled: return effect_terminal_status::cancelled;
  }
  return effect_terminal_status::unknown;
}

effect_intent intent_of(const run_message& message, const effect_id& id) {
  effect_intent intent;
  intent.effect_id = id;
  intent.kind = effect_kind::run_message_delivery;
  intent.subject_ref = entity(entity_kind::message, message.message_id.text());
  intent.source = pool_source();
  intent.destination = message.to.destination_ref;
  intent.policy_refs = message.policy_refs;
  intent.idempotency_key = message.idempotency_key;
  intent.content_refs = {message.content_ref};
  intent.redacted_summary = "run message delivery intent";
  return intent;
}

run_message_record message_record(const stored_message& stored) {
  const auto& message = *stored.message;
  run_message_record record;
  record.message_id = message.message_id;
  record.source_run_id = message.from;
  record.address_target = message.to.target;
  record.content_ref = message.content_ref;
  record.correlation = message.correlation;
  record.reply_to = message.reply_to;
  record.delivery_status = stored.receipt.status;
  record.delivered_to = stored.receipt.delivered_to;
  record.policy_refs = message.policy_refs;
  record.idempotency_key = message.idempotency_key;
  const effect_id effect{derived_id("effect.run_message.", message.message_id.text())};
  if (stored.receipt.status == message_status::accepted) {
    record.effect_intent = intent_of(message, effect);
    return record;
  }
  record.effect_result =
      effect_result{.effect_id = effect,
                    .terminal_status = terminal_of(stored.receipt.status),
                    .external_operation_id = {},
                    .reconciliation_ref = {},
                    .error_ref = {},
                    .content_refs = {message.content_ref},
                    .redacted_summary = in_words(kind_of(stored.receipt.status))};
  return record;
}

core::wake_record wake_record_of(const stored_wake& stored,
                                 const boxed_optional<trigger>& triggered_by) {
  core::wake_record record;
  record.condition_id = stored.condition.condition_id;
  record.run_id = stored.condition.run_id;
  record.event_filter_fingerprint = stored.compiled_filter.filter_fingerprint;
  record.timeout_millis = stored.condition.timeout_millis;
  record.resume_policy = stored.condition.resume_with;
  record.trigger_status = stored.registration.status;
  record.policy_refs = stored.condition.policy_refs;
  record.idempotency_key = stored.condition.idempotency_key;
  if (triggered_by) record.matched_event_id = triggered_by->event_id;
  return record;
}

membership_record membership_of(const pool_id& pool, const store_payload& payload,
                                const roll& after) {
  membership_record record;
  record.pool_id = pool;
  if (after.config()) record.policy_refs = after.config()->policy_refs;
  if (std::holds_alternative<pool_created>(payload)) {
    record.lifecycle_status = pool_lifecycle_status::created;
    return record;
  }
  for (const auto& member : after.members()) record.member_run_ids.push_back(member.run_id);
  record.topics = after.topics();
  record.lifecycle_status = std::holds_alternative<member_left>(payload)
                                ? pool_lifecycle_status::run_left
                                : pool_lifecycle_status::run_joined;
  return record;
}

/// The fields that depend on what kind of record it is.
void fill_by_kind(journal_record& record, const published& what, const pool_id& pool,
                  const roll& after) {
  const auto& payload = what.entry->record()->payload;
  record.record_kind = journal_record_kind::agent_pool;
  if (const auto* message = std::get_if<message_recorded>(&payload)) {
    record.record_kind = journal_record_kind::run_message;
    record.related_refs = related_to(message->stored);
    record.content_refs = {message->stored.message->content_ref};
    record.idempotency_key = message->stored.message->idempotency_key;
    record.payload = message_record(message->stored);
  } else if (const auto* wake = std::get_if<wake_recorded>(&payload)) {
    record.record_kind = journal_record_kind::wake;
    record.related_refs = {entity(entity_kind::run, what.run_id.text())};
    record.idempotency_key = wake->stored->condition.idempotency_key;
    record.payload = wake_record_of(*wake->stored, what.entry->triggered_by);
  } else {
    record.payload = membership_of(pool, payload, after);
  }
}

event_index_projection index_of(const journal_record& record, event_kind kind) {
  event_index_projection index;
  index.run_id = record.run_id;
  index.agent_id = record.agent_id;
  index.event_family = to_text(event_family::agent_pool);
  index.event_kind = to_text(kind);
  index.source = record.source;
  index.destination =
      destination(destination_kind::event_stream, "destination.event_stream.agent_pool");
  index.subject_ref = record.subject_ref;
  index.related_refs = record.related_refs;
  index.tags = record.tags;
  index.privacy_class = record.privacy;
  index.delivery_semantics = record.delivery_semantics;
  return index;
}

}  // namespace

event_kind kind_of(const published& what) {
  if (const auto* record = what.entry->record()) return kind_of(record->payload);
  return what.entry->host()->event.envelope.event_kind;
}

event_family family_of(const published& what) {
  if (const auto* host = what.entry->host()) return host->event.envelope.event_family;
  return event_family::agent_pool;
}

agent_event project_event(const pool_id& pool, const published& what) {
  if (const auto* record = what.entry->record()) return record_event(pool, what, *record);
  agent_event event = what.entry->host()->event;
  event.envelope.event_seq = what.at.event_seq;
  event.envelope.recorded_at = rfc3339(what.entry->recorded_at_millis);
  return event;
}

event_frame frame_of(shared<agent_event> event, const event_stream_scope& scope) {
  event_frame frame;
  frame.cursor.scope = scope;
  frame.cursor.event_seq = event->envelope.event_seq;
  frame.cursor.event_id = event->envelope.event_id;
  frame.cursor.journal_cursor = event->envelope.journal_cursor;
  frame.event = std::move(event);
  return frame;
}

journal_record project_journal(const pool_id& pool, const published& what, const roll& after) {
  journal_record record;
  record.journal_schema_version = 1;
  record.journal_seq = what.number;
  record.record_id = "journal.record.agent_pool." + std::to_string(what.number);
  record.run_id = what.run_id;
  record.agent_id = what.agent_id;
  record.subject_ref = subject_of(what.entry->record()->payload, what.run_id);
  record.source = pool_source();
  record.destination = destination(destination_kind::journal, "destination.journal.agent_pool");
  record.tags = {feature_tag};
  record.delivery_semantics = to_text(event_delivery_semantics::journal_backed);
  record.timestamp_millis = what.entry->recorded_at_millis;
  record.runtime_package_fingerprint = unknown_package;
  record.privacy = privacy_class::content_refs_only;
  record.redaction_policy_id = redaction_policy;
  fill_by_kind(record, what, pool, after);
  record.event_index = index_of(record, kind_of(what.entry->record()->payload));
  return record;
}

trigger trigger_of(const agent_event& event, stamp at) {
  trigger cause;
  cause.event_id = event.envelope.event_id;
  cause.event_seq = at.event_seq;
  cause.live_ordinal = at.live_ordinal;
  cause.subject_ref = event.envelope.subject_ref;
  cause.related_refs = event.envelope.related_refs;
  cause.journal_cursor = event.envelope.journal_cursor;
  if (const auto* said = std::get_if<redacted_summary_payload>(&event.payload))
    cause.summary = said->redacted_summary;
  return cause;
}

wake_notice notice_of(const wake_recorded& wake, const boxed_optional<trigger>& triggered_by) {
  const auto& condition = wake.stored->condition;
  wake_notice notice;
  notice.condition_id = condition.condition_id;
  notice.run_id = condition.run_id;
  notice.status = wake.stored->registration.status;
  notice.resume_input.policy = condition.resume_with;
  if (!triggered_by) return notice;
  notice.matched_event_id = triggered_by->event_id;
  notice.matched_cursor = event_cursor{scope_of(condition.filter), triggered_by->event_seq,
                                       triggered_by->event_id, triggered_by->journal_cursor};
  switch (condition.resume_with) {
    case resume_input_policy::matching_event_refs:
      notice.resume_input.event_id = triggered_by->event_id;
      notice.resume_input.subject_ref = triggered_by->subject_ref;
      notice.resume_input.related_refs = triggered_by->related_refs;
      notice.resume_input.journal_cursor = triggered_by->journal_cursor;
      break;
    case resume_input_policy::redacted_summary:
      notice.resume_input.summary = triggered_by->summary;
      break;
    case resume_input_policy::none: break;
  }
  return notice;
}

}  // namespace agentpool::core
