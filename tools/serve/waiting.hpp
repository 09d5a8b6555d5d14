#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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
  std::string cursor = {};    ///< To go on from.
  std::string kept_key = {};  ///< Of the row that knows its wake condition; "" without one.
  kept_wait kept = {};
  bool inherited = false;  ///< The wake condition was there before this call.
  int tries = 0;
  std::shared_ptr<void> room = {};
  std::shared_ptr<void> ending = {};
  std::atomic<bool> answered{false};

  void answer(const tool_result& result) {
    if (!answered.exchange(true)) then(result);
  }
  void tell(const wait_output& output) { answer(tool_success(output)); }
  void not_yet() { tell({.status = wait_status::waiting, .cursor = cursor}); }
  [[nodiscard]] std::uint64_t now_millis() const {
    return core::to_millis(caller.all->clock->now());
  }
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
/// The cursor of a wait for that wake condition, which the row of that key knows ("": none).
[[nodiscard]] std::string wake_wait_cursor(const core::pool_id& pool, const core::run_id& run,
                                           const std::string& kept_key,
                                           const core::wake_condition_id& id);

/// The wake condition that a cursor goes on with; none when it is of another kind.
[[nodiscard]] std::optional<core::wake_condition_id> wake_in_cursor(std::string_view cursor);

/// What the input asks to begin with; it asks for a message.
[[nodiscard]] inbox_wait inbox_wait_of(const wait_input& input, std::uint64_t now_millis);

void wait_for_message(const waiting_ptr& what, inbox_wait wait);
void wait_for_event(const waiting_ptr& what);

/// Goes on from the cursor of the input, of whichever kind.
void go_on_waiting(const waiting_ptr& what);
/// For a wake condition that a cursor names.
void wait_for_wake(const waiting_ptr& what, const core::wake_condition_id& id,
                   std::string kept_key);

}  // namespace agentpool::tools
