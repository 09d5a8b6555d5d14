#pragma once

#include <chrono>
#include <cstddef>

/// Every bound of the actors, with its unit.
namespace agentpool::actors {

/// Beyond a bound the caller gets `overloaded` (nothing was recorded: repeat later).
struct engine_limits {
  std::size_t pools_max = 10'000;              ///< Pools in use at one time.
  std::size_t in_flight_max = 4'096;           ///< Requests of a pool decided, not yet durable.
  std::size_t stash_max = 16'384;              ///< Requests of a pool waiting to be decided.
  std::size_t waiters_max = 65'536;            ///< Requests of a pool waiting for what comes.
  std::size_t page_entries = 1'000;            ///< Log entries of one read from the store.
  std::size_t batch_requests_max = 4'096;      ///< Requests of one transaction, about.
  std::size_t appends_max = 2;                 ///< Appends of a pool under way; full ones go on.
  std::size_t checkpoint_records = 65'536;     ///< Entries between checkpoints, about; 0: none.
  std::size_t searches_max = 1'024;            ///< Wakes of a pool that wait for a look-back.
  std::size_t journal_window = 8'192;          ///< Published entries a journal keeps in memory.
  std::size_t streams_max = 10'000;            ///< Streams of one pool, and reads under way.
  std::size_t run_window = 64;                 ///< Inbox entries handed to a run ahead of it.
  std::size_t run_actions_max = 4'096;         ///< Actions of a run that are not answered yet.
  std::chrono::milliseconds change_poll{20};   ///< Between two looks for foreign appends; 0: none.
  std::chrono::milliseconds retry_after{100};  ///< Before a pool reads a failed store again.
};

}  // namespace agentpool::actors
