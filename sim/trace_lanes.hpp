#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "agentpool/sim/trace_recorder.hpp"

namespace agentpool::sim {

/// Lines on their way from the threads that make them to the one that writes them. Threads that
/// run at once have lanes of their own, as long as they are not too many, so that they do not wait
/// for each other.
class trace_lanes {
 public:
  /// `next_step` gives the notes of what was dropped their step.
  trace_lanes(recorder_options options, std::function<std::uint64_t()> next_step);
  ~trace_lanes();
  trace_lanes(const trace_lanes&) = delete;
  trace_lanes& operator=(const trace_lanes&) = delete;

  /// Adds a line: `tell(text, ids)` appends it to `text`, without a newline; `ids` is an empty
  /// string of its own use. Not called when there is no room, or nothing is written any more.
  template <class Tell>
  void add(Tell tell) {
    if (!open_.load(std::memory_order_relaxed)) return;
    auto& mine = lane_of_this_thread();
    bool due = false;
    {
      const std::lock_guard guard{mine.lock};
      const auto before = mine.text.size();
      if (before >= options_.waiting_bytes_max) {
        ++mine.dropped_since;
        count(mine.dropped);
        return;
      }
      mine.ids.clear();
      tell(mine.text, mine.ids);
      mine.text += '\n';
      count(mine.recorded);
      due = before < batch_bytes && mine.text.size() >= batch_bytes;
    }
    if (due) wake();
  }

  /// Writes what waits and ends.
  core::outcome<void> close();
  [[nodiscard]] std::uint64_t recorded() const;
  [[nodiscard]] std::uint64_t dropped() const;
  [[nodiscard]] std::uint64_t now() const;

 private:
  static constexpr std::size_t lane_count = 16;
  static constexpr std::size_t batch_bytes = std::size_t{128} << 10U;  ///< Fits in a cache.

  struct alignas(64) lane {
    std::mutex lock;
    std::string text;
    std::string ids;
    std::uint64_t dropped_since = 0;  ///< Not told yet.
    std::atomic<std::uint64_t> recorded{0};
    std::atomic<std::uint64_t> dropped{0};
  };

  /// Under the lane's lock.
  static void count(std::atomic<std::uint64_t>& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  lane& lane_of_this_thread();
  void wake();
  void run();
  void write_all();
  void write(std::string_view text);

  recorder_options options_;
  std::function<std::uint64_t()> next_step_;
  std::array<lane, lane_count> lanes_;
  std::string spare_;
  std::atomic<bool> open_{true};
  std::mutex lock_;
  std::condition_variable wakes_;
  bool closing_ = false;
  std::atomic<bool> due_{false};
  std::optional<core::agent_error> fault_;  ///< The writing thread's, then of who has joined it.
  std::mutex ending_;
  std::thread writer_;
};

}  // namespace agentpool::sim
