#include <algorithm>

#include "agentpool/core/addressing.hpp"
#include "decide.hpp"

namespace agentpool::core {

pool::verdict decide_on(const publish_event& ask, const situation& at) {
  const auto& envelope = ask.event->envelope;
  const std::vector<entity_ref> about{entity(entity_kind::event, envelope.event_id.text())};
  if (envelope.event_family == event_family::agent_pool)
    return contract_violation("event_family agent_pool is the pool's own: use another", about);
  if (envelope.delivery_semantics != event_delivery_semantics::journal_backed &&
      envelope.delivery_semantics != event_delivery_semantics::best_effort_live)
    return contract_violation(
        "delivery_semantics of a published event must be journal_backed or best_effort_live",
        about);
  if (at.state.members.member(envelope.run_id) == nullptr) return not_a_member(envelope.run_id);
  draft made{at.state, at.now};
  made.add(*ask.event);
  event_cursor cursor;
  cursor.event_seq = made.last().event_seq;
  cursor.event_id = envelope.event_id;
  cursor.journal_cursor = envelope.journal_cursor;
  made.trigger_wakes();
  return made.finish(event_published{std::move(cursor)});
}

pool::verdict decide_on(const read_inbox& ask, const situation& at) {
  const auto* run = at.state.run(ask.run_id);
  if (run == nullptr) return not_a_member(ask.run_id);
  const auto after = ask.after.value_or(run->acked);
  const auto horizon = at.state.begins.position.sequence;
  if (after < std::min(run->acked, horizon))
    return contract_violation("after is older than this pool's horizon, sequence " +
                                  std::to_string(horizon) + ": begin there or leave it out",
                              {entity(entity_kind::run, ask.run_id.text())});
  const auto most = std::min<std::uint64_t>(ask.max, at.state.limits.inbox_page_max);
  inbox_page page;
  missing unread;
  const auto& inbox = run->dealings->inbox;
  auto next = std::upper_bound(inbox.begin(), inbox.end(), after);
  for (; next != inbox.end() && page.entries.size() + unread.sequences.size() < most; ++next) {
    const auto entry = at.state.record_at(*next, at.known);
    if (!entry) {
      unread.sequences.push_back(*next);
      continue;
    }
    const auto& delivered = std::get<message_recorded>(entry->record()->payload);
    page.entries.push_back({*next, *delivered.stored.message});
  }
  if (!unread.sequences.empty()) return unread;
  return only_answer(std::move(page));
}

pool::verdict decide_on(const ack_inbox& ask, const situation& at) {
  const auto* run = at.state.run(ask.run_id);
  if (run == nullptr) return not_a_member(ask.run_id);
  if (ask.sequence > at.state.members.position().sequence)
    return contract_violation("sequence is past the end of this pool's log",
                              {entity(entity_kind::run, ask.run_id.text())});
  const auto acked = std::max(run->acked, ask.sequence);
  auto decided = only_answer(inbox_acked{acked});
  if (acked > run->acked) decided.acks.push_back({ask.run_id, acked});
  return decided;
}

}  // namespace agentpool::core
