#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace agentpool::tools {

/// Writes lines to a file descriptor from a thread of its own, so that whoever has something to
/// say never waits for the reader. Safe to use from any thread.
class rpc_output {
 public:
  /// Beyond `bytes_max` waiting bytes `roomy` is false: whoever makes output for more input or
  /// for live streams holds back until then.
  rpc_output(int output, std::size_t bytes_max);
  /// Writes what is waiting, unless nobody reads any more.
  ~rpc_output();
  rpc_output(const rpc_output&) = delete;
  rpc_output& operator=(const rpc_output&) = delete;

  /// Adds a line; the newline is added here. Never blocks on the reader.
  void write(const std::string& line);

  /// False asks for a call of the function given to `when_roomy` once there is room again.
  [[nodiscard]] bool roomy() const;
  /// Sets what is called, on the writing thread, when there is room again. Set it once, before
  /// anything is written.
  void when_roomy(std::function<void()> then) { then_ = std::move(then); }
  /// Waits until there is room, or nobody reads any more.
  void wait_for_room() const;
  /// Waits until all is written, or nobody reads any more.
  void drain() const;
  /// The same for so long at most; false when that was not enough.
  [[nodiscard]] bool drained_within(std::chrono::milliseconds most) const;
  /// The reader closed its end.
  [[nodiscard]] bool broken() const;

 private:
  void run();
  [[nodiscard]] bool all_written() const { return (waiting_.empty() && in_hand_ == 0) || broken_; }

  int output_;
  std::size_t bytes_max_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string waiting_;
  std::size_t in_hand_ = 0;         ///< Bytes that the thread is writing.
  mutable bool held_back_ = false;  ///< Somebody was told that there is no room.
  std::function<void()> then_;
  bool broken_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace agentpool::tools
