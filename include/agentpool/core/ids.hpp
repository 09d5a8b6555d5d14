#pragma once

#include <string_view>

#include "agentpool/core/strong_id.hpp"

/// One type per kind of identifier; the rules are those of `strong_id`.
namespace agentpool::core {

struct agent_id_tag {
  static constexpr std::string_view type = "AgentId";
};
using agent_id = strong_id<agent_id_tag>;

struct pool_id_tag {
  static constexpr std::string_view type = "AgentPoolId";
};
using pool_id = strong_id<pool_id_tag>;

struct archive_cursor_id_tag {
  static constexpr std::string_view type = "ArchiveCursorId";
};
using archive_cursor_id = strong_id<archive_cursor_id_tag>;

struct attempt_id_tag {
  static constexpr std::string_view type = "AttemptId";
};
using attempt_id = strong_id<attempt_id_tag>;

struct content_ref_tag {
  static constexpr std::string_view type = "ContentRef";
};
using content_ref = strong_id<content_ref_tag>;

struct context_item_id_tag {
  static constexpr std::string_view type = "ContextItemId";
};
using context_item_id = strong_id<context_item_id_tag>;

struct correlation_key_tag {
  static constexpr std::string_view type = "CorrelationKey";
};
using correlation_key = strong_id<correlation_key_tag>;

struct correlation_value_tag {
  static constexpr std::string_view type = "CorrelationValue";
};
using correlation_value = strong_id<correlation_value_tag>;

struct dedupe_key_tag {
  static constexpr std::string_view type = "DedupeKey";
};
using dedupe_key = strong_id<dedupe_key_tag>;

struct destination_id_tag {
  static constexpr std::string_view type = "DestinationId";
};
using destination_id = strong_id<destination_id_tag>;

struct effect_id_tag {
  static constexpr std::string_view type = "EffectId";
};
using effect_id = strong_id<effect_id_tag>;

struct entity_id_tag {
  static constexpr std::string_view type = "EntityId";
};
using entity_id = strong_id<entity_id_tag>;

struct event_filter_fingerprint_tag {
  static constexpr std::string_view type = "EventFilterFingerprint";
};
using event_filter_fingerprint = strong_id<event_filter_fingerprint_tag>;

struct event_filter_id_tag {
  static constexpr std::string_view type = "EventFilterId";
};
using event_filter_id = strong_id<event_filter_id_tag>;

struct event_id_tag {
  static constexpr std::string_view type = "EventId";
};
using event_id = strong_id<event_id_tag>;

struct event_tag_tag {
  static constexpr std::string_view type = "EventTag";
};
using event_tag = strong_id<event_tag_tag>;

struct idempotency_key_tag {
  static constexpr std::string_view type = "IdempotencyKey";
};
using idempotency_key = strong_id<idempotency_key_tag>;

struct journal_cursor_tag {
  static constexpr std::string_view type = "JournalCursor";
};
using journal_cursor = strong_id<journal_cursor_tag>;

struct message_id_tag {
  static constexpr std::string_view type = "MessageId";
};
using message_id = strong_id<message_id_tag>;

struct policy_id_tag {
  static constexpr std::string_view type = "PolicyId";
};
using policy_id = strong_id<policy_id_tag>;

struct run_id_tag {
  static constexpr std::string_view type = "RunId";
};
using run_id = strong_id<run_id_tag>;

struct session_id_tag {
  static constexpr std::string_view type = "SessionId";
};
using session_id = strong_id<session_id_tag>;

struct source_id_tag {
  static constexpr std::string_view type = "SourceId";
};
using source_id = strong_id<source_id_tag>;

struct span_id_tag {
  static constexpr std::string_view type = "SpanId";
};
using span_id = strong_id<span_id_tag>;

struct topic_id_tag {
  static constexpr std::string_view type = "TopicId";
};
using topic_id = strong_id<topic_id_tag>;

struct trace_id_tag {
  static constexpr std::string_view type = "TraceId";
};
using trace_id = strong_id<trace_id_tag>;

struct turn_id_tag {
  static constexpr std::string_view type = "TurnId";
};
using turn_id = strong_id<turn_id_tag>;

struct wake_condition_id_tag {
  static constexpr std::string_view type = "WakeConditionId";
};
using wake_condition_id = strong_id<wake_condition_id_tag>;

}  // namespace agentpool::core
