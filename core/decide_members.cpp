#include <algorithm>
#include <map>
#include <set>

#include "agentpool/core/addressing.hpp"
#include "decide.hpp"

namespace agentpool::core {

decision only_answer(answer reply) {
  decision decided;
  decided.reply = std::move(reply);
  return decided;
}

agent_error not_a_member(const run_id& run) {
  return invalid_transition("run is not a member of this pool: join it first",
                            {entity(entity_kind::run, run.text())});
}

namespace {

const stored_message& stored_in(const message_recorded& recorded) { return recorded.stored; }
const stored_wake& stored_in(const wake_recorded& recorded) { return *recorded.stored; }

/// Adds the latest record of each message or wake to `into`, in the order of their ids; those
/// that have to be read first go to `unread`.
template <class Recorded, class Stored, class Name>
void collect(const record_index& index, const situation& at, std::vector<Stored>& into,
             std::vector<std::uint64_t>& unread, const Name& name_of) {
  for (const auto& slot : index.slots()) {
    if (const auto entry = at.state.record_at(slot.sequence(), at.known)) {
      into.push_back(stored_in(std::get<Recorded>(entry->record()->payload)));
    } else {
      unread.push_back(slot.sequence());
    }
  }
  std::sort(into.begin(), into.end(),
            [&](const Stored& a, const Stored& b) { return name_of(a) < name_of(b); });
}

pool_snapshot without_contents(const situation& at) {
  const auto& members = at.state.members;
  pool_snapshot snapshot;
  snapshot.pool_id = at.state.id;
  snapshot.created = members.created();
  snapshot.message_policy = members.config()->message_policy;
  snapshot.wake_policy = members.config()->wake_policy;
  snapshot.policy_refs = members.config()->policy_refs;
  snapshot.cursor = store_cursor{members.position().sequence};
  return snapshot;
}

pool_snapshot brief_snapshot(const situation& at) {
  auto snapshot = without_contents(at);
  const auto& members = at.state.members;
  for (const auto& member : members.members()) snapshot.members.push_back(member);
  snapshot.topics = members.topics();
  return snapshot;
}

pool::verdict snapshot_of(const situation& at, bool brief) {
  auto snapshot = brief_snapshot(at);
  if (brief) return only_answer(std::move(snapshot));
  missing unread;
  collect<message_recorded>(
      at.state.messages, at, snapshot.messages, unread.sequences,
      [](const stored_message& one) -> const message_id& { return one.message->message_id; });
  collect<wake_recorded>(at.state.wakes, at, snapshot.wakes, unread.sequences,
                         [](const stored_wake& one) -> const wake_condition_id& {
                           return one.condition.condition_id;
                         });
  if (!unread.sequences.empty()) return unread;
  return only_answer(std::move(snapshot));
}

/// One inbox; what it has not acknowledged is added to `under_way`, by the sequence of the record.
inbox_state state_of(const run_id& run, const run_state& state,
                     std::set<std::uint64_t>& under_way) {
  const auto& inbox = state.dealings->inbox;
  const auto first = std::upper_bound(inbox.begin(), inbox.end(), state.acked);
  for (auto each = first; each != inbox.end() && under_way.size() < open_messages_max; ++each)
    under_way.insert(*each);
  return {run, state.acked, static_cast<std::uint64_t>(inbox.end() - first)};
}

event_range events_of(const situation& at) {
  const auto after = at.state.begins.event_seq;
  return {after, std::max(after, at.state.events_floor.event_seq),
          at.state.members.last().event_seq};
}

/// No members, messages or wakes: how far log and events are.
pool_snapshot bare_snapshot(const situation& at) {
  auto snapshot = without_contents(at);
  snapshot.events = events_of(at);
  return snapshot;
}

/// What is under way. A message is told as its latest record in memory says, else as it was
/// delivered.
pool::verdict open_snapshot(const situation& at) {
  auto snapshot = brief_snapshot(at);
  snapshot.events = events_of(at);
  std::set<std::uint64_t> under_way;
  for (const auto& member : at.state.members.members()) {
    const auto* state = at.state.run(member.run_id);
    if (state == nullptr) continue;
    auto inbox = state_of(member.run_id, *state, under_way);
    if (inbox.unacknowledged > 0) snapshot.inboxes.push_back(std::move(inbox));
  }
  std::map<message_id, stored_message> messages;
  missing unread;
  for (const auto sequence : under_way) {
    const auto entry = at.state.record_at(sequence, at.known);
    if (!entry) {
      unread.sequences.push_back(sequence);
      continue;
    }
    const auto& stored = stored_in(std::get<message_recorded>(entry->record()->payload));
    messages.emplace(stored.message->message_id, stored);
  }
  if (!unread.sequences.empty()) return unread;
  for (const auto& [id, contract] : at.state.contracts)
    messages.emplace(id,
                     stored_in(std::get<message_recorded>(contract.delivered->record()->payload)));
  for (auto& [id, stored] : messages) snapshot.messages.push_back(std::move(stored));
  for (const auto& [sequence, wake] : at.state.open_wakes)
    snapshot.wakes.push_back(stored_in(wake.recorded()));
  std::sort(snapshot.wakes.begin(), snapshot.wakes.end(),
            [](const stored_wake& a, const stored_wake& b) {
              return a.condition.condition_id < b.condition.condition_id;
            });
  return only_answer(std::move(snapshot));
}

/// The latest record of one message or wake alone.
template <class Recorded, class Stored>
pool::verdict snapshot_of_one(const latest_record& latest, std::vector<Stored> pool_snapshot::*into,
                              const situation& at) {
  if (const auto* unread = std::get_if<missing>(&latest)) return *unread;
  auto snapshot = without_contents(at);
  if (const auto& entry = std::get<entry_ptr>(latest))
    (snapshot.*into).push_back(stored_in(std::get<Recorded>(entry->record()->payload)));
  return only_answer(std::move(snapshot));
}

}  // namespace

pool::verdict decide_on(const open_pool& ask, const situation& at) {
  const auto& config = at.state.members.config();
  if (config && *config == ask.config) return snapshot_of(at, ask.brief);
  if (config)
    return contract_violation("the pool was opened with another config: open it with the same",
                              {entity(entity_kind::agent_pool, at.state.id.text())});
  draft made{at.state, at.now};
  const auto sequence = made.add(pool_opened{ask.config});
  pool_snapshot snapshot;
  snapshot.pool_id = at.state.id;
  snapshot.message_policy = ask.config.message_policy;
  snapshot.wake_policy = ask.config.wake_policy;
  snapshot.policy_refs = ask.config.policy_refs;
  snapshot.cursor = store_cursor{sequence};
  return made.finish(std::move(snapshot));
}

pool::verdict decide_on(const read_snapshot& ask, const situation& at) {
  if (ask.message_id)
    return snapshot_of_one<message_recorded>(at.state.message(*ask.message_id, at.known),
                                             &pool_snapshot::messages, at);
  if (ask.condition_id)
    return snapshot_of_one<wake_recorded>(at.state.wake(*ask.condition_id, at.known),
                                          &pool_snapshot::wakes, at);
  if (ask.bare) return only_answer(bare_snapshot(at));
  if (ask.open) return open_snapshot(at);
  return snapshot_of(at, ask.brief);
}

pool::verdict decide_on(const join_run& ask, const situation& at) {
  const auto* before = at.state.members.member(ask.member.run_id);
  if (before != nullptr && before->agent_id != ask.member.agent_id)
    return invalid_transition("the run is a member with another agent id: a run keeps its agent",
                              {entity(entity_kind::run, ask.member.run_id.text())});
  draft made{at.state, at.now};
  if (!at.state.members.created()) made.add(pool_created{});
  const auto sequence = made.add(member_joined{ask.member});
  const auto joined = made.last().event_seq;
  made.trigger_wakes();
  return made.finish(run_joined{{sequence}, joined});
}

pool::verdict decide_on(const leave_run& ask, const situation& at) {
  const auto* member = at.state.members.member(ask.run_id);
  if (member == nullptr) return not_a_member(ask.run_id);
  draft made{at.state, at.now};
  for (const auto* wake : at.state.waiting(ask.run_id)) {
    auto recorded = wake->recorded();
    recorded.stored->registration.status = wake_registration_status::cancelled;
    made.add(std::move(recorded));
    made.exclude(*wake);
  }
  const auto sequence = made.add(member_left{*member});
  made.trigger_wakes();
  return made.finish(run_left{*member, {sequence}});
}

pool::verdict decide_on(const list_members& ask, const situation& at) {
  member_list list;
  if (ask.run_id) {
    const auto* member = at.state.members.member(*ask.run_id);
    if (member == nullptr) return only_answer(std::move(list));
    list.members.push_back(*member);
    list.joined = at.state.run(*ask.run_id)->joined;
    return only_answer(std::move(list));
  }
  for (const auto& member : at.state.members.members()) list.members.push_back(member);
  return only_answer(std::move(list));
}

}  // namespace agentpool::core
