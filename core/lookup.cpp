// Messages and wake conditions by what names them: found by hash, confirmed by their record.
#include <utility>

#include "pool_state.hpp"

namespace agentpool::core {

name_hashes names_of(const run_message& message) noexcept {
  return {stable_hash(message.message_id.text()), stable_hash(message.idempotency_key.text())};
}

name_hashes names_of(const wake_condition& condition) noexcept {
  return {stable_hash(condition.condition_id.text()),
          stable_hash(condition.idempotency_key.text())};
}

namespace {

const run_message& subject_of(const message_recorded& recorded) { return *recorded.stored.message; }
const wake_condition& subject_of(const wake_recorded& recorded) {
  return recorded.stored->condition;
}

bool has(const run_message& message, const message_id& id) { return message.message_id == id; }
bool has(const wake_condition& condition, const wake_condition_id& id) {
  return condition.condition_id == id;
}
template <class Subject>
bool has(const Subject& subject, const idempotency_key& key) {
  return subject.idempotency_key == key;
}

/// Of the records with these sequences the one whose subject has that name.
template <class Recorded, class Name>
latest_record confirmed(const std::vector<std::uint64_t>& sequences, const Name& name,
                        const pool_state& state, const evidence& known) {
  missing unread;
  for (const auto sequence : sequences) {
    const auto entry = state.record_at(sequence, known);
    if (!entry) {
      unread.sequences.push_back(sequence);
      continue;
    }
    const auto* recorded = std::get_if<Recorded>(&entry->record()->payload);
    if (recorded != nullptr && has(subject_of(*recorded), name)) return entry;
  }
  if (unread.sequences.empty()) return entry_ptr{};
  return unread;
}

}  // namespace

latest_record pool_state::message(const message_id& name, const evidence& known) const {
  std::vector<std::uint64_t> sequences;
  messages.with_id(stable_hash(name.text()), sequences);
  return confirmed<message_recorded>(sequences, name, *this, known);
}

latest_record pool_state::message(const idempotency_key& name, const evidence& known) const {
  std::vector<std::uint64_t> sequences;
  messages.with_key(stable_hash(name.text()), sequences);
  return confirmed<message_recorded>(sequences, name, *this, known);
}

latest_record pool_state::wake(const wake_condition_id& name, const evidence& known) const {
  if (const auto* open = registered(name)) return open->entry(id);
  std::vector<std::uint64_t> sequences;
  wakes.with_id(stable_hash(name.text()), sequences);
  return confirmed<wake_recorded>(sequences, name, *this, known);
}

latest_record pool_state::wake(const idempotency_key& name, const evidence& known) const {
  std::vector<std::uint64_t> sequences;
  wakes.with_key(stable_hash(name.text()), sequences);
  return confirmed<wake_recorded>(sequences, name, *this, known);
}

}  // namespace agentpool::core
