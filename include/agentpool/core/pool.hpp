#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "agentpool/core/checkpoint.hpp"
#include "agentpool/core/commands.hpp"
#include "agentpool/core/error.hpp"
#include "agentpool/core/log.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/roll.hpp"
#include "agentpool/core/time.hpp"

/// The pool state machine: decide, then apply.
namespace agentpool::core {

/// Bounds of what a pool keeps in memory of its history.
struct pool_limits {
  std::size_t recent_records = 4096;  ///< Records; older ones are fetched when needed.
  std::size_t recent_events = 4096;   ///< Published events, live-only ones included.
  std::size_t events_a_place = 512;   ///< Older events: one place in the log is kept for so many.
  std::size_t inbox_page_max = 1000;  ///< Entries of one answer to `read_inbox`.
};

/// What a request comes to: entries and acknowledgements to append as one, a live-only event to
/// publish with them, and the answer to give once they are durable.
struct decision {
  std::vector<entry_ptr> entries;
  std::vector<inbox_ack> acks;
  entry_ptr live;  ///< A host event that is not stored, or null.
  answer reply;

  /// Nothing to append: the answer holds as soon as what was decided before is durable.
  [[nodiscard]] bool stores_nothing() const noexcept { return entries.empty() && acks.empty(); }
};

/// A part of history older than what is in memory, to be searched for the first event after
/// `after` that `filter` matches, in scope, not of a wake condition, with event_seq ≤ `until`.
struct history_search {
  event_filter filter;
  stamp after;
  std::uint64_t until = 0;
};

/// A place between two entries of the log, and how far the numbering is there.
struct past_place {
  log_position position;
  std::uint64_t number = 0;     ///< journal_seq of the last record before it.
  std::uint64_t event_seq = 0;  ///< Of the last stored event before it.
  entry_ptr pending_created;    ///< `pool_created`, whose run is told by the join that follows.
};

/// What has to be read from the log before the request can be decided: the caller reads it and
/// asks again with it as evidence. Where records are missing, before anything else is decided; a
/// search may take its time, since what is published meanwhile is looked at when it is done.
struct missing {
  std::vector<std::uint64_t> sequences;
  std::optional<history_search> search;
};

/// What was read for `missing`.
struct evidence {
  std::map<std::uint64_t, entry_ptr> records;
  std::optional<history_search> searched;  ///< The search, with how far it went as `until`.
  std::optional<trigger> found;            ///< What it found.
};

class pool_state;

/// What every request but `open_pool` gets of a pool that was never opened.
[[nodiscard]] agent_error never_opened(const pool_id& pool);

/// One pool's state: a function of its log. Used by one thread at a time; no clock, no I/O.
class pool {
 public:
  using verdict = std::variant<decision, agent_error, missing>;

  explicit pool(core::pool_id id, pool_limits limits = {});
  ~pool();
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  /// What `ask` comes to in this state at `now`. Changes nothing.
  [[nodiscard]] verdict decide(const command& ask, instant now, const evidence& known = {}) const;

  /// Whether it was opened ever, as far as it knows the log; decisions tried out included.
  [[nodiscard]] bool is_opened() const;

  /// Takes the next entry of the log, and returns what it publishes. Only while no decision is
  /// being tried out.
  std::vector<published> apply(const entry_ptr& fact);
  void apply(const inbox_ack& ack);

  /// Goes on as if the decision were durable already; returns what it publishes once it is.
  std::vector<published> try_out(const decision& decided);

  /// The oldest decision tried out is durable now.
  void settle();

  /// None of the decisions tried out became durable: back to what the log gave.
  void take_back();

  /// The state, decisions tried out included, to be kept beside the log up to there: all of it, or
  /// unless `whole` the head and what came since the last call. Nothing while the log ends amid
  /// what another program appends (`pool_created` without the join).
  [[nodiscard]] std::optional<checkpoint> make_checkpoint(bool whole);

  /// Takes up a checkpoint in place of the log up to there. Only in a new pool; after an error this
  /// one is of no use. Returns the records that `restore_records` needs before anything else.
  [[nodiscard]] outcome<std::vector<std::uint64_t>> restore(const checkpoint& from);
  [[nodiscard]] outcome<void> restore_records(std::span<const entry_ptr> records);

  /// Where the log ends as a horizon, decisions tried out included. Nothing where
  /// `make_checkpoint` gives nothing.
  [[nodiscard]] std::optional<horizon> mark() const;

  /// Forgets names, inbox entries and events up to an earlier mark, but for what waits: for an
  /// acknowledgement, for replies, for a wake. Only while no decision is being tried out. Returns
  /// the records up to there that are still needed, sorted. Messages that are forgotten are not
  /// deduped any more.
  [[nodiscard]] std::vector<std::uint64_t> forget(const horizon& at);

  /// The place up to which everything was forgotten; the log's start when nothing was.
  [[nodiscard]] past_place begins() const;

  /// Where the log ends, decisions tried out included.
  [[nodiscard]] log_position position() const noexcept;

  /// The last event that is no longer in memory, which stands in the log then; {0, 0}: none.
  [[nodiscard]] stamp events_floor() const noexcept;

  /// A place in the log from which on every event after `after` is met that is no longer in
  /// memory, without reading what was long before it.
  [[nodiscard]] past_place place_before(stamp after) const;

  /// Takes the entry at `place`, appends the events that it published to `out`, and moves the
  /// place past it. Right up to `events_floor()`.
  void step_past(past_place& place, const entry_ptr& entry, std::vector<published>& out) const;

  /// When the next timeout of a message or wake is due, Unix time; none when nothing waits.
  [[nodiscard]] std::optional<instant> next_due() const;

  [[nodiscard]] const core::pool_id& id() const noexcept;
  [[nodiscard]] const roll& members() const noexcept;

  /// The event_seq of the run's latest join, decisions tried out included; 0 when it is no member.
  [[nodiscard]] std::uint64_t joined(const run_id& run) const;

  /// The sequence up to which the run acknowledged its inbox; 0 when it never did.
  [[nodiscard]] std::uint64_t acked(const run_id& run) const;

  /// A text that is equal for equal states, for tests and checkers: costs the whole state.
  [[nodiscard]] std::string fingerprint() const;

 private:
  std::unique_ptr<pool_state> state_;
};

}  // namespace agentpool::core
