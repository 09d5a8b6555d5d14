#include "record_index.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace agentpool::core {

std::uint64_t stable_hash(std::string_view text) noexcept {
  return XXH3_64bits(text.data(), text.size());
}

std::optional<record_index::place> record_index::find(name_hashes names) const {
  std::optional<place> found;
  ids_.each(names.id, [&](place where) {
    if (at(where).names() == names) found = where;
  });
  return found;
}

void record_index::with_id(std::uint64_t id_hash, std::vector<std::uint64_t>& out) const {
  ids_.each(id_hash, [&](place where) { out.push_back(at(where).sequence()); });
}

void record_index::with_key(std::uint64_t key_hash, std::vector<std::uint64_t>& out) const {
  keys_.each(key_hash, [&](place where) { out.push_back(at(where).sequence()); });
}

void record_index::load(std::size_t count) {
  loading_ = true;
  ids_.reserve(count);
  keys_.reserve(count);
}

void record_index::loaded() {
  loading_ = false;
  placed_hashes room(slots_.size());
  fill(ids_, &name_hashes::id, room);
  fill(keys_, &name_hashes::key, room);
  note_kept();
}

/// Sorted by their highest bits first, by which the table places them: then neighbours are added
/// together, where each by itself would wait for memory that no cache holds.
void record_index::fill(hash_index& index, std::uint64_t name_hashes::*name,
                        placed_hashes& room) const {
  constexpr unsigned bits = 10;
  const auto bucket_of = [](std::uint64_t hash) { return hash >> (64U - bits); };
  std::vector<std::size_t> next((std::size_t{1} << bits) + 1);
  for (const auto& slot : slots_) ++next[bucket_of(slot.names().*name) + 1];
  std::partial_sum(next.begin(), next.end(), next.begin());
  auto where = first_;
  for (const auto& slot : slots_) {
    const auto hash = slot.names().*name;
    room[next[bucket_of(hash)]++] = {hash, where++};
  }
  for (const auto& [hash, at] : room) index.add(hash, at);
}

void record_index::add(const index_slot& slot) {
  const auto where = end();
  slots_.push_back(slot);
  if (loading_) return;
  ids_.add(slot.names().id, where);
  keys_.add(slot.names().key, where);
}

void record_index::drop_last() {
  const auto where = end() - 1;
  ids_.drop(slots_.back().names().id, where);
  keys_.drop(slots_.back().names().key, where);
  slots_.pop_back();
}

void record_index::drop_until(place first) {
  for (; first_ < first && !slots_.empty(); ++first_) {
    if (!loading_) {
      ids_.drop(slots_.front().names().id, first_);
      keys_.drop(slots_.front().names().key, first_);
    }
    slots_.pop_front();
  }
  first_ = std::max(first_, first);
}

void record_index::forget(place end, std::uint64_t upto, const std::vector<std::uint64_t>& needed) {
  while (first_ < end && !slots_.empty()) {
    const auto oldest = slots_.front();
    drop_until(first_ + 1);
    const bool stays = oldest.sequence() > upto ||
                       std::binary_search(needed.begin(), needed.end(), oldest.sequence());
    if (stays) add(oldest);
  }
}

void record_index::move(place where, std::uint64_t sequence, std::uint8_t status) {
  slots_[where - first_].move(sequence, status);
  if (where < kept_) moved_.push_back(where);
}

void record_index::note_kept() {
  kept_first_ = first_;
  kept_ = end();
  moved_.clear();
}

}  // namespace agentpool::core
