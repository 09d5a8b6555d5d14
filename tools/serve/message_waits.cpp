// Waits for a message: a place in the run's inbox, to which the next call comes back.
#include <algorithm>
#include <utility>

#include "bodies.hpp"
#include "waiting.hpp"

namespace agentpool::tools {

namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t messages_most = 20;

void tell_inbox(const waiting_ptr& what, const core::inbox_page& page) {
  if (page.entries.empty()) {
    if (what->left_millis() > 0) return what->not_yet();
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

void read_inbox(const waiting_ptr& what, const inbox_wait& wait) {
  if (!begin_waiting(what)) return;
  const milliseconds span{std::min<std::uint64_t>(
      what->left_millis(), static_cast<std::uint64_t>(wait_call_most.count()))};
  what->desk->submit(what->input.pool_id,
                     core::read_inbox{what->input.run_id, wait.after, messages_most}, span,
                     [what](const core::outcome<core::answer>& page) {
                       if (!page) return what->answer(tool_failure(page.error()));
                       tell_inbox(what, std::get<core::inbox_page>(*page));
                     });
}

}  // namespace

inbox_wait inbox_wait_of(const waiting& what) { return {what.input.after, what.deadline_millis}; }

void wait_for_message(const waiting_ptr& what, inbox_wait wait) {
  if (!wait.deadline_millis) wait.deadline_millis = what->deadline_millis;
  what->deadline_millis = *wait.deadline_millis;
  what->go_on_from(inbox_wait_cursor(what->input.pool_id, what->input.run_id, wait));
  // Before anything is made of it: what may not wait becomes no task.
  what->desk->check_acting(what->input.pool_id, what->input.run_id, false,
                           [what, wait](const core::outcome<run_sender>& may) {
                             if (!may) return what->answer(tool_failure(may.error()));
                             read_inbox(what, wait);
                           });
}

}  // namespace agentpool::tools
