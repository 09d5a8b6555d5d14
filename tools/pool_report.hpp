#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/core/store_backend.hpp"
#include "agentpool/core/store_records.hpp"

/// What can be told of a pool from its log alone.
namespace agentpool::tools {

/// A member and how far it is with its inbox.
struct member_report {
  core::pool_member member;
  std::uint64_t delivered = 0;
  std::uint64_t unacknowledged = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("member", self.member);
    visit("delivered", self.delivered);
    visit("unacknowledged", self.unacknowledged);
  }
};

/// One line of the timeline: a log entry in words.
struct timeline_line {
  std::uint64_t sequence = 0;  ///< Of the record, or of the one before a host event.
  std::string at;              ///< RFC 3339.
  std::string what;            ///< The event kind.
  std::string detail;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("sequence", self.sequence);
    visit("at", self.at);
    visit("what", self.what);
    visit("detail", self.detail);
  }
};

/// A pool as its log gives it. A message is open while it waits for replies, or while a recipient
/// has not acknowledged it.
struct pool_report {
  core::pool_id pool_id;
  core::store_cursor cursor;
  std::optional<core::store_cursor> begins;  ///< What was up to there is gone and not counted.
  std::uint64_t host_events = 0;
  std::uint64_t messages = 0;
  std::uint64_t wakes = 0;
  std::vector<member_report> members;
  std::vector<core::stored_message> open_messages;
  std::vector<core::wake_condition> registered_wakes;
  std::vector<timeline_line> timeline;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("cursor", self.cursor);
    visit("begins", self.begins);
    visit("host_events", self.host_events);
    visit("messages", self.messages);
    visit("wakes", self.wakes);
    visit("members", self.members, core::presence::always);
    visit("open_messages", self.open_messages, core::presence::always);
    visit("registered_wakes", self.registered_wakes, core::presence::always);
    visit("timeline", self.timeline, core::presence::always);
  }
};

/// Reads the pool's log from its start, page by page; memory grows with what is open, not with
/// the log. Of the timeline the latest `timeline_max` lines are kept (0: all).
[[nodiscard]] core::outcome<pool_report> report_on(core::store_backend& store,
                                                   const core::pool_id& pool,
                                                   std::size_t timeline_max);

}  // namespace agentpool::tools
