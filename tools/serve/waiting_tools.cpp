// The tool by which a member waits. What it waits for is durable: a wake condition of its run, or
// what is in its inbox. So a wait goes on from its cursor, in any later call, and loses nothing.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <utility>

#include "agentpool/core/digest.hpp"
#include "bodies.hpp"
#include "event_lookup.hpp"
#include "token_book.hpp"
#include "tool_records.hpp"
#include "typed_tool.hpp"
#include "wait_records.hpp"

namespace agentpool::tools {

namespace {

using std::chrono::milliseconds;

/// Clients give up on a call after 60 seconds when nobody told them otherwise.
constexpr milliseconds call_most{45'000};
constexpr std::uint64_t seconds_most = 31'536'000;
constexpr std::uint64_t messages_most = 20;
constexpr std::string_view wake_cursor = "wake:";
constexpr std::string_view inbox_cursor = "inbox:";

/// A wait on its way; answered once, by what comes first.
struct waiting {
  tool_caller caller;
  std::shared_ptr<guarded_desk> desk;
  wait_input input;
  tool_callback then;
  std::string cursor = {};  ///< To go on from.
  std::shared_ptr<void> room = {};
  std::shared_ptr<void> ending = {};
  std::atomic<bool> answered{false};

  void answer(const tool_result& result) {
    if (!answered.exchange(true)) then(result);
  }
  void tell(const wait_output& output) { answer(tool_success(output)); }
  void not_yet() { tell({.status = wait_status::waiting, .cursor = cursor}); }
};
using waiting_ptr = std::shared_ptr<waiting>;

std::uint64_t now_millis(const waiting& what) {
  return core::to_millis(what.caller.all->clock->now());
}

/// Makes the call one that waits; false when there is no room, which is told.
bool begin(const waiting_ptr& what) {
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

// ---- for a message --------------------------------------------------------------------------

struct inbox_wait {
  std::optional<std::uint64_t> after;
  std::uint64_t deadline_millis = 0;
};

std::string text_of(const inbox_wait& wait) {
  return std::string{inbox_cursor} + (wait.after ? std::to_string(*wait.after) : "") + ":" +
         std::to_string(wait.deadline_millis);
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t value = 0;
  const auto* const end = text.data() + text.size();
  const auto [read, fault] = std::from_chars(text.data(), end, value);
  if (fault != std::errc{} || read != end) return std::nullopt;
  return value;
}

std::optional<inbox_wait> inbox_wait_in(std::string_view cursor) {
  cursor.remove_prefix(inbox_cursor.size());
  const auto colon = cursor.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  inbox_wait wait;
  if (colon > 0) {
    wait.after = number_in(cursor.substr(0, colon));
    if (!wait.after) return std::nullopt;
  }
  const auto deadline = number_in(cursor.substr(colon + 1));
  if (!deadline) return std::nullopt;
  wait.deadline_millis = *deadline;
  return wait;
}

void tell_inbox(const waiting_ptr& what, const inbox_wait& wait, const core::inbox_page& page) {
  if (!page.entries.empty()) {
    // Whoever goes on from here gets what comes after these, acknowledged or not.
    auto next = text_of({page.entries.back().sequence, wait.deadline_millis});
    return tell_messages(
        what->caller.all->engine, page.entries,
        [what, next = std::move(next)](std::vector<message_told> messages) {
          what->tell(
              {.status = wait_status::woken, .messages = std::move(messages), .cursor = next});
        });
  }
  if (now_millis(*what) >= wait.deadline_millis)
    return what->tell({.status = wait_status::timed_out});
  what->not_yet();
}

void wait_for_message(const waiting_ptr& what, const inbox_wait& wait) {
  what->cursor = text_of(wait);
  if (!begin(what)) return;
  const auto now = now_millis(*what);
  const auto left = wait.deadline_millis > now ? wait.deadline_millis - now : 0;
  const auto span = std::min(call_most, milliseconds{std::min<std::uint64_t>(
                                            left, static_cast<std::uint64_t>(call_most.count()))});
  what->desk->submit(what->input.pool_id,
                     core::read_inbox{what->input.run_id, wait.after, messages_most}, span,
                     [what, wait](const core::outcome<core::answer>& page) {
                       if (!page) return what->answer(tool_failure(page.error()));
                       tell_inbox(what, wait, std::get<core::inbox_page>(*page));
                     });
}

// ---- for an event ---------------------------------------------------------------------------

void tell_event(const waiting_ptr& what, const core::wake_report& report) {
  wait_output output{.status = wait_status::woken, .cursor = {}};
  if (!report.notice || !report.notice->matched_event_id) return what->tell(output);
  const auto& id = *report.notice->matched_event_id;
  output.event_id = id;
  const auto& cursor = report.notice->matched_cursor;
  const auto pool = what->desk->reading(what->input.pool_id);
  if (!pool || !cursor) return what->tell(output);
  read_event(*pool, id, cursor->event_seq,
             [what, output](const std::optional<core::event_frame>& frame) mutable {
               if (frame) {
                 output.event = event_in_words(frame->event->envelope);
                 output.event_run = frame->event->envelope.run_id;
               }
               what->tell(output);
             });
}

void tell_wake(const waiting_ptr& what, const core::wake_report& report) {
  switch (report.registration.status) {
    case core::wake_registration_status::registered: return what->not_yet();
    case core::wake_registration_status::triggered: return tell_event(what, report);
    case core::wake_registration_status::timed_out:
      return what->tell({.status = wait_status::timed_out});
    case core::wake_registration_status::cancelled:
    case core::wake_registration_status::failed:
      return what->tell({.status = wait_status::cancelled});
  }
}

void await_wake(const waiting_ptr& what, const core::wake_condition_id& id) {
  what->cursor = std::string{wake_cursor} + id.text();
  if (!begin(what)) return;
  what->desk->submit(what->input.pool_id, core::read_wake{id}, call_most,
                     [what](const core::outcome<core::answer>& report) {
                       if (!report) return what->answer(tool_failure(report.error()));
                       tell_wake(what, std::get<core::wake_report>(*report));
                     });
}

template <class Enum>
core::set_of<Enum> set_in(const std::vector<std::string>& texts, std::string& fault) {
  core::set_of<Enum> set;
  if (texts.empty()) return set;
  auto& values = set.include.emplace();
  for (const auto& text : texts) {
    const auto& known = core::enum_text<Enum>::values;
    const auto found = std::find(known.begin(), known.end(), text);
    if (found == known.end())
      fault = "'" + text + "' is no " + std::string{core::enum_text<Enum>::type};
    values.push_back(static_cast<Enum>(found - known.begin()));
  }
  return set;
}

/// The filter that an input means; `fault` says what is wrong with it.
core::event_filter filter_of(const wait_target& target, std::string& fault) {
  core::event_filter filter;
  if (target.run_end) {
    filter.run_ids.include = std::vector{*target.run_end};
    filter.kinds.include =
        std::vector{core::event_kind::run_completed, core::event_kind::run_failed,
                    core::event_kind::run_cancelled, core::event_kind::agent_pool_run_left};
    return filter;
  }
  filter.families = set_in<core::event_family>(target.families, fault);
  filter.kinds = set_in<core::event_kind>(target.kinds, fault);
  if (!target.runs.empty()) filter.run_ids.include = target.runs;
  if (target.families.empty() && target.kinds.empty())
    fault = "for: give message, run_end, families or kinds";
  return filter;
}

void check_end(const waiting_ptr& what, const core::wake_condition_id& id, const core::run_id& run);

void register_wake(const waiting_ptr& what, core::event_filter filter) {
  const auto& input = what->input;
  core::wake_condition condition;
  condition.run_id = input.run_id;
  condition.filter = std::move(filter);
  condition.timeout_millis = std::min(input.timeout_seconds, seconds_most) * 1'000;
  condition.resume_with = core::resume_input_policy::matching_event_refs;
  if (input.idempotency_key) {
    condition.idempotency_key = *input.idempotency_key;
    condition.condition_id = core::wake_condition_id{
        "wake." +
        core::sha256_hex(input.run_id.text() + '\n' + input.idempotency_key->text()).substr(0, 32)};
  } else {
    const auto chance = make_token();
    if (!chance) return what->answer(tool_failure(chance.error()));
    condition.condition_id = core::wake_condition_id{"wake." + chance->substr(0, 32)};
    condition.idempotency_key = core::idempotency_key{"wake." + chance->substr(0, 32)};
  }
  const auto id = condition.condition_id;
  what->desk->submit(input.pool_id, core::suspend_until{input.run_id, std::move(condition)}, {},
                     [what, id](const core::outcome<core::answer>& registered) {
                       if (!registered) return what->answer(tool_failure(registered.error()));
                       const auto status = std::get<core::wake_registration>(*registered).status;
                       const auto& run = what->input.wait_for->run_end;
                       if (run && status == core::wake_registration_status::registered)
                         return check_end(what, id, *run);
                       await_wake(what, id);
                     });
}

/// A run that is not there cannot end: said at once rather than by a timeout. Its end since this
/// run joined would have been found.
void check_end(const waiting_ptr& what, const core::wake_condition_id& id,
               const core::run_id& run) {
  const auto& pool = what->input.pool_id;
  // Another process on the store may have let it in a moment ago.
  if (const auto handle = what->desk->reading(pool)) handle->catch_up();
  what->desk->submit(
      pool, core::list_members{run}, {}, [what, id, run](const core::outcome<core::answer>& found) {
        if (!found) return what->answer(tool_failure(found.error()));
        if (!std::get<core::member_list>(*found).members.empty()) return await_wake(what, id);
        what->desk->submit(
            what->input.pool_id, core::cancel_wake{id}, {},
            [what, id, run](const core::outcome<core::answer>& now) {
              if (!now) return what->answer(tool_failure(now.error()));
              const auto status = std::get<core::wake_registration>(*now).status;
              if (status != core::wake_registration_status::cancelled) return await_wake(what, id);
              what->answer(tool_failure(
                  "run_end: " + run.text() +
                  " is no member of the pool: it has ended already, or was never there. See "
                  "pool_watch for what happened."));
            });
      });
}

void go_on(const waiting_ptr& what) {
  const std::string& cursor = *what->input.cursor;
  if (cursor.starts_with(inbox_cursor)) {
    if (const auto wait = inbox_wait_in(cursor)) return wait_for_message(what, *wait);
  } else if (cursor.starts_with(wake_cursor)) {
    const auto id = cursor.substr(wake_cursor.size());
    if (core::identifier_fault(id).empty()) return await_wake(what, core::wake_condition_id{id});
  }
  what->answer(tool_failure("cursor: is none that pool_wait gave"));
}

void pool_wait(const tool_caller& caller, wait_input& input, tool_callback& then) {
  auto desk = desk_of(caller, input.pool_id, input.run_id, input.session_token);
  const auto what = std::make_shared<waiting>();
  what->caller = caller;
  what->desk = std::move(desk);
  what->input = std::move(input);
  what->then = std::move(then);
  if (what->input.cursor) return go_on(what);
  if (!what->input.wait_for)
    return what->answer(tool_failure("for: say what to wait for, or give the cursor of a wait"));
  const auto& target = *what->input.wait_for;
  if (target.message)
    return wait_for_message(
        what, {what->input.after,
               now_millis(*what) + std::min(what->input.timeout_seconds, seconds_most) * 1'000});
  std::string fault;
  auto filter = filter_of(target, fault);
  if (!fault.empty()) return what->answer(tool_failure(fault));
  register_wake(what, std::move(filter));
}

}  // namespace

std::span<const mcp_tool> waiting_tools() {
  static const std::vector<mcp_tool> tools{
      typed_tool<wait_input, wait_output, pool_wait>(
          {"pool_wait", "Wait",
           "Waits until a message comes for you, a run ends, or something happens in the pool: "
           "use it instead of asking again and again. Returns when it happens, or after at most "
           "45 seconds with status waiting and a cursor: then call it again with that cursor. "
           "What happens between two calls is not lost. Events from before the call count, too, "
           "if no earlier wait of yours for the same was woken by them.",
           false, false, true}),
  };
  return tools;
}

}  // namespace agentpool::tools
