#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "hash_index.hpp"

/// Which record of a log is the latest of a message or of a wake condition.
namespace agentpool::core {

/// What names a message or wake condition: its id and its idempotency key, as hashes.
struct name_hashes {
  std::uint64_t id = 0;
  std::uint64_t key = 0;

  friend bool operator==(const name_hashes&, const name_hashes&) = default;
};

/// What is kept of a message or wake condition, whatever became of it: 24 bytes.
class index_slot {
 public:
  static constexpr std::uint64_t sequence_max = UINT64_MAX >> 8U;

  index_slot() = default;
  index_slot(name_hashes names, std::uint64_t sequence, std::uint8_t status)
      : names_{names}, packed_{sequence << 8U | status} {}

  [[nodiscard]] name_hashes names() const noexcept { return names_; }
  [[nodiscard]] std::uint64_t sequence() const noexcept { return packed_ >> 8U; }
  [[nodiscard]] std::uint8_t status() const noexcept { return packed_ & 0xFFU; }
  void move(std::uint64_t sequence, std::uint8_t status) noexcept {
    packed_ = sequence << 8U | status;
  }

 private:
  name_hashes names_;
  std::uint64_t packed_ = 0;
};

/// Finds latest records by hashes. Two texts may have one hash, so what is found counts only when
/// the record itself was looked at.
class record_index {
 public:
  using place = std::uint64_t;  ///< Counts from 0, in the order in which they were added.

  /// The place of the one with both hashes.
  [[nodiscard]] std::optional<place> find(name_hashes names) const;

  /// Appends the sequences of the latest records of those with that id, or key, to `out`.
  void with_id(std::uint64_t id_hash, std::vector<std::uint64_t>& out) const;
  void with_key(std::uint64_t key_hash, std::vector<std::uint64_t>& out) const;

  /// Many are added now, `count` of them or so: none is found until `loaded`, which takes note of
  /// them all at once, and that they are kept elsewhere.
  void load(std::size_t count);
  void loaded();
  void add(const index_slot& slot);
  void drop_last();
  /// The one at that place has a later record, or again an earlier one.
  void move(place where, std::uint64_t sequence, std::uint8_t status);

  /// Forgets the oldest, up to that place; what is added later counts on from there at least.
  void drop_until(place first);
  /// Of those before the place `end` those with a sequence up to `upto` are forgotten, but for
  /// `needed`, which is sorted. The others count as added anew.
  void forget(place end, std::uint64_t upto, const std::vector<std::uint64_t>& needed);

  [[nodiscard]] const index_slot& at(place where) const { return slots_[where - first_]; }
  /// The place of the oldest, and the one after the newest.
  [[nodiscard]] place first() const noexcept { return first_; }
  [[nodiscard]] place end() const noexcept { return first_ + slots_.size(); }
  [[nodiscard]] const std::deque<index_slot>& slots() const noexcept { return slots_; }

  /// Everything is kept elsewhere now; from here on what changes is noted.
  void note_kept();
  /// Those before this place were kept; those from there on are new.
  [[nodiscard]] place kept() const noexcept { return kept_; }
  /// Some of those kept were forgotten since.
  [[nodiscard]] bool forgot() const noexcept { return first_ != kept_first_; }
  /// Those kept that moved on since. May name one more than once.
  [[nodiscard]] const std::vector<place>& moved() const noexcept { return moved_; }

 private:
  using placed_hashes = std::vector<std::pair<std::uint64_t, place>>;
  void fill(hash_index& index, std::uint64_t name_hashes::*name, placed_hashes& room) const;

  std::deque<index_slot> slots_;
  bool loading_ = false;  ///< The hashes are not filled.
  place first_ = 0;
  hash_index ids_;  ///< Places by one of the hashes.
  hash_index keys_;
  place kept_first_ = 0;
  place kept_ = 0;
  std::vector<place> moved_;
};

}  // namespace agentpool::core
