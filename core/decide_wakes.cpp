#include <algorithm>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/filter.hpp"
#include "agentpool/core/projection.hpp"
#include "decide.hpp"

namespace agentpool::core {

namespace {

std::vector<entity_ref> about(const wake_condition_id& id) {
  return {entity(entity_kind::wake_condition, id.text())};
}

const stored_wake& stored_in(const entry_ptr& entry) {
  return *std::get<wake_recorded>(entry->record()->payload).stored;
}

agent_error unknown_condition(const wake_condition_id& id) {
  return contract_violation("no such wake condition in this pool", about(id));
}

/// Why an id cannot be used for a condition whose key is new; nothing when it can.
std::optional<pool::verdict> id_taken(const wake_condition& condition, const situation& at) {
  auto by_id = at.state.wake(condition.condition_id, at.known);
  if (auto* unread = std::get_if<missing>(&by_id)) return std::move(*unread);
  if (std::get<entry_ptr>(by_id))
    return invalid_transition("condition_id was used with another idempotency_key, " +
                                  condition.condition_id.text() + ": use a new id",
                              about(condition.condition_id));
  if (at.state.wakes.find(names_of(condition)))
    return invalid_transition(
        "condition_id and idempotency_key have the hashes of another condition's: use new ones",
        about(condition.condition_id));
  return std::nullopt;
}

/// Nothing when neither key nor id was used before.
std::optional<pool::verdict> repeated(const wake_condition& condition, const situation& at) {
  auto by_key = at.state.wake(condition.idempotency_key, at.known);
  if (auto* unread = std::get_if<missing>(&by_key)) return std::move(*unread);
  const auto& entry = std::get<entry_ptr>(by_key);
  if (!entry) return id_taken(condition, at);
  const auto& stored = stored_in(entry);
  if (stored.condition != condition)
    return invalid_transition("idempotency_key was used by another wake condition, " +
                                  stored.condition.condition_id.text() + ": use a new key",
                              about(stored.condition.condition_id));
  return only_answer(stored.registration);
}

/// The filter as recorded: only observable members of now, and no more of a payload than the
/// pool's policy grants.
compiled_event_filter recorded_form(const event_filter& asked, const pool_state& state) {
  event_filter filter = asked;
  std::vector<run_id> visible;
  const auto& roll = state.members;
  if (asked.run_ids.include) {
    for (const auto& run : *asked.run_ids.include) {
      const auto* member = roll.member(run);
      if (member != nullptr && roll.observable(*member)) visible.push_back(run);
    }
  } else {
    for (const auto& member : roll.members())
      if (roll.observable(member)) visible.push_back(member.run_id);
  }
  filter.run_ids.include = std::move(visible);
  if (roll.config()->wake_policy.envelope_only)
    filter.payload_access = payload_access_mode::envelope_only;
  return compile(filter);
}

/// The event after which the wake looks: the caller's cursor, else the one that last woke the
/// run through an equal filter, else the run's join.
stamp starting_point(const wake_condition& condition, const pool_state& state) {
  if (condition.after_cursor) {
    const auto& cursor = *condition.after_cursor;
    for (const auto& what : state.recent_events) {
      const bool live = what.at.live_ordinal != 0 && what.at.event_seq == cursor.event_seq;
      if (live && what.entry->host()->event.envelope.event_id == cursor.event_id) return what.at;
    }
    return {cursor.event_seq, 0};
  }
  const auto& run = *state.run(condition.run_id);
  const stamp joined{run.joined, 0};
  if (run.dealings->woken.empty()) return joined;
  const auto woken = run.dealings->woken.find(fingerprint(condition.filter));
  return woken == run.dealings->woken.end() ? joined : woken->second;
}

/// Worth making the event to see whether it matches.
bool may_wake(const published& what, const event_filter& filter) {
  const auto kind = kind_of(what);
  return what.in_scope && !is_wake_kind(kind) &&
         may_match(filter, what.run_id, kind, family_of(what));
}

/// The first event after `start` that matches, of those in memory.
std::optional<trigger> find_recent(const event_filter& filter, stamp start,
                                   const pool_state& state) {
  const auto first = std::partition_point(state.recent_events.begin(), state.recent_events.end(),
                                          [&](const published& what) { return what.at <= start; });
  for (auto what = first; what != state.recent_events.end(); ++what) {
    if (!may_wake(*what, filter)) continue;
    const auto event = project_event(state.id, *what);
    if (matches(filter, event.envelope)) return trigger_of(event, what->at);
  }
  return std::nullopt;
}

/// What became of a condition right when it was registered.
std::variant<std::optional<trigger>, missing> look_back(const wake_condition& condition,
                                                        const situation& at) {
  // What is older than the horizon is forgotten.
  const stamp start =
      std::max(starting_point(condition, at.state), stamp{at.state.begins.event_seq, 0});
  const stamp floor = at.state.events_floor;
  if (start < floor && at.state.past_may_match(condition.filter, start)) {
    const auto& done = at.known.searched;
    if (!done || done->after != start || done->until < floor.event_seq)
      return missing{{}, history_search{condition.filter, start, floor.event_seq}};
    if (at.known.found) return at.known.found;
  }
  return find_recent(condition.filter, start, at.state);
}

wake_recorded with_status(wake_recorded recorded, wake_registration_status status) {
  recorded.stored->registration.status = status;
  return recorded;
}

}  // namespace

pool::verdict decide_on(const suspend_until& ask, const situation& at) {
  const auto& condition = *ask.condition;
  if (ask.run_id != condition.run_id)
    return contract_violation("run_id must be the condition's run_id",
                              about(condition.condition_id));
  if (auto before = repeated(condition, at)) return std::move(*before);
  if (at.state.members.member(ask.run_id) == nullptr) return not_a_member(ask.run_id);
  if (condition.after_cursor &&
      condition.after_cursor->event_seq > at.state.members.last().event_seq)
    return contract_violation("condition.after_cursor is past the end of this pool's events",
                              about(condition.condition_id));
  if (condition.after_cursor && condition.after_cursor->event_seq < at.state.begins.event_seq)
    return contract_violation("condition.after_cursor is older than this pool's horizon, event " +
                                  std::to_string(at.state.begins.event_seq) +
                                  ": leave it out to begin there",
                              about(condition.condition_id));
  const bool at_once = condition.timeout_millis && *condition.timeout_millis == 0;
  std::optional<trigger> cause;
  if (!at_once) {
    auto looked = look_back(condition, at);
    if (auto* unread = std::get_if<missing>(&looked)) return std::move(*unread);
    cause = std::get<std::optional<trigger>>(std::move(looked));
  }
  const wake_recorded recorded{
      stored_wake{condition,
                  recorded_form(condition.filter, at.state),
                  {condition.condition_id, ask.run_id, wake_registration_status::registered, {}}}};
  draft made{at.state, at.now};
  made.add(recorded);
  if (at_once) made.add(with_status(recorded, wake_registration_status::timed_out));
  if (cause) made.add(with_status(recorded, wake_registration_status::triggered), std::move(cause));
  return made.finish(made.registration());
}

pool::verdict decide_on(const poll_wake& ask, const situation& at) {
  auto latest = at.state.wake(ask.condition_id, at.known);
  if (auto* unread = std::get_if<missing>(&latest)) return std::move(*unread);
  const auto& entry = std::get<entry_ptr>(latest);
  if (!entry) return unknown_condition(ask.condition_id);
  return only_answer(stored_in(entry).registration);
}

pool::verdict decide_on(const cancel_wake& ask, const situation& at) {
  const auto* open = at.state.registered(ask.condition_id);
  if (open == nullptr) return decide_on(poll_wake{ask.condition_id}, at);
  draft made{at.state, at.now};
  made.add(with_status(open->recorded(), wake_registration_status::cancelled));
  return made.finish(made.registration());
}

pool::verdict decide_on(const read_wake& ask, const situation& at) {
  auto latest = at.state.wake(ask.condition_id, at.known);
  if (auto* unread = std::get_if<missing>(&latest)) return std::move(*unread);
  const auto& entry = std::get<entry_ptr>(latest);
  if (!entry) return unknown_condition(ask.condition_id);
  wake_report report{stored_in(entry).registration, {}};
  if (is_final(report.registration.status))
    report.notice =
        notice_of(std::get<wake_recorded>(entry->record()->payload), entry->triggered_by);
  return only_answer(std::move(report));
}

}  // namespace agentpool::core
