#include "agentpool/core/log.hpp"

namespace agentpool::core {

log_position after(const log_entry& entry, log_position before) noexcept {
  if (const auto* record = entry.record()) {
    before.sequence = record->cursor.sequence;
    return before;
  }
  before.host_events = entry.host()->number;
  return before;
}

const run_id& run_of(const store_payload& payload) noexcept {
  static const run_id none;
  if (const auto* joined = std::get_if<member_joined>(&payload)) return joined->member.run_id;
  if (const auto* left = std::get_if<member_left>(&payload)) return left->member.run_id;
  if (const auto* message = std::get_if<message_recorded>(&payload))
    return message->stored.message->from;
  if (const auto* wake = std::get_if<wake_recorded>(&payload))
    return wake->stored->condition.run_id;
  return none;
}

}  // namespace agentpool::core
