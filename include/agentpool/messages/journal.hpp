#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "agentpool/core/event_records.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/journal_records.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/core/store_records.hpp"

/// What a pool's journal can be asked, and what it answers.
namespace agentpool::messages {

/// The events in scope that the filter allows, after the cursor, then live. A contract violation
/// when the cursor is of another filter or beyond the end, or the queue makes no sense.
/// → stream_opened
struct open_subscription {
  core::event_filter filter;
  std::optional<core::event_cursor> cursor;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("filter", self.filter);
    visit("cursor", self.cursor);
  }
};

/// The store records after the cursor, then live. → stream_opened
struct open_watch {
  core::store_cursor cursor;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("cursor", self.cursor);
  }
};

struct stream_opened {
  std::uint64_t stream = 0;  ///< Its number, for the requests below.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("stream", self.stream);
  }
};

/// The next frames of a subscription: answered with at least one and at most `max` as soon as
/// there are any. One request a stream at a time. Unknown or ended: contract violation.
/// → frame_page
struct next_frames {
  std::uint64_t stream = 0;
  std::uint64_t max = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("stream", self.stream);
    visit("max", self.max);
  }
};

/// The same for a watch. → record_page
struct next_records {
  std::uint64_t stream = 0;
  std::uint64_t max = 1;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("stream", self.stream);
    visit("max", self.max);
  }
};

/// Ends a stream; a request that waits on it is answered `closed`.
struct close_stream {
  std::uint64_t stream = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("stream", self.stream);
  }
};

/// What the queue of such a subscription would hold now if nothing of it had been read.
/// → frame_page
struct read_events {
  core::event_filter filter;
  std::optional<core::event_cursor> cursor;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("filter", self.filter);
    visit("cursor", self.cursor);
  }
};

struct frame_page {
  std::vector<core::event_frame> frames;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("frames", self.frames, core::presence::always);
  }
};

/// The store records after the cursor as of now. → record_page
struct read_records {
  core::store_cursor cursor;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("cursor", self.cursor);
  }
};

struct record_page {
  std::vector<core::store_record> records;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("records", self.records, core::presence::always);
  }
};

/// The first `max` journal records of a run, or of all runs, after journal_seq `after`.
/// → journal_page
struct read_journal {
  std::optional<core::run_id> run_id;
  std::uint64_t after = 0;
  std::uint64_t max = UINT64_MAX;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("after", self.after);
    visit("max", self.max);
  }
};

struct journal_page {
  std::vector<core::journal_record> records;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("records", self.records, core::presence::always);
  }
};

using journal_question = std::variant<open_subscription, open_watch, next_frames, next_records,
                                      read_events, read_records, read_journal>;

using journal_answer = std::variant<stream_opened, frame_page, record_page, journal_page>;

}  // namespace agentpool::messages
