#include "agentpool/sim/ledger.hpp"

#include <algorithm>

namespace agentpool::sim {

std::vector<core::published> pool_ledger::add(const core::entry_ptr& entry) {
  entries_.push_back(entry);
  std::vector<core::published> published;
  roll_.step(entry, published);
  events_.insert(events_.end(), published.begin(), published.end());
  if (const auto* record = entry->record()) note(*record, *entry);
  return published;
}

void pool_ledger::note(const core::store_record& record, const core::log_entry& entry) {
  const auto sequence = record.cursor.sequence;
  if (const auto* told = std::get_if<core::message_recorded>(&record.payload)) {
    const auto& receipt = told->stored.receipt;
    auto& kept = messages_[receipt.message_id];
    const bool begins = kept.lives == 0 || receipt.status == core::message_status::accepted ||
                        core::is_final(kept.stored.receipt.status);
    if (begins) ++kept.lives;
    kept.stored = told->stored;
    kept.sequence = sequence;
    if (receipt.status != core::message_status::delivered) return;
    kept.delivered = sequence;
    kept.delivered_at_millis = entry.recorded_at_millis;
    for (const auto& run : receipt.delivered_to)
      inboxes_[run].emplace(sequence, receipt.message_id);
  } else if (const auto* waits = std::get_if<core::wake_recorded>(&record.payload)) {
    auto& kept = wakes_[waits->stored->condition.condition_id];
    kept.stored = *waits->stored;
    kept.sequence = sequence;
    if (entry.triggered_by) kept.triggered_by = *entry.triggered_by;
    if (core::is_final(kept.stored.registration.status)) return;
    ++kept.lives;
    kept.registered = roll_.last();
    kept.registered_at_millis = entry.recorded_at_millis;
  }
}

void pool_ledger::add(const core::inbox_ack& ack) {
  auto& kept = acks_[ack.run_id];
  kept = std::max(kept, ack.sequence);
}

std::uint64_t pool_ledger::acknowledged(const core::run_id& run) const {
  const auto found = acks_.find(run);
  return found == acks_.end() ? 0 : found->second;
}

const std::map<std::uint64_t, core::message_id>& pool_ledger::inbox(const core::run_id& run) const {
  static const std::map<std::uint64_t, core::message_id> empty;
  const auto found = inboxes_.find(run);
  return found == inboxes_.end() ? empty : found->second;
}

}  // namespace agentpool::sim
