#include "waiting.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "agentpool/core/digest.hpp"

namespace agentpool::tools {

namespace {

constexpr std::string_view wake_begin = "wake:";
constexpr std::string_view inbox_begin = "inbox:";
constexpr std::size_t whose_digits = 16;

/// A cursor says whose it is, so that one of another run or pool is refused.
std::string whose(const core::pool_id& pool, const core::run_id& run) {
  return core::sha256_hex(pool.text() + '\n' + run.text()).substr(0, whose_digits) + ':';
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [read, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc{} || read != end) return std::nullopt;
  return value;
}

/// "AFTER:DEADLINE", each a number or nothing.
std::optional<inbox_wait> inbox_wait_in(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  inbox_wait wait;
  const auto take = [](std::string_view part, std::optional<std::uint64_t>& into) {
    if (part.empty()) return true;
    into = number_in(part);
    return into.has_value();
  };
  if (!take(text.substr(0, colon), wait.after)) return std::nullopt;
  if (!take(text.substr(colon + 1), wait.deadline_millis)) return std::nullopt;
  return wait;
}

}  // namespace

bool begin_waiting(const waiting_ptr& what) {
  if (what->caller.room) {
    what->room = what->caller.room();
    if (!what->room) {
      what->answer(
          tool_failure(core::overloaded("too many calls wait at this server: repeat later")));
      return false;
    }
  }
  if (what->caller.when_ending)
    what->ending = what->caller.when_ending([weak = std::weak_ptr{what}] {
      if (const auto self = weak.lock()) self->not_yet();
    });
  return true;
}

std::string inbox_wait_cursor(const core::pool_id& pool, const core::run_id& run,
                              const inbox_wait& wait) {
  const auto text = [](const std::optional<std::uint64_t>& number) {
    return number ? std::to_string(*number) : std::string{};
  };
  return std::string{inbox_begin} + whose(pool, run) + text(wait.after) + ':' +
         text(wait.deadline_millis);
}

std::string wake_wait_cursor(const core::pool_id& pool, const core::run_id& run,
                             const wake_wait& wait) {
  return std::string{wake_begin} + whose(pool, run) + wait.kept_key + ':' +
         std::to_string(wait.deadline_millis) + ':' + wait.condition_id.text();
}

std::optional<wake_wait> wake_wait_in_cursor(std::string_view cursor) {
  if (!cursor.starts_with(wake_begin)) return std::nullopt;
  cursor.remove_prefix(wake_begin.size());
  std::array<std::string_view, 3> parts;  // whose it is, the row's key, the deadline
  for (auto& part : parts) {
    const auto colon = cursor.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    part = cursor.substr(0, colon);
    cursor.remove_prefix(colon + 1);
  }
  const auto deadline = number_in(parts[2]);
  if (!deadline || !core::identifier_fault(cursor).empty()) return std::nullopt;
  return wake_wait{std::string{parts[1]}, *deadline, core::wake_condition_id{std::string{cursor}}};
}

std::optional<std::uint64_t> deadline_in_cursor(std::string_view cursor) {
  if (const auto wake = wake_wait_in_cursor(cursor)) return wake->deadline_millis;
  if (!cursor.starts_with(inbox_begin)) return std::nullopt;
  const auto colon = cursor.find(':', inbox_begin.size());
  if (colon == std::string_view::npos) return std::nullopt;
  const auto wait = inbox_wait_in(cursor.substr(colon + 1));
  return wait ? wait->deadline_millis : std::nullopt;
}

void go_on_waiting(const waiting_ptr& what) {
  const auto& input = what->input;
  const std::string_view cursor = *input.cursor;
  const bool of_inbox = cursor.starts_with(inbox_begin);
  if (!of_inbox && !cursor.starts_with(wake_begin))
    return what->answer(tool_failure("cursor: is none that pool_wait gave"));
  const auto from = cursor.substr(of_inbox ? inbox_begin.size() : wake_begin.size());
  const auto owner = whose(input.pool_id, input.run_id);
  if (!from.starts_with(owner))
    return what->answer(tool_failure("cursor: is of another run or pool than these"));
  const auto latest = what->now_millis() + wait_seconds_most * 1'000;
  if (of_inbox) {
    auto wait = inbox_wait_in(from.substr(owner.size()));
    if (!wait) return what->answer(tool_failure("cursor: is none that pool_wait gave"));
    if (wait->deadline_millis) wait->deadline_millis = std::min(*wait->deadline_millis, latest);
    return wait_for_message(what, *wait);
  }
  auto wait = wake_wait_in_cursor(cursor);
  if (!wait) return what->answer(tool_failure("cursor: is none that pool_wait gave"));
  wait->deadline_millis = std::min(wait->deadline_millis, latest);
  wait_for_wake(what, *wait);
}

}  // namespace agentpool::tools
