#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "agentpool/core/event_records.hpp"
#include "agentpool/core/outcome.hpp"

namespace agentpool::core {

/// The bounded queue of one subscriber: never more than `capacity` frames, order kept.
///
/// Places: frames that are not terminal fill at most `capacity` - `terminal_reserve` of them (a
/// reserve of the whole capacity or more leaves them one place, so that a queue always has one),
/// terminal ones any. A terminal frame that finds no place takes that of another frame, and is
/// itself dropped only when every place holds a terminal one.
///
/// What gives way, by policy:
/// - `drop_non_terminal`: the newest frame that is not terminal, be it the one pushed. What stays
///   is the beginning of the stream without gaps, so that a subscriber which goes on from the last
///   cursor before a gap always advances, however long the history.
/// - `drop_progress`: the newest progress frame; without one, as above.
/// - `summarize_and_continue`: all that is queued and not terminal; the frame pushed goes in.
/// - `fail_subscriber`: the frame pushed and all after it, terminal or not; what is queued stays.
///
/// Every frame dropped is told by exactly one overflow notice, on the next frame taken; only what
/// `fail_subscriber` drops when nothing is queued any more stays untold. Not thread-safe.
class subscriber_queue {
 public:
  /// A contract violation when a bound is 0 or the policy is `backpressure_caller`.
  [[nodiscard]] static outcome<subscriber_queue> make(const queue_config& config);

  /// Adds a frame that carries no notice yet, or makes room by the policy, or drops it.
  /// O(log capacity), except that summarizing costs what it drops.
  void push(event_frame frame);

  /// The next frame in order, with a notice if frames were dropped since the last; none when empty.
  [[nodiscard]] std::optional<event_frame> take();

  /// Frames queued.
  [[nodiscard]] std::size_t size() const noexcept { return frames_.size(); }

  /// Policy `fail_subscriber` hit the bound: nothing more will be queued.
  [[nodiscard]] bool failed() const noexcept { return failed_; }

 private:
  /// A frame's place in the order of pushes.
  using place = std::uint64_t;

  explicit subscriber_queue(const queue_config& config);

  [[nodiscard]] bool has_place_for(event_kind kind) const noexcept;
  [[nodiscard]] std::deque<place>* places_of(event_kind kind) noexcept;
  /// Makes room for a frame of that kind by the policy; false when that frame itself gives way.
  [[nodiscard]] bool make_room(event_kind kind);
  [[nodiscard]] bool drop_progress_first(event_kind kind);
  [[nodiscard]] bool drop_newest(event_kind kind);
  [[nodiscard]] bool summarize();
  void evict(std::deque<place>& places);
  void note_loss(place at, const event_frame& dropped);

  struct loss {
    overflow_notice notice;
    place first = 0;
    place last = 0;
    place repair = 0;  ///< Of the frame that `repair_from` comes from.
  };

  queue_config config_;
  std::map<place, event_frame> frames_;
  std::deque<place> plain_;     ///< Of the queued frames neither terminal nor progress, in order.
  std::deque<place> progress_;  ///< Of the queued progress frames, in order.
  std::optional<loss> untold_;  ///< Dropped since the last frame was taken.
  place pushed_ = 0;
  bool failed_ = false;
};

}  // namespace agentpool::core
