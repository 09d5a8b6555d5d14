#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <variant>
#include <vector>

#include "agentpool/core/boxed.hpp"
#include "agentpool/core/pool.hpp"
#include "open_wake.hpp"
#include "packed.hpp"
#include "record_index.hpp"
#include "run_past.hpp"
#include "wake_index.hpp"

namespace agentpool::core {

/// What is kept of a message that waits for replies.
struct open_contract {
  entry_ptr delivered;      ///< The record that delivered it.
  std::set<run_id> silent;  ///< The recipients that did not reply yet.
  std::size_t replies = 0;
  std::optional<instant> due;
};

/// The latest record of a message or wake condition: null when there is none; `missing` when it
/// has to be read first.
using latest_record = std::variant<entry_ptr, missing>;

/// What is kept of a run that was sent something or was woken.
struct run_dealings {
  std::vector<std::uint64_t> inbox;  ///< Sequences of the records that delivered to it.
  std::size_t inbox_kept = 0;        ///< So many of them are in a checkpoint.
  std::uint64_t inbox_first = 0;     ///< So many before them are forgotten.
  std::map<event_filter_fingerprint, stamp> woken;  ///< Last matched event by caller's filter.
};

/// What is kept of every run that is or was a member.
struct run_state {
  std::uint64_t joined = 0;  ///< The event_seq of its latest join.
  std::uint64_t acked = 0;
  boxed_default<run_dealings> dealings;
  run_past past;
};

/// Forgets the oldest of an inbox, as far as `first` have been forgotten then.
void drop_inbox(run_state& state, std::uint64_t first);

/// What is kept of all events that are no longer in memory, beside every run's own past.
struct past_notes {
  std::map<event_kind, std::uint64_t> kinds;  ///< Of all runs, with the last event_seq.
  std::vector<past_place> places;             ///< Some places of the log, in its order.
};

/// By the sequence of the record that registered them.
using wake_map = std::unordered_map<std::uint64_t, open_wake>;

[[nodiscard]] name_hashes names_of(const run_message& message) noexcept;
[[nodiscard]] name_hashes names_of(const wake_condition& condition) noexcept;

/// The state behind `pool`, and how entries change it. Every change made while a decision is
/// tried out leaves behind how to undo it.
class pool_state {
 public:
  pool_state(core::pool_id pool, pool_limits bounds) : id{std::move(pool)}, limits{bounds} {}

  std::vector<published> apply(const entry_ptr& fact);
  void apply(const inbox_ack& ack);

  [[nodiscard]] std::optional<checkpoint> make_checkpoint(bool whole);
  [[nodiscard]] std::vector<std::uint64_t> restore(const checkpoint& from);
  void restore(std::span<const entry_ptr> records);

  [[nodiscard]] std::optional<horizon> mark() const;
  [[nodiscard]] std::vector<std::uint64_t> forget(const horizon& at);

  void begin_group();
  void end_group();
  void settle();
  void take_back();

  /// The record with that sequence: from memory or from what was read; null when neither has it.
  [[nodiscard]] entry_ptr record_at(std::uint64_t sequence, const evidence& known) const;
  [[nodiscard]] latest_record message(const message_id& id, const evidence& known) const;
  [[nodiscard]] latest_record message(const idempotency_key& key, const evidence& known) const;
  [[nodiscard]] latest_record wake(const wake_condition_id& id, const evidence& known) const;
  [[nodiscard]] latest_record wake(const idempotency_key& key, const evidence& known) const;
  /// Null when the message does not wait for replies, or the condition is not registered.
  [[nodiscard]] const open_contract* contract(const message_id& id) const;
  [[nodiscard]] const open_wake* registered(const wake_condition_id& id) const;
  /// The registered conditions of the run, by id.
  [[nodiscard]] std::vector<const open_wake*> waiting(const run_id& id) const;
  /// When the next timeout is due.
  [[nodiscard]] std::optional<instant> next_due() const;
  [[nodiscard]] const run_state* run(const run_id& id) const;

  /// An event that is no longer in memory may be one that the filter matches, after `start`.
  [[nodiscard]] bool past_may_match(const event_filter& filter, stamp start) const;
  [[nodiscard]] past_place place_before(stamp after) const;
  void step_past(past_place& place, const entry_ptr& entry, std::vector<published>& out) const;

  core::pool_id id;
  pool_limits limits;
  roll members;
  record_index messages;  ///< All of them; so are the wakes.
  record_index wakes;
  std::unordered_map<message_id, open_contract> contracts;
  wake_map open_wakes;
  std::unordered_map<run_id, run_state> runs;
  wake_index index;
  std::set<std::pair<instant, message_id>> dues;
  std::set<std::pair<instant, std::uint64_t>> wake_dues;  ///< By sequence, as `open_wakes`.
  std::deque<entry_ptr> recent_records;                   ///< The latest records, without a gap.
  std::deque<published> recent_events;                    ///< The latest published events.
  stamp events_floor;  ///< The last event no longer in `recent_events`.
  past_place begins;   ///< What was before is forgotten.

  /// What is known of the events up to `events_floor`. Whatever can still be taken back is in
  /// `recent_events`, so none of it is ever undone; nor are the runs' pasts.
  past_notes past;
  /// The agents that a run had before, each with the last event_seq of its time.
  std::map<run_id, std::vector<std::pair<std::uint64_t, agent_id>>> former_agents;

 private:
  using undo = std::function<void()>;

  /// What every entry changes of the roll.
  struct roll_mark {
    bool created = false;
    entry_ptr pending_created;
    log_position position;
    std::uint64_t number = 0;
    stamp last;
    std::uint64_t recorded_at_millis = 0;
  };

  /// A decision being tried out: how to undo it, and how much of the recent log is its.
  struct group {
    std::vector<undo> steps;
    std::size_t records = 0;
    std::size_t events = 0;
    roll_mark numbering;  ///< As it was before.
  };

  template <class Undo>
  void on_undo(Undo&& step) {
    if (recording_) groups_.back().steps.emplace_back(std::forward<Undo>(step));
  }
  template <class Map>
  void remember(Map& map, const typename Map::key_type& key);
  [[nodiscard]] roll_mark numbering() const;
  void take_back(group& last);
  void remember_roll(const log_entry& fact);
  void keep_recent(const entry_ptr& fact, const std::vector<published>& out);
  void trim();
  void note_former_agent(const log_entry& fact);
  void note_late_opening(const log_entry& fact);
  [[nodiscard]] run_past* past_of(const core::run_id& run);
  void note_past(const published& what, past_notes& notes, run_past* of_run) const;
  void publish_past(past_place& place, const entry_ptr& entry, const core::run_id& run,
                    std::vector<published>& out) const;

  void forget_past(std::uint64_t upto);

  // checkpoint.cpp
  void pack_roll(packed_writer& out) const;
  void pack_runs(packed_writer& out) const;
  void pack_open(packed_writer& out) const;
  static void pack_past(packed_writer& out, const past_notes& notes);
  void unpack_part(packed_reader in);
  void unpack_roll(packed_reader& in);
  void unpack_runs(packed_reader& in);
  [[nodiscard]] std::vector<std::uint64_t> unpack_open(packed_reader& in);
  void unpack_past(packed_reader& in);

  void take(const member_joined& joined);
  void take(const member_left& left);
  void take(const message_recorded& recorded, const entry_ptr& fact);
  void take(const wake_recorded& recorded, const entry_ptr& fact);
  std::uint8_t move_on(record_index& among, name_hashes names, std::uint64_t sequence,
                       std::uint8_t status);
  void open_contract_of(const stored_message& stored, const entry_ptr& fact);
  void close_contract(const message_id& id);
  void deliver(const stored_message& stored, const entry_ptr& fact);
  void count_reply(const run_message& reply);
  void note_woken(const wake_recorded& recorded, const log_entry& fact);
  void add_due(instant at, const message_id& id);
  void drop_due(instant at, const message_id& id);
  void await(const log_entry& registered);
  void forget_wake(const open_wake& wake);
  void list(const open_wake& wake);
  void unlist(const open_wake& wake);

  std::map<std::uint64_t, open_contract> restoring_;  ///< By the records that are to come.
  bool recording_ = false;
  std::deque<group> groups_;
  std::size_t unsettled_records_ = 0;
  std::size_t unsettled_events_ = 0;
};

}  // namespace agentpool::core
