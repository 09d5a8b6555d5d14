#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agentpool/core/enums.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/core/refs.hpp"
#include "agentpool/core/shared.hpp"

/// Events, filters and cursors.
namespace agentpool::core {

/// Bounds of a subscriber's queue, in frames.
struct queue_config {
  std::uint64_t capacity = 64;
  std::uint64_t terminal_reserve = 1;
  subscriber_overflow_policy overflow{};

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("capacity", self.capacity, presence::defaulted);
    visit("terminal_reserve", self.terminal_reserve, presence::defaulted);
    visit("overflow", self.overflow, presence::defaulted);
  }
  friend bool operator==(const queue_config&, const queue_config&) = default;
};

/// Which events a subscriber or a wake condition wants.
struct event_filter {
  set_of<run_id> run_ids;
  set_of<session_id> session_ids;
  set_of<agent_id> agent_ids;
  set_of<turn_id> turn_ids;
  set_of<event_family> families;
  set_of<event_kind> kinds;
  set_of<source_kind> source_kinds;
  set_of<destination_kind> destination_kinds;
  set_of<entity_kind> subject_kinds;
  set_of<entity_kind> related_entity_kinds;
  set_of<correlation_key> correlation_keys;
  set_of<event_tag> tags;
  set_of<privacy_class> privacy_classes;
  set_of<event_delivery_semantics> delivery_semantics;
  bool terminal_only = false;
  payload_access_mode payload_access{};
  queue_config queue;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_ids", self.run_ids, presence::defaulted);
    visit("session_ids", self.session_ids, presence::defaulted);
    visit("agent_ids", self.agent_ids, presence::defaulted);
    visit("turn_ids", self.turn_ids, presence::defaulted);
    visit("families", self.families, presence::defaulted);
    visit("kinds", self.kinds, presence::defaulted);
    visit("source_kinds", self.source_kinds, presence::defaulted);
    visit("destination_kinds", self.destination_kinds, presence::defaulted);
    visit("subject_kinds", self.subject_kinds, presence::defaulted);
    visit("related_entity_kinds", self.related_entity_kinds, presence::defaulted);
    visit("correlation_keys", self.correlation_keys, presence::defaulted);
    visit("tags", self.tags, presence::defaulted);
    visit("privacy_classes", self.privacy_classes, presence::defaulted);
    visit("delivery_semantics", self.delivery_semantics, presence::defaulted);
    visit("terminal_only", self.terminal_only, presence::defaulted);
    visit("payload_access", self.payload_access, presence::defaulted);
    visit("queue", self.queue, presence::defaulted);
  }
  friend bool operator==(const event_filter&, const event_filter&) = default;
};

/// A filter with its fingerprint and what it constrains.
struct compiled_event_filter {
  event_filter_id filter_id;
  event_filter_fingerprint filter_fingerprint;
  std::vector<event_index_field> indexed_fields;
  payload_access_mode payload_access{};
  queue_config queue;
  event_filter criteria;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("filter_id", self.filter_id);
    visit("filter_fingerprint", self.filter_fingerprint);
    visit("indexed_fields", self.indexed_fields, presence::always);
    visit("payload_access", self.payload_access);
    visit("queue", self.queue);
    visit("criteria", self.criteria);
  }
  friend bool operator==(const compiled_event_filter&, const compiled_event_filter&) = default;
};

/// A stream that one run's events make up.
struct run_scope {
  core::run_id run;
  friend bool operator==(const run_scope&, const run_scope&) = default;
};

/// A stream that the events of one agent's runs make up.
struct agent_scope {
  core::agent_id agent;
  friend bool operator==(const agent_scope&, const agent_scope&) = default;
};

/// A stream that a caller's compiled filter makes up.
struct filter_scope {
  event_filter_id filter_id;
  event_filter_fingerprint filter_fingerprint;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("filter_id", self.filter_id);
    visit("filter_fingerprint", self.filter_fingerprint);
  }
  friend bool operator==(const filter_scope&, const filter_scope&) = default;
};

/// The stream that every event of a pool makes up.
struct whole_scope {
  friend bool operator==(const whole_scope&, const whole_scope&) = default;
};

/// Which stream a cursor is a position in.
using event_stream_scope = std::variant<whole_scope, run_scope, agent_scope, filter_scope>;

/// A position in an event stream.
struct event_cursor {
  event_stream_scope scope;
  std::uint64_t event_seq = 0;
  core::event_id event_id;
  std::optional<core::journal_cursor> journal_cursor;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("scope", self.scope);
    visit("event_seq", self.event_seq);
    visit("event_id", self.event_id);
    visit("journal_cursor", self.journal_cursor);
  }
  friend bool operator==(const event_cursor&, const event_cursor&) = default;
};

/// A position in an archive of old events.
struct archive_cursor {
  archive_cursor_id archive_id;
  std::string position;
  std::optional<core::event_id> event_id;
  std::optional<std::string> watermark;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("archive_id", self.archive_id);
    visit("position", self.position);
    visit("event_id", self.event_id);
    visit("watermark", self.watermark);
  }
  friend bool operator==(const archive_cursor&, const archive_cursor&) = default;
};

/// What a lagging subscriber did not get, and from where to read it.
struct overflow_notice {
  subscriber_overflow_policy policy{};
  std::uint64_t dropped_count = 0;
  std::optional<event_cursor> gap_start;
  event_cursor gap_end;
  std::optional<journal_cursor> repair_from;
  bool terminal_preserved = false;
  event_overflow_reason reason{};

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("policy", self.policy);
    visit("dropped_count", self.dropped_count);
    visit("gap_start", self.gap_start);
    visit("gap_end", self.gap_end);
    visit("repair_from", self.repair_from);
    visit("terminal_preserved", self.terminal_preserved);
    visit("reason", self.reason);
  }
  friend bool operator==(const overflow_notice&, const overflow_notice&) = default;
};

/// The payload of an event that says nothing beyond its envelope.
struct envelope_only_payload {
  static constexpr std::string_view type = "envelope_only";

  template <class Self, class Visitor>
  static void fields(Self&, Visitor&) {}
  friend bool operator==(const envelope_only_payload&, const envelope_only_payload&) = default;
};

/// A payload of a fixed summary and refs; never content.
struct redacted_summary_payload {
  static constexpr std::string_view type = "redacted_summary";

  std::string redacted_summary;
  std::vector<entity_ref> payload_refs;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("redacted_summary", self.redacted_summary);
    visit("payload_refs", self.payload_refs);
  }
  friend bool operator==(const redacted_summary_payload&,
                         const redacted_summary_payload&) = default;
};

/// What an event says; tagged by `mode`.
using event_payload = std::variant<envelope_only_payload, redacted_summary_payload>;

/// All of an event but its payload. Times are RFC 3339, UTC, milliseconds.
struct event_envelope {
  std::uint16_t schema_version = 0;
  core::event_id event_id;
  std::uint64_t event_seq = 0;
  core::event_family event_family{};
  core::event_kind event_kind{};
  std::uint16_t payload_schema_version = 0;
  std::string timestamp;
  std::string recorded_at;
  core::run_id run_id;
  std::optional<core::session_id> session_id;
  core::agent_id agent_id;
  std::optional<core::turn_id> turn_id;
  std::optional<core::attempt_id> attempt_id;
  std::optional<core::message_id> message_id;
  std::optional<core::context_item_id> context_item_id;
  core::trace_id trace_id;
  core::span_id span_id;
  std::optional<core::event_id> parent_event_id;
  std::optional<causal_ref> caused_by;
  entity_ref subject_ref;
  std::vector<entity_ref> related_refs;
  std::vector<causal_ref> causal_refs;
  event_correlation correlation;
  std::vector<event_tag> tags;
  source_ref source;
  std::optional<destination_ref> destination;
  std::vector<policy_ref> policy_refs;
  std::optional<core::journal_cursor> journal_cursor;
  std::optional<std::string> state_before;
  std::optional<std::string> state_after;
  event_delivery_semantics delivery_semantics{};
  privacy_class privacy{};
  content_capture_mode content_capture{};
  std::string redaction_policy_id;
  std::string runtime_package_fingerprint;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("schema_version", self.schema_version);
    visit("event_id", self.event_id);
    visit("event_seq", self.event_seq);
    visit("event_family", self.event_family);
    visit("event_kind", self.event_kind);
    visit("payload_schema_version", self.payload_schema_version);
    visit("timestamp", self.timestamp);
    visit("recorded_at", self.recorded_at);
    visit("run_id", self.run_id);
    visit("session_id", self.session_id);
    visit("agent_id", self.agent_id);
    visit("turn_id", self.turn_id);
    visit("attempt_id", self.attempt_id);
    visit("message_id", self.message_id);
    visit("context_item_id", self.context_item_id);
    visit("trace_id", self.trace_id);
    visit("span_id", self.span_id);
    visit("parent_event_id", self.parent_event_id);
    visit("caused_by", self.caused_by);
    visit("subject_ref", self.subject_ref);
    visit("related_refs", self.related_refs);
    visit("causal_refs", self.causal_refs);
    visit("correlation", self.correlation);
    visit("tags", self.tags);
    visit("source", self.source);
    visit("destination", self.destination);
    visit("policy_refs", self.policy_refs);
    visit("journal_cursor", self.journal_cursor);
    visit("state_before", self.state_before);
    visit("state_after", self.state_after);
    visit("delivery_semantics", self.delivery_semantics);
    visit("privacy", self.privacy);
    visit("content_capture", self.content_capture);
    visit("redaction_policy_id", self.redaction_policy_id);
    visit("runtime_package_fingerprint", self.runtime_package_fingerprint);
  }
  friend bool operator==(const event_envelope&, const event_envelope&) = default;
};

/// Something that happened.
struct agent_event {
  event_envelope envelope;
  event_payload payload;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("envelope", self.envelope);
    visit("payload", self.payload);
  }
  friend bool operator==(const agent_event&, const agent_event&) = default;
};

/// An event as a subscriber gets it.
struct event_frame {
  shared<agent_event> event;  ///< Of all the frames that it is told in.
  event_cursor cursor;
  std::optional<core::archive_cursor> archive_cursor;
  std::optional<overflow_notice> overflow;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("event", field_of(self.event));
    visit("cursor", self.cursor);
    visit("archive_cursor", self.archive_cursor);
    visit("overflow", self.overflow);
  }
  friend bool operator==(const event_frame&, const event_frame&) = default;
};

}  // namespace agentpool::core
