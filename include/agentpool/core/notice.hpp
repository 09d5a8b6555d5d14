#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agentpool/core/event_records.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/record.hpp"

/// What runs are handed: inbox entries and wake notices.
namespace agentpool::core {

/// A message in a run's inbox. `sequence` is that of its delivery in the pool's log.
struct inbox_entry {
  std::uint64_t sequence = 0;
  run_message message;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("sequence", self.sequence);
    visit("message", self.message);
  }
  friend bool operator==(const inbox_entry&, const inbox_entry&) = default;
};

/// What a woken run is told of the event that woke it; which fields are set depends on `policy`.
struct resume_input {
  resume_input_policy policy{};
  std::optional<core::event_id> event_id;
  std::optional<entity_ref> subject_ref;
  std::vector<entity_ref> related_refs;
  std::optional<core::journal_cursor> journal_cursor;
  std::optional<std::string> summary;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("policy", self.policy);
    visit("event_id", self.event_id);
    visit("subject_ref", self.subject_ref);
    visit("related_refs", self.related_refs);
    visit("journal_cursor", self.journal_cursor);
    visit("summary", self.summary);
  }
  friend bool operator==(const resume_input&, const resume_input&) = default;
};

/// What became of a wake condition, as its run is told.
struct wake_notice {
  wake_condition_id condition_id;
  core::run_id run_id;
  wake_registration_status status{};
  std::optional<event_id> matched_event_id;
  std::optional<event_cursor> matched_cursor;
  core::resume_input resume_input;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("condition_id", self.condition_id);
    visit("run_id", self.run_id);
    visit("status", self.status);
    visit("matched_event_id", self.matched_event_id);
    visit("matched_cursor", self.matched_cursor);
    visit("resume_input", self.resume_input);
  }
  friend bool operator==(const wake_notice&, const wake_notice&) = default;
};

}  // namespace agentpool::core
