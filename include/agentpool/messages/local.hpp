#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/fwd.hpp>
#include <caf/typed_actor.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "agentpool/core/commands.hpp"
#include "agentpool/core/log.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/pool.hpp"
#include "agentpool/core/store_backend.hpp"
#include "agentpool/messages/call.hpp"
#include "agentpool/messages/journal.hpp"
#include "agentpool/messages/runs.hpp"

/// Messages that never leave the process: they share what they carry.
namespace agentpool::messages {

// ---- from handles ---------------------------------------------------------------------------

struct pool_call : call<core::command, core::answer> {
  /// The request is denied unless that is so when it is decided.
  std::optional<core::membership> as = {};
};
using journal_call = call<journal_question, journal_answer>;

/// Ask the pool.
struct pool_asked {
  std::shared_ptr<pool_call> request;
};

/// Ask the journal. The pool passes it on once everything that was asked before is published.
struct journal_asked {
  std::shared_ptr<journal_call> request;
};

/// End once what was decided is durable and answered.
struct closing {};

/// An armed timer came due; `at` is what it was armed for, in ticks of the actor clock.
struct timer_due {
  std::int64_t at = 0;
};

// ---- between store, pools and journals ------------------------------------------------------

struct records_appended;
struct log_told;
struct checkpoint_kept;
struct pool_changed;

/// Whoever appends: gets one answer an append, in the order of the appends.
using appender = caf::typed_actor<caf::reacts_to<records_appended>, caf::reacts_to<checkpoint_kept>,
                                  caf::reacts_to<pool_changed>>;
/// Whoever reads: gets one answer a question.
using log_reader = caf::typed_actor<caf::reacts_to<log_told>>;

/// Append as one what `requests` requests came to; `number` comes back with the answer. A pool
/// appends on without waiting for answers, so each append rests on those before it: once one of an
/// epoch did not succeed, every later one of that epoch is a conflict, even where its expected
/// position happens to fit what others appended meanwhile.
struct append_records {
  std::uint64_t number = 0;
  std::uint64_t epoch = 0;
  std::size_t requests = 1;
  core::append_request request;
  appender back;
};

/// What came of an append. An error: it was not appended as far as the store knows.
struct records_appended {
  std::uint64_t number = 0;
  core::outcome<core::append_result> result;
};

/// Keep a checkpoint of what the appends before it leave, unless one of its epoch did not succeed.
struct keep_checkpoint {
  std::uint64_t epoch = 0;
  std::shared_ptr<const core::checkpoint_request> request;
  appender back;
};

/// Whether it was kept: its number, or nothing.
struct checkpoint_kept {
  std::optional<std::uint64_t> number;
};

/// Remove what is older than the pool's horizon, from the sequence `after` on.
struct drop_old {
  std::shared_ptr<const core::drop_request> request;
  std::uint64_t after = 0;
};

/// The appends gathered so far become one transaction.
struct flush_appends {};

/// The contents gathered so far become one transaction.
struct flush_contents {};

/// Tell `pool` when others append to it.
struct watch_changes {
  core::pool_id pool_id;
  appender pool;
};

/// Tell `pool` no more of them: it ends.
struct ignore_changes {
  core::pool_id pool_id;
  appender pool;
};

/// Another engine appended, perhaps.
struct pool_changed {};

/// Entries after a position.
struct page_wanted {
  core::log_position after;
  std::size_t entries_max = 0;
};

/// Records by sequence.
struct records_wanted {
  std::vector<std::uint64_t> sequences;
};

/// Inbox positions that changed after a mark.
struct acks_wanted {
  std::uint64_t mark = 0;
  std::size_t acks_max = 0;
};

/// The latest checkpoint.
struct checkpoint_wanted {};

/// Read; `number` comes back with the answer.
struct read_log {
  std::uint64_t number = 0;
  core::pool_id pool_id;
  std::variant<page_wanted, records_wanted, acks_wanted, checkpoint_wanted> what;
  log_reader back;
};

/// The latest checkpoint if there is one, whether the store keeps any by itself, and where the log
/// begins.
struct checkpoint_found {
  bool keeps = false;
  std::optional<core::kept_checkpoint> kept;
  std::shared_ptr<const core::horizon> begins;
};

/// What was read, in the order of `read_log`'s alternatives.
using log_content =
    std::variant<core::log_page, std::vector<core::entry_ptr>, core::ack_page, checkpoint_found>;
struct log_told {
  std::uint64_t number = 0;
  core::outcome<log_content> content;
};

struct news_taken;

/// Whoever publishes: is told how much of it was taken, now and then.
using publisher = caf::typed_actor<caf::reacts_to<news_taken>>;

/// What became durable and is published now: log entries, and events, live-only ones among them.
struct log_published {
  std::vector<core::entry_ptr> entries;
  std::vector<core::published> events;
  /// With what a pool tells first: the event and the record right before.
  core::stamp after_event = {};
  std::uint64_t after_sequence = 0;
  publisher back;
};

/// Of what was published, so many more events were taken.
struct news_taken {
  std::size_t events = 0;
};

/// The pool's log begins later from now on.
struct horizon_moved {
  std::shared_ptr<const core::horizon> begins;
};

// ---- what a store is asked by handles -------------------------------------------------------

/// Counted by the store of what it committed.
struct store_tally {
  std::uint64_t messages = 0;  ///< Messages recorded for the first time.
  std::uint64_t wakes = 0;     ///< Wakes that became final.
  std::uint64_t commits = 0;   ///< Transactions.
};
struct list_pools {};
struct read_tally {};
struct write_registry {
  std::vector<core::registry_write> writes;
};
struct read_content {
  core::content_ref name;
};
using store_question =
    std::variant<list_pools, read_tally, write_registry, core::registry_query, read_content>;
using store_answer =
    std::variant<std::vector<core::pool_id>, store_tally, std::vector<core::registry_written>,
                 std::vector<core::registry_row>, std::optional<std::string>>;
using store_call = call<store_question, store_answer>;
struct store_asked {
  std::shared_ptr<store_call> request;
};

/// Keep a content; answered by its name.
using content_call = call<core::content, core::content_ref>;
struct content_given {
  std::shared_ptr<content_call> request;
};

// ---- runs -----------------------------------------------------------------------------------

/// What came of an action of a run.
struct action_answered {
  std::uint64_t number = 0;
  core::outcome<core::answer> what;
};

/// The next messages of the inboxes of these runs, in order, to whom hosts them.
struct run_entries {
  std::vector<core::run_id> runs;
  std::vector<core::inbox_entry> entries;
};

/// Hosts many runs, perhaps in another process.
using run_host = caf::typed_actor<caf::reacts_to<run_entries>, caf::reacts_to<wake_handed>>;

/// A run somewhere behind `host` can take `credit` more entries; as `run_ready` else. Another
/// `life` attaches it anew.
struct hosted_run_ready {
  core::run_id run_id;
  std::optional<std::uint64_t> after;
  std::uint64_t credit = 0;
  std::uint64_t life = 0;
  run_host host;
};

/// That life of the run can be handed nothing more.
struct hosted_run_gone {
  core::run_id run_id;
  std::uint64_t life = 0;
};

}  // namespace agentpool::messages

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::pool_asked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::journal_asked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::closing)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::timer_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::append_records)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::records_appended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::keep_checkpoint)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::checkpoint_kept)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::drop_old)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::horizon_moved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::flush_appends)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::content_given)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::flush_contents)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::watch_changes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::ignore_changes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::pool_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::read_log)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::log_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::log_published)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::news_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::store_asked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::action_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::run_entries)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::hosted_run_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::hosted_run_gone)
