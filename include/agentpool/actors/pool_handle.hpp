#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "agentpool/actors/stream.hpp"
#include "agentpool/core/commands.hpp"
#include "agentpool/core/event_records.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/journal_records.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/store_records.hpp"

namespace agentpool::messages {
struct hosted_run_gone;
struct hosted_run_ready;
}  // namespace agentpool::messages

/// A pool, as code that is no actor sees it.
namespace agentpool::actors {

class pool_port;

/// How busy a pool is with what this process asks of it.
struct pool_load {
  std::size_t under_way = 0;  ///< Requests that are not answered yet, but those that wait.
  std::size_t waiting = 0;    ///< Requests that wait for what comes.
  std::size_t held = 0;       ///< Requests held until there is room.
};

/// Called once with what came of a request, on a thread of the engine; it must not block. It may
/// be called before the function that took it returns. What it throws is logged and dropped.
template <class T>
using callback = std::function<void(core::outcome<T>)>;

/// One pool of an engine. Cheap to copy; safe to use from any thread; after its engine was closed
/// every request answers an error. What one thread asks of one pool takes effect in that order,
/// blocking or not. Errors are those of contract.md; `overloaded` beyond the engine's limits,
/// unless they say `hold`: then the answer takes longer.
///
/// Each operation comes twice: one blocks until its answer is durable, the other calls back.
class pool_handle {
 public:
  explicit pool_handle(std::shared_ptr<pool_port> port);

  [[nodiscard]] const core::pool_id& id() const noexcept;

  /// As of now; nothing once the engine was closed.
  [[nodiscard]] pool_load load() const;

  // ---- any request ----------------------------------------------------------------------

  /// Asks without waiting. `requests_max` may be under way at one time.
  void submit(core::command ask, callback<core::answer> then) const;

  /// The same for `read_inbox` and `read_wake`, which wait up to `wait` for an entry or for the
  /// wake to become final, and then answer what there is. Waiting holds up nobody.
  void submit(core::command ask, std::chrono::milliseconds wait, callback<core::answer> then) const;

  /// The same, denied unless the run is the member that it became by that join, also when what was
  /// waited for comes. Pools at nodes do not look at it.
  void submit_as(core::membership as, core::command ask, std::chrono::milliseconds wait,
                 callback<core::answer> then) const;

  /// Asks and waits for the answer.
  [[nodiscard]] core::outcome<core::answer> ask(core::command ask,
                                                std::chrono::milliseconds wait = {}) const;

  // ---- pool and members -----------------------------------------------------------------

  /// With `brief` the answer leaves out the messages and wakes: of a long history they are many.
  [[nodiscard]] core::outcome<core::pool_snapshot> open(core::pool_config config = {},
                                                        bool brief = false) const;
  [[nodiscard]] core::outcome<core::pool_snapshot> snapshot(bool brief = false) const;
  [[nodiscard]] core::outcome<core::run_joined> join(core::pool_member member) const;
  [[nodiscard]] core::outcome<core::run_left> leave(core::run_id run) const;
  [[nodiscard]] core::outcome<std::vector<core::pool_member>> members() const;

  // ---- messages -------------------------------------------------------------------------

  [[nodiscard]] core::outcome<core::message_receipt> send(core::run_message message) const;
  [[nodiscard]] core::outcome<core::message_receipt> cancel_message(core::message_id id) const;
  [[nodiscard]] core::outcome<core::message_receipt> record_message_status(
      core::record_message_status change) const;

  /// Waits up to `wait` for a first entry; no entry after that: an empty list.
  [[nodiscard]] core::outcome<std::vector<core::inbox_entry>> inbox(
      core::read_inbox ask, std::chrono::milliseconds wait = {}) const;

  /// How far the run's inbox is acknowledged now.
  [[nodiscard]] core::outcome<std::uint64_t> ack_inbox(core::run_id run,
                                                       std::uint64_t sequence) const;

  // ---- wake conditions ------------------------------------------------------------------

  /// Registers for the condition's own run.
  [[nodiscard]] core::outcome<core::wake_registration> suspend_until(
      core::wake_condition condition) const;
  [[nodiscard]] core::outcome<core::wake_registration> poll_wake(core::wake_condition_id id) const;
  [[nodiscard]] core::outcome<core::wake_registration> cancel_wake(
      core::wake_condition_id id) const;

  /// Waits up to `wait` for the wake to become final; the notice is there once it is.
  [[nodiscard]] core::outcome<core::wake_report> await_wake(core::wake_condition_id id,
                                                            std::chrono::milliseconds wait) const;

  // ---- events, records, journal ---------------------------------------------------------

  [[nodiscard]] core::outcome<core::event_cursor> publish_event(core::agent_event event) const;

  /// The events that the filter allows after the cursor (from the first one without), then live.
  [[nodiscard]] core::outcome<subscription> subscribe(
      core::event_filter filter, std::optional<core::event_cursor> cursor = {}) const;
  void subscribe(core::event_filter filter, std::optional<core::event_cursor> cursor,
                 callback<subscription> then) const;

  /// What the queue of such a subscription would hold now if nothing of it had been read.
  [[nodiscard]] core::outcome<std::vector<core::event_frame>> read_events(
      core::event_filter filter, std::optional<core::event_cursor> cursor = {}) const;
  void read_events(core::event_filter filter, std::optional<core::event_cursor> cursor,
                   callback<std::vector<core::event_frame>> then) const;

  /// The store records after the cursor, then live.
  [[nodiscard]] core::outcome<record_stream> watch(core::store_cursor cursor = {}) const;
  void watch(core::store_cursor cursor, callback<record_stream> then) const;

  /// The store records after the cursor as of now.
  [[nodiscard]] core::outcome<std::vector<core::store_record>> records(
      core::store_cursor cursor = {}) const;
  void records(core::store_cursor cursor, callback<std::vector<core::store_record>> then) const;

  /// The first `max` journal records of a run, or of all runs, after journal_seq `after`.
  [[nodiscard]] core::outcome<std::vector<core::journal_record>> journal(
      std::optional<core::run_id> run = {}, std::uint64_t after = 0,
      std::uint64_t max = UINT64_MAX) const;
  void journal(std::optional<core::run_id> run, std::uint64_t after, std::uint64_t max,
               callback<std::vector<core::journal_record>> then) const;

  // ---- runs that live elsewhere ---------------------------------------------------------

  /// For nodes: hands a run's inbox and wakes to whom hosts it (messages/local.hpp).
  void host(messages::hosted_run_ready ready) const;
  void host(messages::hosted_run_gone gone) const;
  /// For nodes: what is asked after this is answered from what the store's log holds now, whoever
  /// appended it.
  void catch_up() const;

 private:
  std::shared_ptr<pool_port> port_;
};

}  // namespace agentpool::actors
