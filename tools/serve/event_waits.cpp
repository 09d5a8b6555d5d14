// Waits for an event: a wake condition of the run. Until its end was told, a row of the registry
// knows it: the same wait again goes on with it, so that nothing is lost with an answer.
#include <algorithm>
#include <chrono>
#include <utility>

#include "agentpool/core/digest.hpp"
#include "event_lookup.hpp"
#include "token_book.hpp"
#include "waiting.hpp"

namespace agentpool::tools {

namespace {

constexpr int tries_most = 8;
constexpr std::size_t id_digits = 32;
/// So much later than its time (ms) a wake condition may be known to have ended.
constexpr std::uint64_t late_most = 1'000;
/// What is left of a wait (ms) that is worth another condition.
constexpr std::uint64_t anew_least = 20;

using std::chrono::milliseconds;

bool is_gone(const waiting& what) {
  const auto& gone = what.caller.shown.gone;
  return gone && *gone;
}

bool may_begin_anew(const waiting& what) {
  return what.filter && !what.kept_key.empty() && !is_gone(what) && what.left_millis() > anew_least;
}

/// With pools at nodes there is none here.
bool has_no_registry(const core::agent_error& why) {
  return why.kind == core::agent_error_kind::host_configuration_needed;
}

/// The wait is over and its caller told: the same again is another one. The row goes first, as far
/// as order goes, so that no next call of the caller finds it.
void tell_end(const waiting_ptr& what, const wait_output& output) {
  if (is_gone(*what)) return what->tell(output);
  if (!what->kept_key.empty())
    write_kept_wait(what->caller.all->engine, what->kept_key, std::nullopt, what->kept.version,
                    [](const auto&) {});
  what->tell(output);
}

// ---- how it ends ----------------------------------------------------------------------------

void tell_event(const waiting_ptr& what, const core::wake_report& report) {
  wait_output output{.status = wait_status::woken,
                     .condition_id = report.registration.condition_id};
  if (!report.notice || !report.notice->matched_event_id) return tell_end(what, output);
  const auto& id = *report.notice->matched_event_id;
  output.event_id = id;
  const auto& cursor = report.notice->matched_cursor;
  const auto pool = what->desk->reading(what->input.pool_id);
  if (!pool || !cursor) return tell_end(what, output);
  read_event(*pool, id, cursor->event_seq,
             [what, output](const std::optional<core::event_frame>& frame) mutable {
               if (frame) {
                 output.event = event_in_words(frame->event->envelope);
                 output.event_run = frame->event->envelope.run_id;
               }
               tell_end(what, output);
             });
}

void begin_anew(const waiting_ptr& what);
void look_up(const waiting_ptr& what, const std::optional<core::wake_condition_id>& cancelled = {});

void tell_wake(const waiting_ptr& what, const core::wake_report& report) {
  using status = core::wake_registration_status;
  const auto& id = report.registration.condition_id;
  // A cursor may be made up.
  if (report.registration.run_id != what->input.run_id)
    return what->answer(tool_failure("cursor: is none that pool_wait gave"));
  switch (report.registration.status) {
    case status::registered:
      if (what->left_millis() > 0) return what->not_yet();
      // One of an earlier call that waits longer: it is left to the next wait for the same.
      return what->tell({.status = wait_status::timed_out, .condition_id = id});
    case status::triggered: return tell_event(what, report);
    case status::timed_out:
      // One of an earlier call that waited for less.
      if (may_begin_anew(*what)) return begin_anew(what);
      return tell_end(what, {.status = wait_status::timed_out, .condition_id = id});
    case status::cancelled:
    case status::failed: return look_up(what, id);
  }
}

/// A wake condition of this wait ends by itself when its time is over; one of an earlier call may
/// have more time.
milliseconds span_of(const waiting& what) {
  const bool lasts = what.kept.condition &&
                     what.kept.condition->deadline_millis > what.deadline_millis + late_most;
  const auto span = what.left_millis() + (lasts ? 0 : late_most);
  return std::min(milliseconds{static_cast<std::int64_t>(span)}, wait_call_most);
}

void await_wake(const waiting_ptr& what, const core::wake_condition_id& id) {
  what->go_on_from(wake_wait_cursor(what->input.pool_id, what->input.run_id,
                                    {what->kept_key, what->deadline_millis, id}));
  if (!what->room && !begin_waiting(what)) return;
  what->desk->submit(what->input.pool_id, core::read_wake{id}, span_of(*what),
                     [what](const core::outcome<core::answer>& report) {
                       if (!report) return what->answer(tool_failure(report.error()));
                       tell_wake(what, std::get<core::wake_report>(*report));
                     });
}

// ---- how it begins --------------------------------------------------------------------------

core::event_filter filter_of(const wait_target& target) {
  core::event_filter filter;
  if (target.run_end) {
    filter.run_ids.include = std::vector{*target.run_end};
    filter.kinds.include =
        std::vector{core::event_kind::run_completed, core::event_kind::run_failed,
                    core::event_kind::run_cancelled, core::event_kind::agent_pool_run_left};
    return filter;
  }
  if (!target.families.empty()) filter.families.include = target.families;
  if (!target.kinds.empty()) filter.kinds.include = target.kinds;
  if (!target.runs.empty()) filter.run_ids.include = target.runs;
  return filter;
}

/// At 0 it would be over before what happened already is looked at.
std::uint64_t event_seconds(const wait_input& input) {
  return std::clamp<std::uint64_t>(input.timeout_seconds, 1, wait_seconds_most);
}

/// A run that is not there cannot end: said at once rather than by a timeout. Its end since this
/// run joined would have been found.
void check_end(const waiting_ptr& what, const core::wake_condition_id& id);

void register_wake(const waiting_ptr& what, const core::wake_condition_id& id) {
  const auto& input = what->input;
  core::wake_condition condition;
  condition.condition_id = id;
  condition.idempotency_key = core::idempotency_key{id.text()};
  condition.run_id = input.run_id;
  condition.filter = *what->filter;
  // The same key again is to be the same condition.
  condition.timeout_millis = input.idempotency_key
                                 ? event_seconds(input) * 1'000
                                 : std::max<std::uint64_t>(what->left_millis(), 1);
  condition.resume_with = core::resume_input_policy::matching_event_refs;
  what->desk->submit(
      input.pool_id, core::suspend_until{input.run_id, std::move(condition)}, {},
      [what, id](const core::outcome<core::answer>& registered) {
        if (!registered) return what->answer(tool_failure(registered.error()));
        const auto status = std::get<core::wake_registration>(*registered).status;
        const auto& target = what->input.wait_for;
        if (target && target->run_end && status == core::wake_registration_status::registered)
          return check_end(what, id);
        await_wake(what, id);
      });
}

void check_end(const waiting_ptr& what, const core::wake_condition_id& id) {
  const auto& pool = what->input.pool_id;
  const auto run = *what->input.wait_for->run_end;
  const auto cancelled = [what, id, run](const core::outcome<core::answer>& now) {
    if (!now) return what->answer(tool_failure(now.error()));
    const auto status = std::get<core::wake_registration>(*now).status;
    if (status != core::wake_registration_status::cancelled) return await_wake(what, id);
    what->answer(
        tool_failure("run_end: " + run.text() +
                     " is no member of the pool: it has ended already, or was never there. See "
                     "pool_watch for what happened."));
  };
  // Another process on the store may have let it in a moment ago.
  if (const auto handle = what->desk->reading(pool)) handle->catch_up();
  what->desk->submit(pool, core::list_members{run}, {},
                     [what, id, cancelled](const core::outcome<core::answer>& found) {
                       if (!found) return what->answer(tool_failure(found.error()));
                       if (!std::get<core::member_list>(*found).members.empty())
                         return await_wake(what, id);
                       what->desk->submit(what->input.pool_id, core::cancel_wake{id}, {},
                                          cancelled);
                     });
}

/// Under a new name, which is written down before.
void begin_anew(const waiting_ptr& what) {
  const auto chance = make_token();
  if (!chance) return what->answer(tool_failure(chance.error()));
  const core::wake_condition_id id{"wake." + chance->substr(0, id_digits)};
  if (what->kept_key.empty()) return register_wake(what, id);
  const kept_condition row{id, *what->filter, what->deadline_millis};
  write_kept_wait(what->caller.all->engine, what->kept_key, row, what->kept.version,
                  [what, row](const core::outcome<std::optional<std::uint64_t>>& written) {
                    if (!written) return what->answer(tool_failure(written.error()));
                    // The same wait began in another call: then it is one.
                    if (!*written) return look_up(what);
                    what->kept = {row, **written};
                    register_wake(what, row.condition_id);
                  });
}

void take_up(const waiting_ptr& what, const core::wake_condition_id& id) {
  // Another process on the store may have registered it a moment ago.
  if (const auto handle = what->desk->reading(what->input.pool_id)) handle->catch_up();
  what->desk->submit(what->input.pool_id, core::read_wake{id}, {},
                     [what, id](const core::outcome<core::answer>& report) {
                       using kind = core::agent_error_kind;
                       if (!report && report.error().kind != kind::invalid_state_transition)
                         return what->answer(tool_failure(report.error()));
                       // It was written down and never registered.
                       if (!report) return begin_anew(what);
                       const auto status = std::get<core::wake_report>(*report).registration.status;
                       if (status != core::wake_registration_status::registered &&
                           status != core::wake_registration_status::triggered)
                         return begin_anew(what);
                       await_wake(what, id);
                     });
}

/// Goes on as the row says. With an id that condition was cancelled: by whoever wanted nothing but
/// that, when the row has it still; else by a task that the same wait was of, which took the row.
void look_up(const waiting_ptr& what, const std::optional<core::wake_condition_id>& cancelled) {
  if (++what->tries > tries_most)
    return what->answer(tool_failure(core::overloaded("others wait for the same: repeat")));
  if (cancelled && !may_begin_anew(*what))
    return tell_end(what, {.status = wait_status::cancelled, .condition_id = cancelled});
  read_kept_wait(what->caller.all->engine, what->kept_key,
                 [what, cancelled](const core::outcome<kept_wait>& kept) {
                   if (!kept && !has_no_registry(kept.error()))
                     return what->answer(tool_failure(kept.error()));
                   if (!kept) {
                     what->kept_key.clear();
                     return begin_anew(what);
                   }
                   what->kept = *kept;
                   if (cancelled && kept->is_for(*cancelled))
                     return tell_end(what,
                                     {.status = wait_status::cancelled, .condition_id = cancelled});
                   if (kept->condition) return take_up(what, kept->condition->condition_id);
                   begin_anew(what);
                 });
}

/// The id that a wait with a key has: another join's is another one.
core::wake_condition_id id_by_key(const waiting& what, const run_sender& as) {
  auto text = what.input.run_id.text() + '\n' + what.input.idempotency_key->text();
  if (as.joined) text += '\n' + std::to_string(*as.joined);
  return core::wake_condition_id{"wake." + core::sha256_hex(text).substr(0, id_digits)};
}

}  // namespace

void wait_for_event(const waiting_ptr& what) {
  what->filter = filter_of(*what->input.wait_for);
  what->take_seconds(event_seconds(what->input));
  what->desk->check_acting(
      what->input.pool_id, what->input.run_id, true, [what](const core::outcome<run_sender>& may) {
        if (!may) return what->answer(tool_failure(may.error()));
        if (what->input.idempotency_key) return register_wake(what, id_by_key(*what, *may));
        what->kept_key =
            kept_wait_key(what->input.pool_id, what->input.run_id, may->joined, *what->filter);
        look_up(what);
      });
}

void wait_for_wake(const waiting_ptr& what, const wake_wait& wait) {
  what->deadline_millis = wait.deadline_millis;
  what->kept_key = wait.kept_key;
  const auto& id = wait.condition_id;
  const auto read = [what, id](const core::outcome<kept_wait>& kept) {
    if (!kept && !has_no_registry(kept.error())) return what->answer(tool_failure(kept.error()));
    if (kept && kept->is_for(id)) {
      what->kept = *kept;
      what->filter = kept->condition->filter;
    } else {
      what->kept_key.clear();
    }
    await_wake(what, id);
  };
  what->desk->check_acting(what->input.pool_id, what->input.run_id, false,
                           [what, id, read](const core::outcome<run_sender>& may) {
                             if (!may) return what->answer(tool_failure(may.error()));
                             if (what->kept_key.empty()) return await_wake(what, id);
                             read_kept_wait(what->caller.all->engine, what->kept_key, read);
                           });
}

}  // namespace agentpool::tools
