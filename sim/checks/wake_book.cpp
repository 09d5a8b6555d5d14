#include "wake_book.hpp"

#include <algorithm>

#include "agentpool/core/event_enums.hpp"
#include "agentpool/core/filter.hpp"
#include "agentpool/core/json.hpp"

namespace agentpool::sim::checks {

using status = core::wake_registration_status;

std::string wake_book::take(const core::published& what, bool times_are_true) {
  std::string wrong;
  const auto* record = what.entry->record();
  if (record != nullptr && std::holds_alternative<core::member_joined>(record->payload))
    joined_[what.run_id] = what.at;
  if (record != nullptr)
    if (const auto* wake = std::get_if<core::wake_recorded>(&record->payload))
      wrong = wake->stored->registration.status == status::registered
                  ? begin(*wake, what.entry->recorded_at_millis)
                  : end(*wake, *what.entry, times_are_true);
  seen_.push_back(what);
  for (const auto& id : open_) {
    auto& wake = wakes_.at(id);
    if (wake.first) continue;
    offer(what, wake);
    wake.late = wake.first && wake.too_late(what.entry->recorded_at_millis);
    if (wake.late && times_are_true) wake.first.reset();
  }
  return wrong;
}

/// Where the condition begins to look: its cursor, else what last woke its run through an equal
/// filter, else the run's latest join.
core::stamp wake_book::start_of(const core::wake_condition& condition) const {
  if (condition.after_cursor) return {condition.after_cursor->event_seq, 0};
  const auto woken = woken_.find({condition.run_id, core::to_json(condition.filter)});
  if (woken != woken_.end()) return woken->second;
  const auto joined = joined_.find(condition.run_id);
  return joined == joined_.end() ? core::stamp{} : joined->second;
}

void wake_book::offer(const core::published& what, waiting& wake) const {
  if (!what.in_scope || what.at <= wake.start) return;
  const auto kind = core::kind_of(what);
  if (core::is_wake_kind(kind) ||
      !core::may_match(wake.condition.filter, what.run_id, kind, core::family_of(what)))
    return;
  const auto event = core::project_event(pool_, what);
  if (core::matches(wake.condition.filter, event.envelope))
    wake.first = core::trigger_of(event, what.at);
}

std::string wake_book::begin(const core::wake_recorded& told, std::uint64_t at) {
  const auto& condition = told.stored->condition;
  // Nothing is looked for before the horizon.
  const auto start = std::max(start_of(condition), core::stamp{forgotten_.event_seq, 0});
  waiting wake{condition, start, at, 0, false, {}};
  const bool at_once = condition.timeout_millis == std::uint64_t{0};
  const auto from = std::partition_point(seen_.begin(), seen_.end(),
                                         [&](const auto& what) { return what.at <= wake.start; });
  for (auto what = from; what != seen_.end() && !at_once && !wake.first; ++what) offer(*what, wake);
  open_.push_back(condition.condition_id);
  auto [known, is_new] = wakes_.try_emplace(condition.condition_id);
  const bool forgotten = known->second.ended > 0 && known->second.ended <= forgotten_.sequence;
  known->second = std::move(wake);
  if (is_new || forgotten) return {};
  return condition.condition_id.text() + " was registered twice";
}

std::string wake_book::triggered(waiting& wake, const core::trigger& by) const {
  const auto& name = wake.condition.condition_id.text();
  if (by.live_ordinal > 0) return {};  // The log does not have it.
  if (core::stamp{by.event_seq, 0} <= wake.start)
    return name + " was triggered by " + by.event_id.text() + ", before its starting point";
  if (!wake.first) return name + " was triggered by " + by.event_id.text() + ", no match";
  if (wake.first->event_id == by.event_id) return {};
  return name + " was triggered by " + by.event_id.text() + " and not by the first match, " +
         wake.first->event_id.text();
}

std::string wake_book::end(const core::wake_recorded& told, const core::log_entry& entry,
                           bool times_are_true) {
  const auto& registration = told.stored->registration;
  const auto& name = registration.condition_id.text();
  const auto found = wakes_.find(registration.condition_id);
  if (found == wakes_.end()) return name + " ended and was never registered";
  auto& wake = found->second;
  if (wake.ended > 0) return name + " ended twice";
  wake.ended = entry.record()->cursor.sequence;
  std::erase(open_, registration.condition_id);
  if (registration.status == status::triggered) {
    if (!entry.triggered_by) return name + " was triggered by nothing";
    const auto& by = *entry.triggered_by;
    woken_[{wake.condition.run_id, core::to_json(wake.condition.filter)}] = {by.event_seq,
                                                                             by.live_ordinal};
    return triggered(wake, by);
  }
  if (wake.first && !wake.late)
    return name + " ended as " + std::string{core::to_text(registration.status)} + " although " +
           wake.first->event_id.text() + " matched";
  if (registration.status == status::timed_out && times_are_true &&
      !wake.too_late(entry.recorded_at_millis))
    return name + " timed out too early";
  return {};
}

std::vector<std::string> wake_book::overlooked() const {
  std::vector<std::string> all;
  for (const auto& id : open_)
    if (const auto& wake = wakes_.at(id); wake.first && !wake.late)
      all.push_back(id.text() + " waits although " + wake.first->event_id.text() + " matched");
  return all;
}

}  // namespace agentpool::sim::checks
