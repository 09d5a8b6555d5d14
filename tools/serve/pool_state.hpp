#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/core/record.hpp"
#include "agentpool/core/store_records.hpp"

namespace agentpool::tools {

/// A run that waits.
struct wait_told {
  core::run_id run_id;
  /// None: a request waits for a message in its inbox, which nothing but its caller remembers.
  std::optional<core::wake_condition_id> condition_id;
  std::string waits_for;         ///< In words.
  std::vector<core::run_id> on;  ///< The runs that can wake it; empty: any.
  std::optional<std::uint64_t> timeout_millis;
  bool in_cycle = false;  ///< It waits for somebody who waits for it, perhaps through others.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("condition_id", self.condition_id);
    visit("waits_for", self.waits_for);
    visit("on", self.on);
    visit("timeout_millis", self.timeout_millis);
    visit("in_cycle", self.in_cycle);
  }
};

/// A message that somebody has not acknowledged, or that waits for replies.
struct message_under_way {
  core::message_id message_id;
  core::run_id from;
  std::string to;  ///< In words.
  core::message_status status{};
  std::uint64_t recipients = 0;
  std::optional<std::uint64_t> replies_wanted;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("message_id", self.message_id);
    visit("from", self.from);
    visit("to", self.to);
    visit("status", self.status);
    visit("recipients", self.recipients);
    visit("replies_wanted", self.replies_wanted);
  }
};

/// A pool at one moment, as somebody who looks at it wants to know it.
struct pool_state {
  core::pool_id pool_id;
  std::uint64_t sequence = 0;  ///< Of the log's last record.
  std::optional<core::event_range> events;
  std::uint64_t members = 0;
  std::vector<wait_told> waits;
  std::vector<message_under_way> messages;
  std::vector<core::inbox_state> inboxes;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("sequence", self.sequence);
    visit("events", self.events);
    visit("members", self.members);
    visit("waits", self.waits, core::presence::always);
    visit("messages", self.messages, core::presence::always);
    visit("inboxes", self.inboxes, core::presence::always);
  }
};

/// The state of a pool from a snapshot of what is under way.
[[nodiscard]] pool_state state_of(const core::pool_snapshot& open);

/// Whom a message is for, in words: "run run.a", "topic topic.news".
[[nodiscard]] std::string target_in_words(const core::run_address_target& target);

/// What a filter lets through, in words: "run_completed or run_failed of run.b".
[[nodiscard]] std::string filter_in_words(const core::event_filter& filter);

}  // namespace agentpool::tools
