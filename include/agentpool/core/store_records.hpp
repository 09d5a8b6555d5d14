#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "agentpool/core/boxed.hpp"
#include "agentpool/core/event_records.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/core/shared.hpp"

/// What stands in a pool's log.
namespace agentpool::core {

/// A position in a pool's log: the sequence of its last record seen.
struct store_cursor {
  std::uint64_t sequence = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("sequence", self.sequence);
  }
  friend bool operator==(const store_cursor&, const store_cursor&) = default;
};

/// A message as of one transition.
struct stored_message {
  shared<run_message> message;
  message_receipt receipt;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("message", field_of(self.message));
    visit("receipt", self.receipt);
  }
  friend bool operator==(const stored_message&, const stored_message&) = default;
};

/// A wake condition as of one transition.
struct stored_wake {
  wake_condition condition;
  compiled_event_filter compiled_filter;
  wake_registration registration;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("condition", self.condition);
    visit("compiled_filter", self.compiled_filter);
    visit("registration", self.registration);
  }
  friend bool operator==(const stored_wake&, const stored_wake&) = default;
};

/// The pool was opened for the first time.
struct pool_opened {
  static constexpr std::string_view type = "pool_opened";

  pool_config config;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("config", self.config);
  }
  friend bool operator==(const pool_opened&, const pool_opened&) = default;
};

/// The pool got its first member.
struct pool_created {
  static constexpr std::string_view type = "pool_created";

  template <class Self, class Visitor>
  static void fields(Self&, Visitor&) {}
  friend bool operator==(const pool_created&, const pool_created&) = default;
};

/// A run joined, or joined again.
struct member_joined {
  static constexpr std::string_view type = "member_joined";

  pool_member member;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("member", self.member);
  }
  friend bool operator==(const member_joined&, const member_joined&) = default;
};

/// A run left.
struct member_left {
  static constexpr std::string_view type = "member_left";

  pool_member member;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("member", self.member);
  }
  friend bool operator==(const member_left&, const member_left&) = default;
};

/// A message reached the status of its receipt.
struct message_recorded {
  static constexpr std::string_view type = "run_message";

  stored_message stored;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("stored", self.stored);
  }
  friend bool operator==(const message_recorded&, const message_recorded&) = default;
};

/// A wake condition reached the status of its registration.
struct wake_recorded {
  static constexpr std::string_view type = "wake";

  boxed<stored_wake> stored;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("stored", *self.stored);
  }
  friend bool operator==(const wake_recorded&, const wake_recorded&) = default;
};

/// What a log entry says; tagged by `type`.
using store_payload = std::variant<pool_opened, pool_created, member_joined, member_left,
                                   message_recorded, wake_recorded>;

/// One entry of a pool's log.
struct store_record {
  core::pool_id pool_id;
  store_cursor cursor;
  store_payload payload;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("cursor", self.cursor);
    visit("payload", self.payload);
  }
  friend bool operator==(const store_record&, const store_record&) = default;
};

/// How far a run is with its inbox.
struct inbox_state {
  core::run_id run_id;
  std::uint64_t acked = 0;           ///< The sequence up to which it acknowledged.
  std::uint64_t unacknowledged = 0;  ///< Messages after that.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("acked", self.acked);
    visit("unacknowledged", self.unacknowledged);
  }
  friend bool operator==(const inbox_state&, const inbox_state&) = default;
};

/// The stored events that can be read: those numbered after `after`, up to `last`. Those after
/// `recent` are in memory; whoever begins earlier has the log read.
struct event_range {
  std::uint64_t after = 0;
  std::uint64_t recent = 0;
  std::uint64_t last = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("after", self.after);
    visit("recent", self.recent);
    visit("last", self.last);
  }
  friend bool operator==(const event_range&, const event_range&) = default;
};

/// A pool as it stands.
struct pool_snapshot {
  core::pool_id pool_id;
  bool created = false;
  std::vector<pool_member> members;
  std::vector<topic_id> topics;
  core::message_policy message_policy;
  core::wake_policy wake_policy;
  std::vector<policy_ref> policy_refs;
  std::vector<stored_message> messages;
  std::vector<stored_wake> wakes;
  std::optional<store_cursor> cursor;
  std::vector<inbox_state> inboxes;        ///< Extension: of what is under way alone.
  std::optional<event_range> events = {};  ///< Extension: of `bare` and `open` reads alone.
  /// Extension: of `open` reads alone, runs for whose inbox a request waits where the pool is.
  std::vector<run_id> inbox_waits = {};

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("created", self.created);
    visit("members", self.members, presence::always);
    visit("topics", self.topics, presence::always);
    visit("message_policy", self.message_policy);
    visit("wake_policy", self.wake_policy);
    visit("policy_refs", self.policy_refs);
    visit("messages", self.messages);
    visit("wakes", self.wakes);
    visit("cursor", self.cursor);
    visit("inboxes", self.inboxes);
    visit("events", self.events);
    visit("inbox_waits", self.inbox_waits);
  }
  friend bool operator==(const pool_snapshot&, const pool_snapshot&) = default;
};

}  // namespace agentpool::core
