#include "run_past.hpp"

#include <algorithm>
#include <iterator>

namespace agentpool::core {

std::size_t run_past::changes() const noexcept {
  return static_cast<std::size_t>(changes_end() - notes_.begin());
}

const run_past::note* run_past::changes_end() const noexcept {
  return std::partition_point(notes_.begin(), notes_.end(),
                              [](const note& one) { return one.is_change(); });
}

const run_past::note* run_past::change_after(std::uint64_t event_seq) const noexcept {
  return std::partition_point(notes_.begin(), changes_end(),
                              [&](const note& change) { return change.event_seq() <= event_seq; });
}

void run_past::scope(std::uint64_t event_seq, bool in_scope) {
  if (this->in_scope(event_seq) == in_scope) return;
  notes_.insert(change_after(event_seq), note{event_seq, in_scope});
}

void run_past::saw(event_kind kind, std::uint64_t event_seq) {
  const note seen{event_seq, kind};
  const auto known = std::find_if(notes_.begin(), notes_.end(), [&](const note& one) {
    return !one.is_change() && one.kind() == kind;
  });
  if (known != notes_.end()) {
    *known = seen;
  } else {
    notes_.insert(notes_.end(), seen);
  }
}

void run_past::forget(std::uint64_t upto) {
  const auto old = std::remove_if(notes_.begin() + changes(), notes_.end(),
                                  [&](const note& seen) { return seen.event_seq() <= upto; });
  notes_.erase(old, notes_.end());
  // Of the changes up to there the last one says how it was.
  const auto* next = change_after(upto);
  if (next != notes_.begin()) notes_.erase(notes_.begin(), std::prev(next));
}

bool run_past::in_scope(std::uint64_t event_seq) const {
  const auto* next = change_after(event_seq);
  return next != std::as_const(notes_).begin() && std::prev(next)->in_scope();
}

}  // namespace agentpool::core
