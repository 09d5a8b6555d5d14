#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "agentpool/core/enum_text.hpp"
#include "agentpool/core/event_enums.hpp"

/// The closed enumerations of records.
namespace agentpool::core {

// One enumerator a line would hide the tables.
// clang-format off

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

/// True when no further status can follow.
[[nodiscard]] bool is_final(message_status status) noexcept;
[[nodiscard]] bool is_final(wake_registration_status status) noexcept;

}  // namespace agentpool::core
