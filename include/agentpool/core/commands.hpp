#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "agentpool/core/boxed.hpp"
#include "agentpool/core/event_records.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/notice.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/record.hpp"
#include "agentpool/core/shared.hpp"
#include "agentpool/core/store_records.hpp"

/// What a pool can be asked, and what it answers. The comment above each request says its effect
/// and its own errors; every request but `open_pool` to a pool that was never opened is
/// `host_configuration_needed`. A request is durable before it is answered.
namespace agentpool::core {

/// The pool as it stands. Opening again with another config is a contract violation.
/// → pool_snapshot
struct open_pool {
  pool_config config;
  bool brief = false;  ///< Extension: no messages and wakes in the answer, which may be millions.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("config", self.config, presence::defaulted);
    visit("brief", self.brief, presence::defaulted);
  }
};

/// Makes the run a member, or replaces the member. A member's agent cannot change.
/// → run_joined
struct join_run {
  pool_member member;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("member", self.member);
  }
};

struct run_joined {
  store_cursor cursor;
  std::uint64_t joined = 0;  ///< As in `membership`. Told in the pool's process alone.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("cursor", self.cursor);
  }
};

/// What a run is a member by: nobody else has been it since that join.
struct membership {
  core::run_id run_id;
  std::uint64_t joined = 0;  ///< The event_seq of its latest join.
};

/// Cancels the run's registered wakes and removes the member. The run goes on. → run_left
struct leave_run {
  core::run_id run_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
  }
};

struct run_left {
  pool_member member;
  store_cursor cursor;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("member", self.member);
    visit("cursor", self.cursor);
  }
};

/// → member_list, by run id
struct list_members {
  std::optional<core::run_id> run_id = {};  ///< Extension: this run alone, if it is a member.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
  }
};

struct member_list {
  std::vector<pool_member> members;
  /// Of the one run that was asked for, as in `membership`; 0: it is no member. Told in the pool's
  /// process alone.
  std::uint64_t joined = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("members", self.members, presence::always);
  }
};

/// Stores a message in its recipients' inboxes. The same message again returns the receipt that
/// it got, with its latest status; a used key or id with another message, and a sender that is
/// no member, are invalid transitions. Nobody to deliver to: a receipt `failed`.
/// → message_receipt
struct send_message {
  shared<run_message> message;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("message", field_of(self.message));
  }
};

/// Makes a delivered message cancelled; an invalid transition when it is final, a contract
/// violation when nobody sent it. → message_receipt
struct cancel_message {
  core::message_id message_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("message_id", self.message_id);
  }
};

/// Records a transition that the host knows of. Statuses only move forward. → message_receipt
struct record_message_status {
  core::message_id message_id;
  message_status status{};
  std::optional<std::vector<run_id>> delivered_to;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("message_id", self.message_id);
    visit("status", self.status);
    visit("delivered_to", self.delivered_to);
  }
};

/// The messages delivered to the run after `after` (by default after what it acknowledged), in
/// order, at most `max`. → inbox_page
struct read_inbox {
  core::run_id run_id;
  std::optional<std::uint64_t> after;
  std::uint64_t max = 100;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("after", self.after);
    visit("max", self.max, presence::defaulted);
  }
};

struct inbox_page {
  std::vector<inbox_entry> entries;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("entries", self.entries, presence::always);
  }
};

/// Acknowledges the run's inbox up to `sequence`; never goes back. → inbox_acked
struct ack_inbox {
  core::run_id run_id;
  std::uint64_t sequence = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("sequence", self.sequence);
  }
};

struct inbox_acked {
  std::uint64_t acked = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("acked", self.acked);
  }
};

/// Registers a wake condition; the answer tells whether it fired at once. Repeating it returns
/// the registration; a used key or id with another condition is refused. → wake_registration
struct suspend_until {
  core::run_id run_id;
  boxed<wake_condition> condition;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("condition", *self.condition);
  }
};

/// The registration as it stands; unknown: contract violation. → wake_registration
struct poll_wake {
  wake_condition_id condition_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("condition_id", self.condition_id);
  }
};

/// Cancels a registered wake; a final one is returned unchanged. → wake_registration
struct cancel_wake {
  wake_condition_id condition_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("condition_id", self.condition_id);
  }
};

/// The registration and, once it is final, what its run is told. → wake_report
struct read_wake {
  wake_condition_id condition_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("condition_id", self.condition_id);
  }
};

struct wake_report {
  wake_registration registration;
  std::optional<wake_notice> notice;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("registration", self.registration);
    visit("notice", self.notice);
  }
};

/// Everything, every message and wake that the pool knows included. The other fields are
/// extensions; unknown ids give none. → pool_snapshot
struct read_snapshot {
  bool brief = false;  ///< As in `open_pool`.
  bool bare = false;   ///< No members, either.
  /// Of messages and wakes only what is under way: messages that wait for replies, or are in an
  /// inbox and not acknowledged (of these the first `open_messages_max`), and registered wakes. And
  /// how far each inbox is.
  bool open = false;
  std::optional<core::message_id> message_id = {};     ///< This message alone, no members.
  std::optional<wake_condition_id> condition_id = {};  ///< This wake alone, no members.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("brief", self.brief, presence::defaulted);
    visit("bare", self.bare, presence::defaulted);
    visit("open", self.open, presence::defaulted);
    visit("message_id", self.message_id);
    visit("condition_id", self.condition_id);
  }
};

/// Messages in inboxes that a snapshot of what is under way tells at most.
inline constexpr std::size_t open_messages_max = 1'000;

/// Publishes an event of a member run. A `journal_backed` one is stored, a `best_effort_live` one
/// is not; the other semantics and family `agent_pool` are contract violations.
/// → event_published
struct publish_event {
  boxed<agent_event> event;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("event", *self.event);
  }
};

struct event_published {
  event_cursor cursor;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("cursor", self.cursor);
  }
};

/// Records the timeouts that are due: messages by id, then wakes by condition id.
/// → dues_expired
struct expire_due {
  template <class Self, class Visitor>
  static void fields(Self&, Visitor&) {}
};

struct dues_expired {
  template <class Self, class Visitor>
  static void fields(Self&, Visitor&) {}
};

using command =
    std::variant<open_pool, join_run, leave_run, list_members, send_message, cancel_message,
                 record_message_status, read_inbox, ack_inbox, suspend_until, poll_wake,
                 cancel_wake, read_wake, read_snapshot, publish_event, expire_due>;

using answer =
    std::variant<pool_snapshot, run_joined, run_left, member_list, message_receipt, inbox_page,
                 inbox_acked, wake_registration, wake_report, event_published, dues_expired>;

}  // namespace agentpool::core
