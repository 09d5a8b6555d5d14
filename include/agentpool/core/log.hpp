#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agentpool/core/boxed.hpp"
#include "agentpool/core/event_records.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/store_records.hpp"

/// A pool's log: its store records and, between them, the host events that were stored.
namespace agentpool::core {

/// How far a log goes: its last record's sequence, and how many host events it holds.
/// Both count from 1; {0, 0} is an empty log.
struct log_position {
  std::uint64_t sequence = 0;
  std::uint64_t host_events = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("sequence", self.sequence);
    visit("host_events", self.host_events);
  }
  friend auto operator<=>(const log_position&, const log_position&) = default;
};

/// The event that triggered a wake, as far as the woken run may be told of it. The shared record
/// form has no place for it, so it stands beside a `triggered` record.
struct trigger {
  core::event_id event_id;
  std::uint64_t event_seq = 0;
  std::uint64_t live_ordinal = 0;  ///< 0 for a stored event; else its place after `event_seq`.
  entity_ref subject_ref;
  std::vector<entity_ref> related_refs;
  std::optional<core::journal_cursor> journal_cursor;
  std::string summary;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("event_id", self.event_id);
    visit("event_seq", self.event_seq);
    visit("live_ordinal", self.live_ordinal);
    visit("subject_ref", self.subject_ref);
    visit("related_refs", self.related_refs);
    visit("journal_cursor", self.journal_cursor);
    visit("summary", self.summary);
  }
  friend bool operator==(const trigger&, const trigger&) = default;
};

/// An event of a host or a run that is stored: the `number`-th of its pool, published right
/// after the record with sequence `after_sequence`.
struct host_event {
  std::uint64_t number = 0;
  std::uint64_t after_sequence = 0;
  agent_event event;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
    visit("after_sequence", self.after_sequence);
    visit("event", self.event);
  }
  friend bool operator==(const host_event&, const host_event&) = default;
};

/// One entry of a log, small where it is a message, as most are. `recorded_at_millis` is Unix time;
/// 0 where another program wrote the entry and nobody has read it yet.
struct log_entry {
  std::variant<store_record, boxed<host_event>> what;
  std::uint64_t recorded_at_millis = 0;
  boxed_optional<trigger> triggered_by;

  [[nodiscard]] const store_record* record() const noexcept {
    return std::get_if<store_record>(&what);
  }
  [[nodiscard]] const host_event* host() const noexcept {
    const auto* held = std::get_if<boxed<host_event>>(&what);
    return held == nullptr ? nullptr : &**held;
  }
  friend bool operator==(const log_entry&, const log_entry&) = default;
};

/// Entries are made once and shared, never changed.
using entry_ptr = std::shared_ptr<const log_entry>;

/// The log position right after `entry`, given the one right before it.
[[nodiscard]] log_position after(const log_entry& entry, log_position before) noexcept;

/// The run that the event of this payload is of; empty where the payload names none.
[[nodiscard]] const run_id& run_of(const store_payload& payload) noexcept;

/// Up to which sequence a run has acknowledged its inbox.
struct inbox_ack {
  core::run_id run_id;
  std::uint64_t sequence = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("sequence", self.sequence);
  }
  friend bool operator==(const inbox_ack&, const inbox_ack&) = default;
};

}  // namespace agentpool::core
