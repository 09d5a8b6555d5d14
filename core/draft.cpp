#include "draft.hpp"

#include <algorithm>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/filter.hpp"
#include "agentpool/core/projection.hpp"

namespace agentpool::core {

draft::draft(const pool_state& state, instant now)
    : state_{state},
      now_{now},
      recorded_at_millis_{std::max(to_millis(now), state.members.recorded_at_millis())},
      position_{state.members.position()},
      number_{state.members.number()},
      last_{state.members.last()} {}

std::uint64_t draft::add(store_payload payload, std::optional<trigger> cause) {
  auto entry = std::make_shared<log_entry>();
  entry->recorded_at_millis = recorded_at_millis_;
  entry->triggered_by = std::move(cause);
  if (!std::holds_alternative<pool_opened>(payload)) ++number_;
  if (auto* message = std::get_if<message_recorded>(&payload)) {
    message->stored.receipt.journal_cursor = journal_cursor_at(number_);
    receipt_of_ = entry;
  }
  if (auto* wake = std::get_if<wake_recorded>(&payload)) {
    wake->stored->registration.journal_cursor = journal_cursor_at(number_);
    registration_ = wake->stored->registration;
  }
  ++position_.sequence;
  entry->what = store_record{state_.id, {position_.sequence}, std::move(payload)};
  decided_.entries.push_back(entry);
  publish_record(entry);
  return position_.sequence;
}

const message_receipt& draft::receipt() const {
  return std::get<message_recorded>(receipt_of_->record()->payload).stored.receipt;
}

void draft::add(agent_event event) {
  const bool stored = event.envelope.delivery_semantics == event_delivery_semantics::journal_backed;
  const run_id run = event.envelope.run_id;
  event.envelope.event_seq = last_.event_seq + (stored ? 1 : 0);
  auto entry = std::make_shared<log_entry>();
  entry->recorded_at_millis = recorded_at_millis_;
  const auto number = stored ? ++position_.host_events : 0;
  entry->what = host_event{number, position_.sequence, std::move(event)};
  if (stored) decided_.entries.push_back(entry);
  if (!stored) decided_.live = entry;
  publish(entry, run, state_.members.member(run));
}

void draft::publish_record(const entry_ptr& entry) {
  const auto& payload = entry->record()->payload;
  if (std::holds_alternative<pool_opened>(payload)) return;
  if (std::holds_alternative<pool_created>(payload)) {
    pending_created_ = entry;
    return;
  }
  if (const auto* joined = std::get_if<member_joined>(&payload)) {
    if (pending_created_) publish(pending_created_, joined->member.run_id, &joined->member);
    publish(entry, joined->member.run_id, &joined->member);
    return;
  }
  const auto& run = run_of(payload);
  publish(entry, run, state_.members.member(run));
}

void draft::publish(const entry_ptr& entry, const run_id& run, const pool_member* member) {
  const bool live = entry->host() != nullptr && entry->host()->number == 0;
  last_ = live ? stamp{last_.event_seq, last_.live_ordinal + 1} : stamp{last_.event_seq + 1, 0};
  if (state_.index.empty()) return;  // nobody waits, so nobody looks at it
  published what;
  what.entry = entry;
  what.at = last_;
  if (entry->record() != nullptr) what.number = entry == pending_created_ ? number_ - 1 : number_;
  what.run_id = run;
  what.agent_id = member != nullptr ? member->agent_id : state_.members.agent_of(run);
  what.in_scope = member != nullptr && state_.members.observable(*member);
  events_.push_back(std::move(what));
}

void draft::match(const published& what, fired_wakes& fired) const {
  const auto candidates = state_.index.candidates(what);
  if (candidates.empty()) return;
  const auto event = project_event(state_.id, what);
  for (const auto sequence : candidates) {
    const auto& wake = state_.open_wakes.at(sequence);
    if (settled_.contains(sequence) || fired.contains(wake.id())) continue;
    if (wake.due() && *wake.due() <= now_) continue;  // its timeout passed first
    if (matches(wake.filter(), event.envelope))
      fired.emplace(wake.id(), std::pair{&wake, trigger_of(event, what.at)});
  }
}

void draft::trigger_wakes() {
  if (state_.index.empty()) return;
  fired_wakes fired;
  for (const auto& what : events_) {
    if (what.in_scope && !is_wake_kind(kind_of(what))) match(what, fired);
  }
  for (auto& [id, wake] : fired) {
    auto recorded = wake.first->recorded();
    recorded.stored->registration.status = wake_registration_status::triggered;
    add(std::move(recorded), std::move(wake.second));
  }
}

decision draft::finish(answer reply) {
  decided_.reply = std::move(reply);
  return std::move(decided_);
}

}  // namespace agentpool::core
