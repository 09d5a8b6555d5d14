#include <algorithm>

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

pool::verdict snapshot_of(const situation& at, bool brief) {
  const auto& members = at.state.members;
  pool_snapshot snapshot;
  snapshot.pool_id = at.state.id;
  snapshot.created = members.created();
  for (const auto& member : members.members()) snapshot.members.push_back(member);
  snapshot.topics = members.topics();
  snapshot.message_policy = members.config()->message_policy;
  snapshot.wake_policy = members.config()->wake_policy;
  snapshot.policy_refs = members.config()->policy_refs;
  snapshot.cursor = store_cursor{members.position().sequence};
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
  made.trigger_wakes();
  return made.finish(run_joined{{sequence}});
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
    if (member != nullptr) list.members.push_back(*member);
    return only_answer(std::move(list));
  }
  for (const auto& member : at.state.members.members()) list.members.push_back(member);
  return only_answer(std::move(list));
}

}  // namespace agentpool::core
