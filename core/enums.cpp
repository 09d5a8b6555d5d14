#include "agentpool/core/enums.hpp"

#include <algorithm>

namespace agentpool::core {

namespace {

// One enumerator a line would hide the tables.
// clang-format off

constexpr std::array terminal_kinds{
    event_kind::run_completed, event_kind::run_failed, event_kind::run_cancelled,
    event_kind::turn_completed, event_kind::turn_failed, event_kind::model_message_completed,
    event_kind::model_attempt_failed, event_kind::tool_completed, event_kind::tool_failed,
    event_kind::tool_denied, event_kind::tool_recovery_required, event_kind::approval_responded,
    event_kind::output_dispatch_completed, event_kind::output_dispatch_failed,
    event_kind::output_dispatch_deduped, event_kind::approval_denied,
    event_kind::approval_timed_out, event_kind::approval_cancelled,
    event_kind::approval_dispatch_unavailable, event_kind::hook_completed,
    event_kind::hook_failed, event_kind::hook_timed_out, event_kind::hook_cancelled,
    event_kind::hook_response_applied, event_kind::hook_response_rejected,
    event_kind::realtime_restart_failed, event_kind::realtime_closed,
    event_kind::isolation_cleanup_completed, event_kind::isolation_cleanup_failed,
    event_kind::isolation_failed, event_kind::child_lifecycle_completed,
    event_kind::child_lifecycle_detached, event_kind::subagent_completed,
    event_kind::extension_action_completed, event_kind::extension_action_failed,
    event_kind::extension_action_denied, event_kind::structured_output_validated,
    event_kind::structured_output_failed, event_kind::replay_completed,
    event_kind::replay_failed, event_kind::run_message_responded,
    event_kind::run_message_failed, event_kind::run_message_timed_out,
    event_kind::run_message_expired, event_kind::run_message_cancelled,
    event_kind::wake_condition_triggered, event_kind::wake_condition_timed_out,
    event_kind::wake_condition_cancelled, event_kind::wake_condition_failed};

constexpr std::array progress_kinds{
    event_kind::model_stream_delta, event_kind::stream_rule_repeat_state_recorded,
    event_kind::realtime_input_sent, event_kind::realtime_output_received,
    event_kind::realtime_backpressure_applied, event_kind::isolation_process_io_captured,
    event_kind::isolation_process_stats_recorded, event_kind::usage_recorded,
    event_kind::cost_estimated, event_kind::cost_corrected};

// clang-format on

template <class Kinds>
constexpr bool among(const Kinds& kinds, event_kind kind) noexcept {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

}  // namespace

bool is_terminal(event_kind kind) noexcept { return among(terminal_kinds, kind); }
bool is_progress(event_kind kind) noexcept { return among(progress_kinds, kind); }

bool is_wake_kind(event_kind kind) noexcept {
  return kind >= event_kind::wake_condition_registered && kind <= event_kind::wake_condition_failed;
}

bool is_final(message_status status) noexcept { return status >= message_status::responded; }

bool is_final(wake_registration_status status) noexcept {
  return status != wake_registration_status::registered;
}

}  // namespace agentpool::core
