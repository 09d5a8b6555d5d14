// What the state knows of events that are no longer in memory, so that looking back beyond memory
// reads no more of the log than it must.
#include <algorithm>

#include "agentpool/core/filter.hpp"
#include "agentpool/core/projection.hpp"
#include "pool_state.hpp"

namespace agentpool::core {

/// A run that joins again as another agent: its events so far are of the former one.
void pool_state::note_former_agent(const log_entry& fact) {
  const auto* record = fact.record();
  const auto* joined = record == nullptr ? nullptr : std::get_if<member_joined>(&record->payload);
  if (joined == nullptr) return;
  const auto& run = joined->member.run_id;
  const auto* known = members.known_agent(run);
  if (known == nullptr || *known == joined->member.agent_id) return;
  former_agents[run].emplace_back(members.last().event_seq, *known);
  on_undo([this, run] { former_agents[run].pop_back(); });
}

/// Another program's log may tell the pool's policies after its first joins.
void pool_state::note_late_opening(const log_entry& fact) {
  const auto* record = fact.record();
  if (record == nullptr || !std::holds_alternative<pool_opened>(record->payload)) return;
  for (const auto& member : members.members())
    runs[member.run_id].past.scope(members.last().event_seq + 1, members.observable(member));
}

run_past* pool_state::past_of(const core::run_id& of_run) {
  const auto found = runs.find(of_run);
  return found == runs.end() ? nullptr : &found->second.past;
}

/// `of_run` is what is known of the event's run; null when it never joined.
void pool_state::note_past(const published& what, past_notes& notes, run_past* of_run) const {
  if (what.at.live_ordinal != 0) return;
  const auto event_seq = what.at.event_seq;
  const auto kind = kind_of(what);
  const bool created = kind == event_kind::agent_pool_created;
  if (event_seq % limits.events_a_place == 0 && !created) {
    const auto* record = what.entry->record();
    const auto number = record != nullptr ? what.number : event_seq - what.entry->host()->number;
    const auto sequence =
        record != nullptr ? record->cursor.sequence : what.entry->host()->after_sequence;
    notes.places.push_back({{sequence, event_seq - number}, number, event_seq, nullptr});
  }
  if (of_run == nullptr) return;
  if (created || kind == event_kind::agent_pool_run_joined) of_run->scope(event_seq, what.in_scope);
  if (kind == event_kind::agent_pool_run_left) of_run->scope(event_seq + 1, false);
  if (!what.in_scope || is_wake_kind(kind)) return;
  of_run->saw(kind, event_seq);
  notes.kinds[kind] = event_seq;
}

bool pool_state::past_may_match(const event_filter& filter, stamp start) const {
  const auto wanted = [&](event_kind kind) { return allows_kind(filter, kind); };
  if (!filter.run_ids.include)
    return std::any_of(past.kinds.begin(), past.kinds.end(), [&](const auto& seen) {
      return seen.second > start.event_seq && wanted(seen.first);
    });
  const auto& named = *filter.run_ids.include;
  return std::any_of(named.begin(), named.end(), [&](const run_id& id_of_run) {
    const auto* state = run(id_of_run);
    return state != nullptr && state->past.any_after(start.event_seq, wanted);
  });
}

past_place pool_state::place_before(stamp after) const {
  const auto next = std::partition_point(
      past.places.begin(), past.places.end(),
      [&](const past_place& place) { return place.event_seq <= after.event_seq; });
  return next == past.places.begin() ? begins : *std::prev(next);
}

void pool_state::publish_past(past_place& place, const entry_ptr& entry, const core::run_id& of_run,
                              std::vector<published>& out) const {
  published what;
  what.entry = entry;
  what.at = {++place.event_seq, 0};
  if (entry->record() != nullptr) what.number = ++place.number;
  what.run_id = of_run;
  const auto* state = run(of_run);
  what.in_scope = state != nullptr && state->past.in_scope(place.event_seq);
  what.agent_id = members.agent_of(of_run);
  if (const auto former = former_agents.find(of_run); former != former_agents.end()) {
    for (const auto& [until, agent] : former->second) {
      if (until < place.event_seq) continue;
      what.agent_id = agent;
      break;
    }
  }
  out.push_back(std::move(what));
}

void pool_state::step_past(past_place& place, const entry_ptr& entry,
                           std::vector<published>& out) const {
  const auto* record = entry->record();
  if (record == nullptr) {
    publish_past(place, entry, entry->host()->event.envelope.run_id, out);
  } else if (std::holds_alternative<pool_created>(record->payload)) {
    place.pending_created = entry;
  } else if (!std::holds_alternative<pool_opened>(record->payload)) {
    const auto& of_run = run_of(record->payload);
    if (place.pending_created)
      publish_past(place, std::exchange(place.pending_created, nullptr), of_run, out);
    publish_past(place, entry, of_run, out);
  }
  place.position = after(*entry, place.position);
}

}  // namespace agentpool::core
