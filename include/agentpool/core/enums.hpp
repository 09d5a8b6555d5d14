#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace agentpool::core {

// One enumerator a line would hide the tables.
// clang-format off

/// The enumeration's name in the record tables and the text of each value, in order.
/// The texts are what stands in JSON.
template <class Enum>
struct enum_text;

/// What an entity reference points at.
enum class entity_kind : std::uint8_t {
  run, turn, attempt, agent, agent_pool, topic, event, message, wake_condition,
  context_contribution, context_item, context_projection, content, artifact, capability,
  package_sidecar, runtime_package, policy_decision, effect, effect_intent, effect_result,
  tool_call, approval_request, stream_rule, realtime_session, hook, execution_environment,
  child_artifact, subagent_run, extension_action, output_delivery
};
template <>
struct enum_text<entity_kind> {
  static constexpr std::string_view type = "EntityKind";
  static constexpr std::array<std::string_view, 31> values{
      "run", "turn", "attempt", "agent", "agent_pool", "topic", "event", "message",
      "wake_condition", "context_contribution", "context_item", "context_projection",
      "content", "artifact", "capability", "package_sidecar", "runtime_package",
      "policy_decision", "effect", "effect_intent", "effect_result", "tool_call",
      "approval_request", "stream_rule", "realtime_session", "hook", "execution_environment",
      "child_artifact", "subagent_run", "extension_action", "output_delivery"};
};

/// What kind of thing an event or record came from.
enum class source_kind : std::uint8_t {
  sdk, host, user, system, developer, memory, compaction, hook, extension, tool, remote_channel,
  scheduled_task, subagent, external_runtime, replay
};
template <>
struct enum_text<source_kind> {
  static constexpr std::string_view type = "SourceKind";
  static constexpr std::array<std::string_view, 15> values{
      "sdk", "host", "user", "system", "developer", "memory", "compaction", "hook",
      "extension", "tool", "remote_channel", "scheduled_task", "subagent", "external_runtime",
      "replay"};
};

/// What kind of thing a message, event or record goes to.
enum class destination_kind : std::uint8_t {
  agent, agent_pool, topic, provider, context_projection, journal, event_stream, telemetry,
  output_sink, host, user, remote_channel, tool, extension, subagent, external_runtime
};
template <>
struct enum_text<destination_kind> {
  static constexpr std::string_view type = "DestinationKind";
  static constexpr std::array<std::string_view, 16> values{
      "agent", "agent_pool", "topic", "provider", "context_projection", "journal",
      "event_stream", "telemetry", "output_sink", "host", "user", "remote_channel", "tool",
      "extension", "subagent", "external_runtime"};
};

/// What a policy ref governs.
enum class policy_kind : std::uint8_t {
  approval, permission, sandbox, context, privacy, retention, redaction, runtime_package, host
};
template <>
struct enum_text<policy_kind> {
  static constexpr std::string_view type = "PolicyKind";
  static constexpr std::array<std::string_view, 9> values{
      "approval", "permission", "sandbox", "context", "privacy", "retention", "redaction",
      "runtime_package", "host"};
};

/// How private a record or reference is.
enum class privacy_class : std::uint8_t {
  public_, internal, content_refs_only, sensitive, secret
};
template <>
struct enum_text<privacy_class> {
  static constexpr std::string_view type = "PrivacyClass";
  static constexpr std::array<std::string_view, 5> values{
      "public", "internal", "content_refs_only", "sensitive", "secret"};
};

/// How long what a destination holds is kept.
enum class retention_class : std::uint8_t {
  ephemeral, run_scoped, session_scoped, durable, persistent, host_policy
};
template <>
struct enum_text<retention_class> {
  static constexpr std::string_view type = "RetentionClass";
  static constexpr std::array<std::string_view, 6> values{
      "ephemeral", "run_scoped", "session_scoped", "durable", "persistent", "host_policy"};
};

/// How far a source is trusted.
enum class trust_class : std::uint8_t {
  trusted, sdk_generated, host_provided, user_provided, external, untrusted
};
template <>
struct enum_text<trust_class> {
  static constexpr std::string_view type = "TrustClass";
  static constexpr std::array<std::string_view, 6> values{
      "trusted", "sdk_generated", "host_provided", "user_provided", "external", "untrusted"};
};

/// Where a message stands. `responded` and all after it are final.
enum class message_status : std::uint8_t {
  accepted, delivered, responded, failed, timed_out, expired, cancelled
};
template <>
struct enum_text<message_status> {
  static constexpr std::string_view type = "MessageStatus";
  static constexpr std::array<std::string_view, 7> values{
      "accepted", "delivered", "responded", "failed", "timed_out", "expired", "cancelled"};
};

/// Where a wake stands. All but `registered` are final.
enum class wake_registration_status : std::uint8_t {
  registered, triggered, timed_out, cancelled, failed
};
template <>
struct enum_text<wake_registration_status> {
  static constexpr std::string_view type = "WakeRegistrationStatus";
  static constexpr std::array<std::string_view, 5> values{
      "registered", "triggered", "timed_out", "cancelled", "failed"};
};

/// What a woken run is told of the event that woke it.
enum class resume_input_policy : std::uint8_t {
  matching_event_refs, redacted_summary, none
};
template <>
struct enum_text<resume_input_policy> {
  static constexpr std::string_view type = "ResumeInputPolicy";
  static constexpr std::array<std::string_view, 3> values{
      "matching_event_refs", "redacted_summary", "none"};
};

/// Which membership change a journal record tells.
enum class pool_lifecycle_status : std::uint8_t {
  created, run_joined, run_left
};
template <>
struct enum_text<pool_lifecycle_status> {
  static constexpr std::string_view type = "AgentPoolLifecycleStatus";
  static constexpr std::array<std::string_view, 3> values{
      "created", "run_joined", "run_left"};
};

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

/// What a journal record is about.
enum class journal_record_kind : std::uint8_t {
  run, turn, context, message, model_attempt, structured_output, stream_rule, realtime_session,
  hook, approval, tool, isolation, child_lifecycle, agent_pool, run_message, wake,
  output_dispatch, subagent, extension_action, telemetry, recovery, checkpoint, effect_intent,
  effect_result
};
template <>
struct enum_text<journal_record_kind> {
  static constexpr std::string_view type = "JournalRecordKind";
  static constexpr std::array<std::string_view, 24> values{
      "run", "turn", "context", "message", "model_attempt", "structured_output",
      "stream_rule", "realtime_session", "hook", "approval", "tool", "isolation",
      "child_lifecycle", "agent_pool", "run_message", "wake", "output_dispatch", "subagent",
      "extension_action", "telemetry", "recovery", "checkpoint", "effect_intent",
      "effect_result"};
};

/// The types a journal payload may have; the pool writes three of them.
enum class journal_payload_type : std::uint8_t {
  run_lifecycle, turn_lifecycle, context_projection, model_attempt, message, structured_output,
  approval, tool, output_delivery, hook, stream_rule, realtime_session, isolation,
  child_lifecycle, agent_pool, run_message, wake, subagent, extension_action, effect_intent,
  effect_result, checkpoint, recovery, terminal_result
};
template <>
struct enum_text<journal_payload_type> {
  static constexpr std::string_view type = "JournalRecordPayload";
  static constexpr std::array<std::string_view, 24> values{
      "run_lifecycle", "turn_lifecycle", "context_projection", "model_attempt", "message",
      "structured_output", "approval", "tool", "output_delivery", "hook", "stream_rule",
      "realtime_session", "isolation", "child_lifecycle", "agent_pool", "run_message", "wake",
      "subagent", "extension_action", "effect_intent", "effect_result", "checkpoint",
      "recovery", "terminal_result"};
};

/// What an effect does outside the engine.
enum class effect_kind : std::uint8_t {
  provider_request, tool_execution, approval_dispatch, memory_write, extension_action,
  output_delivery, file_write, process_start, process_signal, isolated_process_start,
  child_agent_start, run_message_delivery, child_artifact_shutdown, detach_transfer, hook_mutation
};
template <>
struct enum_text<effect_kind> {
  static constexpr std::string_view type = "EffectKind";
  static constexpr std::array<std::string_view, 15> values{
      "provider_request", "tool_execution", "approval_dispatch", "memory_write",
      "extension_action", "output_delivery", "file_write", "process_start", "process_signal",
      "isolated_process_start", "child_agent_start", "run_message_delivery",
      "child_artifact_shutdown", "detach_transfer", "hook_mutation"};
};

/// How an effect ended.
enum class effect_terminal_status : std::uint8_t {
  completed, failed, timed_out, cancelled, denied_before_execution, unknown
};
template <>
struct enum_text<effect_terminal_status> {
  static constexpr std::string_view type = "EffectTerminalStatus";
  static constexpr std::array<std::string_view, 6> values{
      "completed", "failed", "timed_out", "cancelled", "denied_before_execution", "unknown"};
};

/// What kind of thing went wrong.
enum class agent_error_kind : std::uint8_t {
  invalid_package, invalid_state_transition, provider_failure, projection_failure, tool_failure,
  approval_failure, policy_denial, journal_failure, telemetry_failure, isolation_failure,
  structured_output_failure, stream_rule_failure, subagent_failure, extension_failure,
  cancellation, child_lifecycle_failure, hook_failure, timeout, recovery_repair_needed,
  host_configuration_needed
};
template <>
struct enum_text<agent_error_kind> {
  static constexpr std::string_view type = "AgentErrorKind";
  static constexpr std::array<std::string_view, 20> values{
      "InvalidPackage", "InvalidStateTransition", "ProviderFailure", "ProjectionFailure",
      "ToolFailure", "ApprovalFailure", "PolicyDenial", "JournalFailure", "TelemetryFailure",
      "IsolationFailure", "StructuredOutputFailure", "StreamRuleFailure", "SubagentFailure",
      "ExtensionFailure", "Cancellation", "ChildLifecycleFailure", "HookFailure", "Timeout",
      "RecoveryRepairNeeded", "HostConfigurationNeeded"};
};

/// What a caller can do about an error.
enum class retry_classification : std::uint8_t {
  retryable, not_retryable, repair_needed, user_action_needed, host_configuration_needed
};
template <>
struct enum_text<retry_classification> {
  static constexpr std::string_view type = "RetryClassification";
  static constexpr std::array<std::string_view, 5> values{
      "Retryable", "NotRetryable", "RepairNeeded", "UserActionNeeded",
      "HostConfigurationNeeded"};
};

// clang-format on

/// True for the closed enumerations of this page.
template <class T>
concept named_enum = requires {
  enum_text<T>::values;
};

/// The text that stands for `value` in JSON.
template <named_enum T>
[[nodiscard]] constexpr std::string_view to_text(T value) noexcept {
  return enum_text<T>::values[static_cast<std::size_t>(value)];
}

/// True for the kinds after which nothing more comes of what they are about.
[[nodiscard]] bool is_terminal(event_kind kind) noexcept;
/// True for the kinds that report progress and may be dropped first.
[[nodiscard]] bool is_progress(event_kind kind) noexcept;
/// True for the five kinds that tell what became of a wake condition.
[[nodiscard]] bool is_wake_kind(event_kind kind) noexcept;
/// True when no further status can follow.
[[nodiscard]] bool is_final(message_status status) noexcept;
[[nodiscard]] bool is_final(wake_registration_status status) noexcept;

}  // namespace agentpool::core
