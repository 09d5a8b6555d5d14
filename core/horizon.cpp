// Forgetting what is older than a horizon and not waited for any more.
#include <algorithm>

#include "pool_state.hpp"

namespace agentpool::core {

namespace {

/// Removes what the run acknowledged of what was delivered up to `sequence`.
void drop_acknowledged(run_state& state, std::uint64_t sequence) {
  const auto& [inbox, kept, first, woken] = *state.dealings;
  const auto end = std::upper_bound(inbox.begin(), inbox.end(), std::min(sequence, state.acked));
  drop_inbox(state, first + static_cast<std::size_t>(end - inbox.begin()));
}

}  // namespace

void drop_inbox(run_state& state, std::uint64_t first) {
  if (first <= state.dealings->inbox_first) return;
  auto& dealings = state.dealings.edit();
  auto& inbox = dealings.inbox;
  const auto many = std::min<std::size_t>(first - dealings.inbox_first, inbox.size());
  inbox.erase(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(many));
  dealings.inbox_kept -= std::min(many, dealings.inbox_kept);
  dealings.inbox_first = first;
}

std::optional<horizon> pool_state::mark() const {
  if (members.pending_created_) return std::nullopt;
  return horizon{members.position(), members.number(), members.last().event_seq,
                 messages.end(),     wakes.end(),      members.packed()};
}

std::vector<std::uint64_t> pool_state::forget(const horizon& at) {
  const auto upto = at.at.sequence;
  begins = {at.at, at.number, at.event_seq, nullptr};
  std::vector<std::uint64_t> needed;
  const auto need = [&](std::uint64_t sequence) {
    if (sequence <= upto) needed.push_back(sequence);
  };
  for (auto& [run, state] : runs) {
    drop_acknowledged(state, upto);
    for (const auto sequence : state.dealings->inbox) {
      if (sequence > upto) break;
      needed.push_back(sequence);
    }
    state.past.forget(at.event_seq);
  }
  for (const auto& [message, contract] : contracts)
    need(contract.delivered->record()->cursor.sequence);
  for (const auto& [sequence, wake] : open_wakes) need(sequence);
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  messages.forget(at.messages, upto, needed);
  wakes.forget(at.wakes, upto, needed);
  forget_past(at.event_seq);
  return needed;
}

void pool_state::forget_past(std::uint64_t upto) {
  std::erase_if(past.kinds, [&](const auto& kind) { return kind.second <= upto; });
  std::erase_if(past.places, [&](const past_place& place) { return place.event_seq <= upto; });
  for (auto& [run, agents] : former_agents)
    std::erase_if(agents, [&](const auto& former) { return former.first <= upto; });
  std::erase_if(former_agents, [](const auto& run) { return run.second.empty(); });
}

}  // namespace agentpool::core
