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

}  // namespace agentpool::core
