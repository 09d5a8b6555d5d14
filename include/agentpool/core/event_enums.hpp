#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "agentpool/core/enum_text.hpp"

/// The enumerations of events and their filters.
namespace agentpool::core {

// One enumerator a line would hide the tables.
// clang-format off

/// The group an event kind belongs to.
enum class event_family : std::uint8_t {
  run, turn, message, model, tool, approval, hook, context, stream_rule, realtime, isolation,
  child_lifecycle, agent_pool, subagent, extension, structured_output, output, output_delivery,
  telemetry, recovery
};
template <>
struct enum_text<event_family> {
  static constexpr std::string_view type = "EventFamily";
  static constexpr std::array<std::string_view, 20> values{
      "run", "turn", "message", "model", "tool", "approval", "hook", "context", "stream_rule",
      "realtime", "isolation", "child_lifecycle", "agent_pool", "subagent", "extension",
      "structured_output", "output", "output_delivery", "telemetry", "recovery"};
};

/// What happened.
enum class event_kind : std::uint8_t {
  run_started, run_completed, run_failed, run_cancelled, run_checkpointed, run_cancel_requested,
  run_resume_requested, run_resume_failed, turn_started, turn_completed, turn_failed,
  message_accepted, message_committed, provider_request_projected, model_attempt_started,
  model_stream_delta, model_message_completed, model_attempt_failed, tool_requested, tool_started,
  tool_completed, tool_failed, tool_denied, tool_recovery_required, approval_requested,
  approval_dispatched, approval_dispatch_unavailable, approval_responded, approval_denied,
  approval_timed_out, approval_cancelled, hook_registered, hook_invoked, hook_completed,
  hook_failed, hook_timed_out, hook_cancelled, hook_response_applied, hook_response_rejected,
  context_assembled, stream_rule_registered, stream_rule_compile_failed, stream_rule_matched,
  stream_intervention_requested, stream_intervention_applied, stream_rule_repeat_state_recorded,
  realtime_connect_requested, realtime_connected, realtime_input_send_requested,
  realtime_input_sent, realtime_output_receive_requested, realtime_output_received,
  realtime_interrupted, realtime_restart_requested, realtime_restart_started,
  realtime_restart_completed, realtime_restart_failed, realtime_close_requested, realtime_closed,
  realtime_backpressure_applied, isolation_requested, isolation_adapter_health_checked,
  isolation_capability_matched, isolation_downgrade_denied, isolation_downgrade_approved,
  isolation_environment_prepared, isolation_process_started, isolation_process_io_captured,
  isolation_process_stats_recorded, isolation_cleanup_started, isolation_cleanup_completed,
  isolation_cleanup_failed, isolation_failed, child_lifecycle_requested,
  child_lifecycle_completed, child_lifecycle_detached, subagent_started, subagent_handoff,
  subagent_event_wrapped, subagent_usage_rolled_up, subagent_completed,
  extension_action_submitted, extension_action_started, extension_action_completed,
  extension_action_failed, extension_action_denied, output_dispatch_requested,
  output_dispatch_completed, output_dispatch_failed, output_dispatch_deduped,
  structured_output_requested, structured_output_validation_started,
  structured_output_validation_failed, structured_output_repair_requested,
  structured_output_validated, structured_output_failed, telemetry_sink_failed,
  telemetry_sink_recovered, usage_recorded, cost_estimated, cost_corrected, replay_started,
  replay_completed, replay_failed, agent_pool_created, agent_pool_run_joined, agent_pool_run_left,
  run_message_accepted, run_message_delivered, run_message_responded, run_message_failed,
  run_message_timed_out, run_message_expired, run_message_cancelled, wake_condition_registered,
  wake_condition_triggered, wake_condition_timed_out, wake_condition_cancelled,
  wake_condition_failed
};
template <>
struct enum_text<event_kind> {
  static constexpr std::string_view type = "EventKind";
  static constexpr std::array<std::string_view, 119> values{
      "run_started", "run_completed", "run_failed", "run_cancelled", "run_checkpointed",
      "run_cancel_requested", "run_resume_requested", "run_resume_failed", "turn_started",
      "turn_completed", "turn_failed", "message_accepted", "message_committed",
      "provider_request_projected", "model_attempt_started", "model_stream_delta",
      "model_message_completed", "model_attempt_failed", "tool_requested", "tool_started",
      "tool_completed", "tool_failed", "tool_denied", "tool_recovery_required",
      "approval_requested", "approval_dispatched", "approval_dispatch_unavailable",
      "approval_responded", "approval_denied", "approval_timed_out", "approval_cancelled",
      "hook_registered", "hook_invoked", "hook_completed", "hook_failed", "hook_timed_out",
      "hook_cancelled", "hook_response_applied", "hook_response_rejected",
      "context_assembled", "stream_rule_registered", "stream_rule_compile_failed",
      "stream_rule_matched", "stream_intervention_requested", "stream_intervention_applied",
      "stream_rule_repeat_state_recorded", "realtime_connect_requested", "realtime_connected",
      "realtime_input_send_requested", "realtime_input_sent",
      "realtime_output_receive_requested", "realtime_output_received", "realtime_interrupted",
      "realtime_restart_requested", "realtime_restart_started", "realtime_restart_completed",
      "realtime_restart_failed", "realtime_close_requested", "realtime_closed",
      "realtime_backpressure_applied", "isolation_requested",
      "isolation_adapter_health_checked", "isolation_capability_matched",
      "isolation_downgrade_denied", "isolation_downgrade_approved",
      "isolation_environment_prepared", "isolation_process_started",
      "isolation_process_io_captured", "isolation_process_stats_recorded",
      "isolation_cleanup_started", "isolation_cleanup_completed", "isolation_cleanup_failed",
      "isolation_failed", "child_lifecycle_requested", "child_lifecycle_completed",
      "child_lifecycle_detached", "subagent_started", "subagent_handoff",
      "subagent_event_wrapped", "subagent_usage_rolled_up", "subagent_completed",
      "extension_action_submitted", "extension_action_started", "extension_action_completed",
      "extension_action_failed", "extension_action_denied", "output_dispatch_requested",
      "output_dispatch_completed", "output_dispatch_failed", "output_dispatch_deduped",
      "structured_output_requested", "structured_output_validation_started",
      "structured_output_validation_failed", "structured_output_repair_requested",
      "structured_output_validated", "structured_output_failed", "telemetry_sink_failed",
      "telemetry_sink_recovered", "usage_recorded", "cost_estimated", "cost_corrected",
      "replay_started", "replay_completed", "replay_failed", "agent_pool_created",
      "agent_pool_run_joined", "agent_pool_run_left", "run_message_accepted",
      "run_message_delivered", "run_message_responded", "run_message_failed",
      "run_message_timed_out", "run_message_expired", "run_message_cancelled",
      "wake_condition_registered", "wake_condition_triggered", "wake_condition_timed_out",
      "wake_condition_cancelled", "wake_condition_failed"};
};

/// Whether an event is stored before it is published.
enum class event_delivery_semantics : std::uint8_t {
  best_effort_live, journal_backed, derived_replay, diagnostic_only
};
template <>
struct enum_text<event_delivery_semantics> {
  static constexpr std::string_view type = "EventDeliverySemantics";
  static constexpr std::array<std::string_view, 4> values{
      "best_effort_live", "journal_backed", "derived_replay", "diagnostic_only"};
};

/// How much content an event carries.
enum class content_capture_mode : std::uint8_t {
  off, metadata_only, redacted_summary, payload_refs, raw_content
};
template <>
struct enum_text<content_capture_mode> {
  static constexpr std::string_view type = "ContentCaptureMode";
  static constexpr std::array<std::string_view, 5> values{
      "off", "metadata_only", "redacted_summary", "payload_refs", "raw_content"};
};

/// How much of a payload a subscriber asks for.
enum class payload_access_mode : std::uint8_t {
  envelope_only, redacted_summary, payload_refs, full_payload_if_policy_allows
};
template <>
struct enum_text<payload_access_mode> {
  static constexpr std::string_view type = "PayloadAccessMode";
  static constexpr std::array<std::string_view, 4> values{
      "envelope_only", "redacted_summary", "payload_refs", "full_payload_if_policy_allows"};
};

/// What gives way when a subscriber lags.
enum class subscriber_overflow_policy : std::uint8_t {
  drop_non_terminal, drop_progress, summarize_and_continue, backpressure_caller, fail_subscriber
};
template <>
struct enum_text<subscriber_overflow_policy> {
  static constexpr std::string_view type = "SubscriberOverflowPolicy";
  static constexpr std::array<std::string_view, 5> values{
      "drop_non_terminal", "drop_progress", "summarize_and_continue", "backpressure_caller",
      "fail_subscriber"};
};

/// Why events are missing before a frame.
enum class event_overflow_reason : std::uint8_t {
  subscriber_queue_full, subscriber_lagged, live_buffer_expired, policy_dropped_progress,
  policy_dropped_non_terminal
};
template <>
struct enum_text<event_overflow_reason> {
  static constexpr std::string_view type = "EventOverflowReason";
  static constexpr std::array<std::string_view, 5> values{
      "subscriber_queue_full", "subscriber_lagged", "live_buffer_expired",
      "policy_dropped_progress", "policy_dropped_non_terminal"};
};

// g++ 12 takes the names of scoped enumerators for shadows of the identifier types.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
/// The fields a filter can constrain, in the order in which they are listed.
enum class event_index_field : std::uint8_t {
  run, session, agent, turn, event_family, event_kind, source, destination,
  subject_kind, related_entity_kind, correlation, tag, privacy, delivery_semantics
};
#pragma GCC diagnostic pop
template <>
struct enum_text<event_index_field> {
  static constexpr std::string_view type = "EventIndexField";
  static constexpr std::array<std::string_view, 14> values{
      "run_id", "session_id", "agent_id", "turn_id", "event_family", "event_kind", "source",
      "destination", "subject_kind", "related_entity_kind", "correlation_key", "tag",
      "privacy", "delivery_semantics"};
};

// clang-format on

/// True for the kinds after which nothing more comes of what they are about.
[[nodiscard]] bool is_terminal(event_kind kind) noexcept;
/// True for the kinds that report progress and may be dropped first.
[[nodiscard]] bool is_progress(event_kind kind) noexcept;
/// True for the five kinds that tell what became of a wake condition.
[[nodiscard]] bool is_wake_kind(event_kind kind) noexcept;

}  // namespace agentpool::core
