#include "run_past.hpp"

#include <algorithm>

namespace agentpool::core {

namespace {

constexpr std::uint8_t in = 1;

}  // namespace

void run_past::scope(std::uint64_t event_seq, bool in_scope) {
  const std::uint8_t what = in_scope ? in : 0;
  const auto end = notes_.begin() + static_cast<std::ptrdiff_t>(changes_);
  const auto next = std::partition_point(
      notes_.begin(), end, [&](const note& change) { return change.event_seq() <= event_seq; });
  const bool before = next != notes_.begin() && std::prev(next)->what() == in;
  if (before == in_scope) return;
  notes_.emplace(next, event_seq, what);
  ++changes_;
}

void run_past::saw(event_kind kind, std::uint64_t event_seq) {
  const auto what = static_cast<std::uint8_t>(kind);
  const auto known =
      std::find_if(notes_.begin() + static_cast<std::ptrdiff_t>(changes_), notes_.end(),
                   [&](const note& one) { return one.what() == what; });
  if (known == notes_.end()) {
    notes_.emplace_back(event_seq, what);
  } else {
    *known = note{event_seq, what};
  }
}

void run_past::forget(std::uint64_t upto) {
  const auto changes = notes_.begin() + static_cast<std::ptrdiff_t>(changes_);
  notes_.erase(std::remove_if(changes, notes_.end(),
                              [&](const note& seen) { return seen.event_seq() <= upto; }),
               notes_.end());
  // Of the changes up to there the last one says how it was.
  while (changes_ > 1 && notes_[1].event_seq() <= upto) {
    notes_.erase(notes_.begin());
    --changes_;
  }
}

bool run_past::in_scope(std::uint64_t event_seq) const {
  const auto end = notes_.begin() + static_cast<std::ptrdiff_t>(changes_);
  const auto next = std::partition_point(
      notes_.begin(), end, [&](const note& change) { return change.event_seq() <= event_seq; });
  return next != notes_.begin() && std::prev(next)->what() == in;
}

}  // namespace agentpool::core
