#include "waiting.hpp"

#include <algorithm>
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
                             const std::string& kept_key, const core::wake_condition_id& id) {
  return std::string{wake_begin} + whose(pool, run) + kept_key + ':' + id.text();
}

std::optional<core::wake_condition_id> wake_in_cursor(std::string_view cursor) {
  if (!cursor.starts_with(wake_begin)) return std::nullopt;
  const auto key = cursor.find(':', wake_begin.size());
  const auto colon = key == std::string_view::npos ? key : cursor.find(':', key + 1);
  if (colon == std::string_view::npos) return std::nullopt;
  const auto id = cursor.substr(colon + 1);
  if (!core::identifier_fault(id).empty()) return std::nullopt;
  return core::wake_condition_id{std::string{id}};
}

void go_on_waiting(const waiting_ptr& what) {
  const auto& input = what->input;
  std::string_view cursor = *input.cursor;
  const bool of_inbox = cursor.starts_with(inbox_begin);
  if (!of_inbox && !cursor.starts_with(wake_begin))
    return what->answer(tool_failure("cursor: is none that pool_wait gave"));
  cursor.remove_prefix(of_inbox ? inbox_begin.size() : wake_begin.size());
  const auto owner = whose(input.pool_id, input.run_id);
  if (!cursor.starts_with(owner))
    return what->answer(tool_failure("cursor: is of another run or pool than these"));
  cursor.remove_prefix(owner.size());
  if (of_inbox) {
    const auto wait = inbox_wait_in(cursor);
    if (!wait) return what->answer(tool_failure("cursor: is none that pool_wait gave"));
    return wait_for_message(what, *wait);
  }
  const auto colon = std::min(cursor.find(':'), cursor.size());
  const auto key = std::string{cursor.substr(0, colon)};
  cursor.remove_prefix(std::min(colon + 1, cursor.size()));
  if (!core::identifier_fault(cursor).empty())
    return what->answer(tool_failure("cursor: is none that pool_wait gave"));
  wait_for_wake(what, core::wake_condition_id{std::string{cursor}}, key);
}

}  // namespace agentpool::tools
