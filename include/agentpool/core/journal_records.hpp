#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agentpool/core/enums.hpp"
#include "agentpool/core/event_records.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/core/refs.hpp"

/// What an auditor of a run reads.
namespace agentpool::core {

/// A membership change. Lists are as of after it; for `created`, before it.
struct membership_record {
  static constexpr std::string_view type = "agent_pool";

  core::pool_id pool_id;
  std::vector<run_id> member_run_ids;
  std::vector<topic_id> topics;
  std::vector<policy_ref> policy_refs;
  pool_lifecycle_status lifecycle_status{};

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("member_run_ids", self.member_run_ids);
    visit("topics", self.topics);
    visit("policy_refs", self.policy_refs);
    visit("lifecycle_status", self.lifecycle_status);
  }
  friend bool operator==(const membership_record&, const membership_record&) = default;
};

/// What is about to be done outside the engine.
struct effect_intent {
  core::effect_id effect_id;
  effect_kind kind{};
  entity_ref subject_ref;
  source_ref source;
  std::optional<destination_ref> destination;
  std::vector<policy_ref> policy_refs;
  std::optional<core::idempotency_key> idempotency_key;
  std::optional<core::dedupe_key> dedupe_key;
  std::vector<content_ref> content_refs;
  std::string redacted_summary;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("effect_id", self.effect_id);
    visit("kind", self.kind);
    visit("subject_ref", self.subject_ref);
    visit("source", self.source);
    visit("destination", self.destination);
    visit("policy_refs", self.policy_refs);
    visit("idempotency_key", self.idempotency_key);
    visit("dedupe_key", self.dedupe_key);
    visit("content_refs", self.content_refs);
    visit("redacted_summary", self.redacted_summary);
  }
  friend bool operator==(const effect_intent&, const effect_intent&) = default;
};

/// What came of an effect.
struct effect_result {
  core::effect_id effect_id;
  effect_terminal_status terminal_status{};
  std::optional<std::string> external_operation_id;
  std::optional<std::string> reconciliation_ref;
  std::optional<std::string> error_ref;
  std::vector<content_ref> content_refs;
  std::string redacted_summary;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("effect_id", self.effect_id);
    visit("terminal_status", self.terminal_status);
    visit("external_operation_id", self.external_operation_id);
    visit("reconciliation_ref", self.reconciliation_ref);
    visit("error_ref", self.error_ref);
    visit("content_refs", self.content_refs);
    visit("redacted_summary", self.redacted_summary);
  }
  friend bool operator==(const effect_result&, const effect_result&) = default;
};

/// A message transition.
struct run_message_record {
  static constexpr std::string_view type = "run_message";

  core::message_id message_id;
  run_id source_run_id;
  run_address_target address_target;
  core::content_ref content_ref;
  event_correlation correlation;
  std::optional<core::message_id> reply_to;
  message_status delivery_status{};
  std::vector<run_id> delivered_to;
  std::vector<policy_ref> policy_refs;
  core::idempotency_key idempotency_key;
  std::optional<core::effect_intent> effect_intent;
  std::optional<core::effect_result> effect_result;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("message_id", self.message_id);
    visit("source_run_id", self.source_run_id);
    visit("address_target", self.address_target);
    visit("content_ref", self.content_ref);
    visit("correlation", self.correlation);
    visit("reply_to", self.reply_to);
    visit("delivery_status", self.delivery_status);
    visit("delivered_to", self.delivered_to);
    visit("policy_refs", self.policy_refs);
    visit("idempotency_key", self.idempotency_key);
    visit("effect_intent", self.effect_intent);
    visit("effect_result", self.effect_result);
  }
  friend bool operator==(const run_message_record&, const run_message_record&) = default;
};

/// A wake transition.
struct wake_record {
  static constexpr std::string_view type = "wake";

  wake_condition_id condition_id;
  core::run_id run_id;
  core::event_filter_fingerprint event_filter_fingerprint;
  std::optional<std::uint64_t> timeout_millis;
  resume_input_policy resume_policy{};
  wake_registration_status trigger_status{};
  std::vector<policy_ref> policy_refs;
  core::idempotency_key idempotency_key;
  std::optional<event_id> matched_event_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("condition_id", self.condition_id);
    visit("run_id", self.run_id);
    visit("event_filter_fingerprint", self.event_filter_fingerprint);
    visit("timeout_millis", self.timeout_millis);
    visit("resume_policy", self.resume_policy);
    visit("trigger_status", self.trigger_status);
    visit("policy_refs", self.policy_refs);
    visit("idempotency_key", self.idempotency_key);
    visit("matched_event_id", self.matched_event_id);
  }
  friend bool operator==(const wake_record&, const wake_record&) = default;
};

/// What of a journal record can be searched for.
struct event_index_projection {
  core::run_id run_id;
  std::optional<core::session_id> session_id;
  core::agent_id agent_id;
  std::optional<core::turn_id> turn_id;
  std::string event_family;
  std::string event_kind;
  source_ref source;
  std::optional<destination_ref> destination;
  entity_ref subject_ref;
  std::vector<entity_ref> related_refs;
  std::vector<correlation_entry> correlation_keys;
  std::vector<std::string> tags;
  core::privacy_class privacy_class{};
  std::string delivery_semantics;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("session_id", self.session_id);
    visit("agent_id", self.agent_id);
    visit("turn_id", self.turn_id);
    visit("event_family", self.event_family);
    visit("event_kind", self.event_kind);
    visit("source", self.source);
    visit("destination", self.destination);
    visit("subject_ref", self.subject_ref);
    visit("related_refs", self.related_refs);
    visit("correlation_keys", self.correlation_keys);
    visit("tags", self.tags);
    visit("privacy_class", self.privacy_class);
    visit("delivery_semantics", self.delivery_semantics);
  }
  friend bool operator==(const event_index_projection&, const event_index_projection&) = default;
};

/// A payload of a component outside the pool: compact JSON, kept as it came.
struct foreign_payload {
  std::string json;
  friend bool operator==(const foreign_payload&, const foreign_payload&) = default;
};

/// What a journal record tells; tagged by `type`.
using journal_payload =
    std::variant<membership_record, run_message_record, wake_record, foreign_payload>;

/// A log entry as an auditor of a run sees it.
struct journal_record {
  std::uint16_t journal_schema_version = 0;
  std::uint64_t journal_seq = 0;
  std::string record_id;
  journal_record_kind record_kind{};
  core::run_id run_id;
  std::optional<core::session_id> session_id;
  core::agent_id agent_id;
  std::optional<core::turn_id> turn_id;
  std::optional<core::attempt_id> attempt_id;
  entity_ref subject_ref;
  std::vector<entity_ref> related_refs;
  std::vector<std::string> causal_refs;
  source_ref source;
  std::optional<destination_ref> destination;
  std::vector<correlation_entry> correlation_keys;
  std::vector<std::string> tags;
  std::string delivery_semantics;
  event_index_projection event_index;
  std::uint64_t timestamp_millis = 0;
  std::string runtime_package_fingerprint;
  privacy_class privacy{};
  std::vector<content_ref> content_refs;
  std::string redaction_policy_id;
  std::optional<core::idempotency_key> idempotency_key;
  std::optional<core::dedupe_key> dedupe_key;
  std::optional<std::string> checkpoint_ref;
  journal_payload payload{};

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("journal_schema_version", self.journal_schema_version);
    visit("journal_seq", self.journal_seq);
    visit("record_id", self.record_id);
    visit("record_kind", self.record_kind);
    visit("run_id", self.run_id);
    visit("session_id", self.session_id);
    visit("agent_id", self.agent_id);
    visit("turn_id", self.turn_id);
    visit("attempt_id", self.attempt_id);
    visit("subject_ref", self.subject_ref);
    visit("related_refs", self.related_refs);
    visit("causal_refs", self.causal_refs);
    visit("source", self.source);
    visit("destination", self.destination);
    visit("correlation_keys", self.correlation_keys);
    visit("tags", self.tags);
    visit("delivery_semantics", self.delivery_semantics);
    visit("event_index", self.event_index);
    visit("timestamp_millis", self.timestamp_millis);
    visit("runtime_package_fingerprint", self.runtime_package_fingerprint);
    visit("privacy", self.privacy);
    visit("content_refs", self.content_refs);
    visit("redaction_policy_id", self.redaction_policy_id);
    visit("idempotency_key", self.idempotency_key);
    visit("dedupe_key", self.dedupe_key);
    visit("checkpoint_ref", self.checkpoint_ref);
    visit("payload", self.payload);
  }
  friend bool operator==(const journal_record&, const journal_record&) = default;
};

}  // namespace agentpool::core
