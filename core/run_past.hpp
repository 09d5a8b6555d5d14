#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "agentpool/core/event_enums.hpp"

namespace agentpool::core {

/// What is kept of a run's events that are no longer in memory: since when it was an observable
/// member and since when not, and which kinds it had, each with the last event_seq.
class run_past {
 public:
  /// From the event `event_seq` on the run is in scope, or no longer.
  void scope(std::uint64_t event_seq, bool in_scope);

  /// A stored event of the run, in scope.
  void saw(event_kind kind, std::uint64_t event_seq);

  /// The run was in scope at that event.
  [[nodiscard]] bool in_scope(std::uint64_t event_seq) const;

  /// `wanted(kind)` holds for a kind of which an event after `event_seq` was seen.
  template <class Wanted>
  [[nodiscard]] bool any_after(std::uint64_t event_seq, const Wanted& wanted) const {
    for (auto note = notes_.begin() + static_cast<std::ptrdiff_t>(changes_); note != notes_.end();
         ++note)
      if (note->event_seq() > event_seq && wanted(static_cast<event_kind>(note->what())))
        return true;
    return false;
  }

  /// Only what is after that event counts from now on.
  void forget(std::uint64_t upto);

  /// Visits what is kept as it was told: `scope(event_seq, in_scope)`, then `saw(kind, event_seq)`.
  template <class Scope, class Saw>
  void each(const Scope& scope, const Saw& saw) const {
    for (std::size_t i = 0; i < notes_.size(); ++i) {
      const auto& note = notes_[i];
      if (i < changes_) scope(note.event_seq(), note.what() != 0);
      if (i >= changes_) saw(static_cast<event_kind>(note.what()), note.event_seq());
    }
  }
  [[nodiscard]] std::size_t changes() const noexcept { return changes_; }
  [[nodiscard]] std::size_t size() const noexcept { return notes_.size(); }

 private:
  /// An event_seq below 2^56, and in one byte what it is: of the first `changes_` notes whether the
  /// run is in scope from there on, of the others a kind.
  class note {
   public:
    note(std::uint64_t event_seq, std::uint8_t what) : packed_{event_seq << 8U | what} {}
    [[nodiscard]] std::uint64_t event_seq() const { return packed_ >> 8U; }
    [[nodiscard]] std::uint8_t what() const { return packed_ & 0xFFU; }

   private:
    std::uint64_t packed_;
  };

  std::vector<note> notes_;
  std::size_t changes_ = 0;  ///< The first notes are changes of scope, by event_seq.
};

}  // namespace agentpool::core
