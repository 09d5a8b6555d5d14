#pragma once

#include <cstddef>
#include <cstdint>

#include "agentpool/core/event_enums.hpp"
#include "few.hpp"

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
    for (const auto& note : notes_)
      if (!note.is_change() && note.event_seq() > event_seq && wanted(note.kind())) return true;
    return false;
  }

  /// Only what is after that event counts from now on.
  void forget(std::uint64_t upto);

  /// Visits what is kept as it was told: `scope(event_seq, in_scope)`, then `saw(kind, event_seq)`.
  template <class Scope, class Saw>
  void each(const Scope& scope, const Saw& saw) const {
    for (const auto& note : notes_) {
      if (note.is_change()) scope(note.event_seq(), note.in_scope());
      if (!note.is_change()) saw(note.kind(), note.event_seq());
    }
  }
  [[nodiscard]] std::size_t changes() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return notes_.size(); }

 private:
  /// An event_seq below 2^56, and in one byte what it is: a kind, or whether the run is in scope
  /// from there on.
  class note {
   public:
    note() = default;
    note(std::uint64_t event_seq, event_kind kind)
        : note{event_seq, static_cast<std::uint8_t>(kind)} {}
    note(std::uint64_t event_seq, bool in_scope) : note{event_seq, in_scope ? into : out_of} {}

    [[nodiscard]] std::uint64_t event_seq() const { return packed_ >> 8U; }
    [[nodiscard]] bool is_change() const { return what() >= out_of; }
    [[nodiscard]] bool in_scope() const { return what() == into; }
    [[nodiscard]] event_kind kind() const { return static_cast<event_kind>(what()); }

   private:
    static constexpr std::uint8_t out_of = 254;  ///< Beyond all kinds.
    static constexpr std::uint8_t into = 255;

    note(std::uint64_t event_seq, std::uint8_t what) : packed_{event_seq << 8U | what} {}
    [[nodiscard]] std::uint8_t what() const { return packed_ & 0xFFU; }

    std::uint64_t packed_ = 0;
  };

  [[nodiscard]] const note* changes_end() const noexcept;
  [[nodiscard]] const note* change_after(std::uint64_t event_seq) const noexcept;

  few<note, 2> notes_;  ///< First the changes of scope, by event_seq.
};

}  // namespace agentpool::core
