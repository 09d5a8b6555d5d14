#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Every bound of the actors, with its unit.
namespace agentpool::actors {

/// What becomes of a handle's request when `requests_max` of its pool are not answered yet.
enum class beyond_limit : std::uint8_t {
  refuse,  ///< It is answered `overloaded` at once.
  hold,    ///< It is asked, and so answered, later: in order, once there is room.
};

/// Beyond a bound the caller gets `overloaded` (nothing was recorded: repeat later).
struct engine_limits {
  std::size_t pools_max = 10'000;     ///< Pools in use at one time.
  std::size_t runs_max = 200'000;     ///< Runs that have not ended.
  std::size_t requests_max = 16'384;  ///< Requests of a pool not answered; of the store.
  beyond_limit beyond_requests = beyond_limit::refuse;  ///< What runs ask is always held.
  std::size_t held_max = 16'384;            ///< Requests of handles held beyond `requests_max`.
  std::size_t in_flight_max = 4'096;        ///< Requests of a pool decided, not yet durable.
  std::size_t stash_max = 16'384;           ///< Requests of other actors waiting in a pool.
  std::size_t waiters_max = 65'536;         ///< Requests of a pool waiting for what comes.
  std::size_t page_entries = 1'000;         ///< Log entries of one read from the store.
  std::size_t batch_requests_max = 4'096;   ///< Requests of one transaction, about.
  std::size_t appends_max = 2;              ///< Appends of a pool under way; full ones go on.
  std::size_t checkpoint_records = 65'536;  ///< Entries between checkpoints, about; 0: none.
  std::size_t retained_entries = 0;         ///< Of a pool's log, at least; 0: all of it.
  std::size_t drop_records_max = 2'048;     ///< Old records looked at between two appends.
  std::size_t content_waiting_bytes = 64 << 20U;  ///< Of contents given and not kept, about.
  std::size_t content_batch_bytes = 1 << 20U;     ///< Of contents in one transaction, about.
  std::size_t searches_max = 1'024;               ///< Wakes of a pool that wait for a look-back.
  std::size_t journal_window = 8'192;             ///< Events a journal keeps, or has yet to take.
  std::size_t streams_max = 10'000;               ///< Streams of one pool, and reads under way.
  std::size_t run_window = 64;                    ///< Inbox entries handed to a run ahead of it.
  std::size_t run_actions_max = 4'096;            ///< Actions of a run that are not answered yet.
  std::chrono::milliseconds change_poll{20};   ///< Between two looks for foreign appends; 0: none.
  std::chrono::milliseconds retry_after{100};  ///< Before a pool reads a failed store again.
};

}  // namespace agentpool::actors
