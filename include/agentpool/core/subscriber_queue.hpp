#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "agentpool/core/event_records.hpp"
#include "agentpool/core/outcome.hpp"

namespace agentpool::core {

/// The bounded queue of one subscriber. It never holds more than `capacity` frames, of which
/// `terminal_reserve` places are for terminal events alone; what had to give way is told by an
/// overflow notice on the next frame taken.
class subscriber_queue {
 public:
  /// A contract violation when the policy is `backpressure_caller` or the bounds make no sense.
  [[nodiscard]] static outcome<subscriber_queue> make(const queue_config& config);

  /// Adds a frame, or makes room by the overflow policy, or drops it.
  void push(event_frame frame);

  /// The next frame in order; none when empty.
  [[nodiscard]] std::optional<event_frame> take();

  [[nodiscard]] std::size_t size() const noexcept { return frames_.size(); }

  /// Policy `fail_subscriber` hit the bound: nothing more will be queued.
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  explicit subscriber_queue(const queue_config& config) : config_{config} {}

  queue_config config_;
  std::deque<event_frame> frames_;
  std::optional<overflow_notice> pending_;
  bool failed_ = false;
};

}  // namespace agentpool::core
