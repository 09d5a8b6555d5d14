#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "kept_waits.hpp"
#include "tool_call.hpp"
#include "wait_records.hpp"

/// The calls by which members wait.
namespace agentpool::tools {

/// Clients give up on a call after 60 seconds when nobody told them otherwise.
inline constexpr std::chrono::milliseconds wait_call_most{45'000};
inline constexpr std::uint64_t wait_seconds_most = 31'536'000;

/// A wait on its way; answered once, by what comes first.
struct waiting {
  tool_caller caller;
  std::shared_ptr<guarded_desk> desk;
  wait_input input;
  tool_callback then;
  std::uint64_t deadline_millis = 0;  ///< Of all calls together, Unix time.
  std::string kept_key = {};          ///< Of the row that knows its wake condition; "" without one.
  kept_wait kept = {};
  std::optional<core::event_filter> filter = {};  ///< Of its wake condition, as far as known.
  int tries = 0;
  std::shared_ptr<void> room = {};
  std::shared_ptr<void> ending = {};
  std::atomic<bool> answered{false};

  void answer(const tool_result& result) {
    if (!answered.exchange(true)) then(result);
  }
  void tell(const wait_output& output) { answer(tool_success(output)); }
  /// From where a later call goes on that has no end yet.
  void go_on_from(std::string cursor) {
    const std::lock_guard guard{mutex_};
    cursor_ = std::move(cursor);
  }
  /// On any thread: the server's end tells it, too.
  void not_yet() {
    std::unique_lock lock{mutex_};
    auto cursor = cursor_;
    lock.unlock();
    tell({.status = wait_status::waiting, .cursor = std::move(cursor)});
  }
  [[nodiscard]] std::uint64_t now_millis() const {
    return core::to_millis(caller.all->clock->now());
  }
  /// Milliseconds are cut off: one more, so that no wait ends before its time.
  void take_seconds(std::uint64_t seconds) {
    deadline_millis = now_millis() + seconds * 1'000 + (seconds > 0 ? 1 : 0);
  }
  [[nodiscard]] std::uint64_t left_millis() const {
    const auto now = now_millis();
    return deadline_millis > now ? deadline_millis - now : 0;
  }

 private:
  std::mutex mutex_;
  std::string cursor_ = {};
};
using waiting_ptr = std::shared_ptr<waiting>;

/// Makes the call one that waits; false when there is no room, which is told.
[[nodiscard]] bool begin_waiting(const waiting_ptr& what);

/// A place in an inbox to wait from, and until when (Unix time, ms; none: from the call on).
struct inbox_wait {
  std::optional<std::uint64_t> after;
  std::optional<std::uint64_t> deadline_millis;
};

/// The cursor of a wait that begins now, for `wait_input::cursor`.
[[nodiscard]] std::string inbox_wait_cursor(const core::pool_id& pool, const core::run_id& run,
                                            const inbox_wait& wait);
/// A wake condition to wait for, and until when.
struct wake_wait {
  std::string kept_key;  ///< Of the row that knows it; "" without one.
  std::uint64_t deadline_millis = 0;
  core::wake_condition_id condition_id;
};
[[nodiscard]] std::string wake_wait_cursor(const core::pool_id& pool, const core::run_id& run,
                                           const wake_wait& wait);

/// What a cursor goes on with; none when it is of the other kind, or no cursor.
[[nodiscard]] std::optional<wake_wait> wake_wait_in_cursor(std::string_view cursor);
/// Until when (Unix time, ms) a cursor's wait goes on; none when it does not say.
[[nodiscard]] std::optional<std::uint64_t> deadline_in_cursor(std::string_view cursor);

/// What the input asks to begin with; it asks for a message.
[[nodiscard]] inbox_wait inbox_wait_of(const waiting& what);

void wait_for_message(const waiting_ptr& what, inbox_wait wait);
void wait_for_event(const waiting_ptr& what);

/// Goes on from the cursor of the input, of whichever kind.
void go_on_waiting(const waiting_ptr& what);
/// For a wake condition that a cursor names.
void wait_for_wake(const waiting_ptr& what, const wake_wait& wait);

}  // namespace agentpool::tools
