// Waits for a message: a place in the run's inbox, to which the next call comes back.
#include <algorithm>
#include <utility>

#include "bodies.hpp"
#include "waiting.hpp"

namespace agentpool::tools {

namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t messages_most = 20;

std::uint64_t deadline_of(const wait_input& input, std::uint64_t now_millis) {
  return now_millis + std::min(input.timeout_seconds, wait_seconds_most) * 1'000;
}

void tell_inbox(const waiting_ptr& what, const inbox_wait& wait, const core::inbox_page& page) {
  if (page.entries.empty()) {
    if (what->now_millis() < *wait.deadline_millis) return what->not_yet();
    return what->tell({.status = wait_status::timed_out});
  }
  // Whoever goes on from here gets what comes after these, acknowledged or not, in a new wait.
  const auto& input = what->input;
  auto next =
      inbox_wait_cursor(input.pool_id, input.run_id, {page.entries.back().sequence, std::nullopt});
  tell_messages(
      what->caller.all->engine, page.entries,
      [what, next = std::move(next)](std::vector<message_told> messages) {
        what->tell({.status = wait_status::woken, .messages = std::move(messages), .cursor = next});
      });
}

}  // namespace

inbox_wait inbox_wait_of(const wait_input& input, std::uint64_t now_millis) {
  return {input.after, deadline_of(input, now_millis)};
}

void wait_for_message(const waiting_ptr& what, inbox_wait wait) {
  const auto now = what->now_millis();
  if (!wait.deadline_millis) wait.deadline_millis = deadline_of(what->input, now);
  what->cursor = inbox_wait_cursor(what->input.pool_id, what->input.run_id, wait);
  if (!begin_waiting(what)) return;
  const auto left = *wait.deadline_millis > now ? *wait.deadline_millis - now : 0;
  const milliseconds span{
      std::min<std::uint64_t>(left, static_cast<std::uint64_t>(wait_call_most.count()))};
  what->desk->submit(what->input.pool_id,
                     core::read_inbox{what->input.run_id, wait.after, messages_most}, span,
                     [what, wait](const core::outcome<core::answer>& page) {
                       if (!page) return what->answer(tool_failure(page.error()));
                       tell_inbox(what, wait, std::get<core::inbox_page>(*page));
                     });
}

}  // namespace agentpool::tools
