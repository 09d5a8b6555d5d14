#pragma once

#include <caf/fwd.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include "agentpool/core/commands.hpp"
#include "agentpool/messages/inspect.hpp"
#include "agentpool/messages/journal.hpp"
#include "agentpool/messages/local.hpp"
#include "agentpool/messages/runs.hpp"

/// The protocol: every actor, everything that it can be told. A request (`replies_to`) may come
/// from another node; what only `reacts_to` names from local.hpp stays inside the process.
///
/// Every request answers once: with a fact, or with an error of category "agentpool" that holds a
/// core::agent_error (error.hpp). What is answered is durable. Beside its own errors each may
/// answer `store_unavailable` (nothing recorded, repeat with the same key), `store_corrupt`,
/// `overloaded` (a bound of engine_limits, repeat later) and `closed`.
namespace agentpool::messages {

struct run_ready;
struct run_gone;

/// One run. Local messages drive its agent; nothing here waits for another actor.
using member_run_actor = caf::typed_actor<
    // The next messages of its inbox, in order; a repeat has a sequence it saw before.
    caf::reacts_to<entries_handed>,
    // One of its wake conditions is final. May come before the answer to the suspend.
    caf::reacts_to<wake_handed>,
    // Ends it: `run_cancelled`, then it leaves the pool. Nothing when it has ended.
    caf::reacts_to<cancel_run>,
    // What came of an action.
    caf::reacts_to<action_answered>,
    // Stop where it is: the run stays a member.
    caf::reacts_to<closing>>;

/// One pool: decides, in the order of arrival, and is the only one that appends to its log in this
/// engine. Answers stand back until everything decided before is durable.
using pool_actor = caf::typed_actor<
    // Opens the pool or rehydrates it. Contract violation: open with another config.
    caf::replies_to<core::open_pool>::with<core::pool_snapshot>,
    // Makes or replaces a member. Invalid transition: the run has another agent.
    caf::replies_to<core::join_run>::with<core::run_joined>,
    // Cancels the run's wakes, removes the member. Invalid transition: no member.
    caf::replies_to<core::leave_run>::with<core::run_left>,
    // Members by run id.
    caf::replies_to<core::list_members>::with<core::member_list>,
    // Into the inboxes of the recipients. Invalid transition: sender no member, key or id used.
    caf::replies_to<core::send_message>::with<core::message_receipt>,
    // Invalid transition: final already. Contract violation: unknown.
    caf::replies_to<core::cancel_message>::with<core::message_receipt>,
    // The same, and a status never goes back.
    caf::replies_to<core::record_message_status>::with<core::message_receipt>,
    // A page of an inbox at once, or once there is an entry.
    caf::replies_to<core::read_inbox>::with<core::inbox_page>,
    caf::replies_to<await_inbox>::with<core::inbox_page>,
    // Durable, never goes back. Contract violation: past the end of the log.
    caf::replies_to<core::ack_inbox>::with<core::inbox_acked>,
    // Registers; the answer tells whether it fired at once. Invalid transition: no member, key
    // or id used.
    caf::replies_to<core::suspend_until>::with<core::wake_registration>,
    // Contract violation: unknown. A final wake is not cancelled but returned.
    caf::replies_to<core::poll_wake>::with<core::wake_registration>,
    caf::replies_to<core::cancel_wake>::with<core::wake_registration>,
    // The registration and, once final, its notice: at once, or once it is.
    caf::replies_to<core::read_wake>::with<core::wake_report>,
    caf::replies_to<await_wake>::with<core::wake_report>,
    // All of the pool, every message and wake ever.
    caf::replies_to<core::read_snapshot>::with<core::pool_snapshot>,
    // Into the pool's stream. Invalid transition: its run is no member. Contract violation:
    // family agent_pool.
    caf::replies_to<core::publish_event>::with<core::event_published>,
    // Hands the run its inbox from now on: first what it has not acknowledged. And: it can take
    // more entries.
    caf::reacts_to<run_ready>,
    // Hands the run nothing more.
    caf::reacts_to<run_gone>,
    // The same for a run that another actor hosts.
    caf::reacts_to<hosted_run_ready>, caf::reacts_to<hosted_run_gone>,
    // The same requests by handles, answered through the call.
    caf::reacts_to<pool_asked>,
    // Passed on to the journal once everything asked before is published.
    caf::reacts_to<journal_asked>,
    // From the store.
    caf::reacts_to<records_appended>, caf::reacts_to<checkpoint_kept>, caf::reacts_to<log_told>,
    caf::reacts_to<pool_changed>,
    // From the journal: without it no more is decided once it lags by its window.
    caf::reacts_to<news_taken>,
    // Its one timer.
    caf::reacts_to<timer_due>,
    // Answers what is in flight once it is durable, everything else `closed`, and ends.
    caf::reacts_to<closing>>;

/// One pool's journal: what the pool published, for observers and auditors. No reader of it slows
/// the pool, however slow or dead; the pool waits for the journal itself when it is a window
/// behind.
using journal_actor = caf::typed_actor<
    // Opens a stream. Contract violation: cursor of another filter or beyond the end, bad queue.
    caf::replies_to<open_subscription>::with<stream_opened>,
    caf::replies_to<open_watch>::with<stream_opened>,
    // The next items of a stream, once there is one. Contract violation: unknown, or ended, or
    // asked for already; its queue overflowed under `fail_subscriber`.
    caf::replies_to<next_frames>::with<frame_page>,
    caf::replies_to<next_records>::with<record_page>,
    // Ends a stream; what waits on it is answered `closed`.
    caf::reacts_to<close_stream>,
    // Once, without following. Errors as for opening.
    caf::replies_to<read_events>::with<frame_page>,
    caf::replies_to<read_records>::with<record_page>,
    // Journal records, made as they are read.
    caf::replies_to<read_journal>::with<journal_page>,
    // The same questions by handles.
    caf::reacts_to<journal_asked>,
    // From the pool and the store.
    caf::reacts_to<log_published>, caf::reacts_to<horizon_moved>, caf::reacts_to<log_told>,
    // Answers everything `closed` and ends.
    caf::reacts_to<closing>>;

/// The store: owns the backend, and waits where it does. Answers appends and reads in order.
using store_actor = caf::typed_actor<
    // Kept until `flush_appends`, then one transaction with the others of that moment.
    caf::reacts_to<append_records>, caf::reacts_to<flush_appends>,
    // Kept at once, after the appends before it. What is older than a horizon goes little by
    // little.
    caf::reacts_to<keep_checkpoint>, caf::reacts_to<drop_old>,
    // Read at once.
    caf::reacts_to<read_log>,
    // From now on the pool is told when others append to it, or no more.
    caf::reacts_to<watch_changes>, caf::reacts_to<ignore_changes>,
    // Its one timer: look for what others appended.
    caf::reacts_to<timer_due>,
    // Lists and counts for handles.
    caf::reacts_to<store_asked>,
    // Kept until `flush_contents`, then one transaction with the others of that moment.
    caf::reacts_to<content_given>, caf::reacts_to<flush_contents>,
    // Commits what it was given, then ends.
    caf::reacts_to<closing>>;

/// A run that can take `credit` more entries. The first one attaches it: `after` is where its
/// inbox goes on, by default after what it acknowledged.
struct run_ready {
  core::run_id run_id;
  std::optional<std::uint64_t> after;
  std::uint64_t credit = 0;
  member_run_actor run;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("after", self.after);
    visit("credit", self.credit);
    visit("run", self.run);
  }
};

/// A run that has ended or moved away.
struct run_gone {
  core::run_id run_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
  }
};

}  // namespace agentpool::messages
