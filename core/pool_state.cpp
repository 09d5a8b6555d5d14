#include "pool_state.hpp"

#include <algorithm>

#include "agentpool/core/filter.hpp"

namespace agentpool::core {

namespace {

/// `map[key]` of a map that must have it, or null.
template <class Map>
const typename Map::mapped_type* find_in(const Map& map, const typename Map::key_type& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

constexpr std::uint8_t unknown_status = 255;

const wake_condition& condition_of(const entry_ptr& entry) {
  return std::get<wake_recorded>(entry->record()->payload).stored->condition;
}

instant due_at(std::uint64_t since_millis, std::uint64_t timeout_millis) {
  constexpr auto last = static_cast<std::uint64_t>(instant::max().time_since_epoch().count());
  return from_millis(timeout_millis > last - since_millis ? last : since_millis + timeout_millis);
}

}  // namespace

const open_contract* pool_state::contract(const message_id& key) const {
  return find_in(contracts, key);
}

const open_wake* pool_state::registered(const wake_condition_id& key) const {
  return find_in(open_wakes, key);
}

const run_state* pool_state::run(const run_id& key) const { return find_in(runs, key); }

entry_ptr pool_state::record_at(std::uint64_t sequence, const evidence& known) const {
  if (!recent_records.empty()) {
    const auto first = recent_records.front()->record()->cursor.sequence;
    if (sequence >= first && sequence - first < recent_records.size())
      return recent_records[sequence - first];
  }
  const auto found = known.records.find(sequence);
  return found == known.records.end() ? nullptr : found->second;
}

// ---- undo ---------------------------------------------------------------------------------

void pool_state::begin_group() {
  groups_.emplace_back().numbering = numbering();
  recording_ = true;
}

void pool_state::end_group() { recording_ = false; }

void pool_state::settle() {
  if (groups_.empty()) return;
  unsettled_records_ -= groups_.front().records;
  unsettled_events_ -= groups_.front().events;
  groups_.pop_front();
  trim();
}

void pool_state::take_back() {
  for (auto last = groups_.rbegin(); last != groups_.rend(); ++last) take_back(*last);
  groups_.clear();
  unsettled_records_ = 0;
  unsettled_events_ = 0;
}

void pool_state::take_back(group& last) {
  for (auto step = last.steps.rbegin(); step != last.steps.rend(); ++step) (*step)();
  recent_records.resize(recent_records.size() - last.records);
  recent_events.resize(recent_events.size() - last.events);
  auto& before = last.numbering;
  members.created_ = before.created;
  members.pending_created_ = std::move(before.pending_created);
  members.position_ = before.position;
  members.number_ = before.number;
  members.last_ = before.last;
  members.recorded_at_millis_ = before.recorded_at_millis;
}

pool_state::roll_mark pool_state::numbering() const {
  return {members.created_, members.pending_created_,   members.position_, members.number_,
          members.last_,    members.recorded_at_millis_};
}

template <class Map>
void pool_state::remember(Map& map, const typename Map::key_type& key) {
  if (!recording_) return;
  const auto found = map.find(key);
  if (found == map.end()) {
    on_undo([&map, key] { map.erase(key); });
    return;
  }
  on_undo([&map, key, before = found->second] { map.insert_or_assign(key, before); });
}

void pool_state::remember_roll(const log_entry& fact) {
  if (!recording_) return;
  const auto* record = fact.record();
  if (record != nullptr && std::holds_alternative<pool_opened>(record->payload))
    on_undo([this, config = members.config_] { members.config_ = config; });
  if (record == nullptr) return;
  const pool_member* changed = nullptr;
  if (const auto* joined = std::get_if<member_joined>(&record->payload)) changed = &joined->member;
  if (const auto* left = std::get_if<member_left>(&record->payload)) changed = &left->member;
  if (changed == nullptr) return;
  remember(members.known_agents_, changed->run_id);
  const auto* before = members.member(changed->run_id);
  if (before != nullptr) {
    on_undo([this, member = *before] {
      const auto agent = members.known_agents_.at(member.run_id);
      members.put_member(member);
      members.known_agents_.insert_or_assign(member.run_id, agent);
    });
    return;
  }
  on_undo([this, run = changed->run_id] { members.drop_member(run); });
}

// ---- apply --------------------------------------------------------------------------------

std::vector<published> pool_state::apply(const entry_ptr& fact) {
  std::vector<published> out;
  remember_roll(*fact);
  note_former_agent(*fact);
  members.step(fact, out);
  note_late_opening(*fact);
  keep_recent(fact, out);
  const auto* record = fact->record();
  if (record == nullptr) return out;
  if (const auto* joined = std::get_if<member_joined>(&record->payload)) take(*joined);
  if (const auto* left = std::get_if<member_left>(&record->payload)) take(*left);
  if (const auto* message = std::get_if<message_recorded>(&record->payload)) take(*message, fact);
  if (const auto* wake = std::get_if<wake_recorded>(&record->payload)) take(*wake, fact);
  return out;
}

void pool_state::apply(const inbox_ack& ack) {
  const auto* known = run(ack.run_id);
  if (known != nullptr && known->acked >= ack.sequence) return;
  auto& state = runs[ack.run_id];
  on_undo([this, id = ack.run_id, before = state.acked] { runs[id].acked = before; });
  state.acked = ack.sequence;
}

void pool_state::keep_recent(const entry_ptr& fact, const std::vector<published>& out) {
  if (fact->record() != nullptr) recent_records.push_back(fact);
  recent_events.insert(recent_events.end(), out.begin(), out.end());
  if (recording_) {
    const std::size_t records = fact->record() != nullptr ? 1 : 0;
    groups_.back().records += records;
    groups_.back().events += out.size();
    unsettled_records_ += records;
    unsettled_events_ += out.size();
  }
  trim();
}

// What may be taken back has to be there to be taken back, whatever the limits say.
void pool_state::trim() {
  const auto records_max = std::max(limits.recent_records, unsettled_records_);
  const auto events_max = std::max(limits.recent_events, unsettled_events_);
  while (recent_records.size() > records_max) recent_records.pop_front();
  while (recent_events.size() > events_max) {
    events_floor = recent_events.front().at;
    note_past(recent_events.front(), past, past_of(recent_events.front().run_id));
    recent_events.pop_front();
  }
}

void pool_state::take(const member_joined& joined) {
  const auto& id_of_run = joined.member.run_id;
  const bool is_new = runs.find(id_of_run) == runs.end();
  auto& state = runs[id_of_run];
  if (is_new) {
    on_undo([this, id_of_run] { runs.erase(id_of_run); });
  } else {
    on_undo([this, id_of_run, before = state.joined] { runs[id_of_run].joined = before; });
  }
  state.joined = members.last();
}

void pool_state::take(const member_left&) {
  // The roll dropped the member; its inbox and what woke it stay.
}

/// Returns the status before; 255 when it is new.
std::uint8_t pool_state::move_on(record_index& among, name_hashes names, std::uint64_t sequence,
                                 std::uint8_t status) {
  const auto known = among.find(names);
  if (!known) {
    among.add({names, sequence, status});
    on_undo([&among] { among.drop_last(); });
    return unknown_status;
  }
  const auto before = among.at(*known);
  on_undo(
      [&among, where = *known, before] { among.move(where, before.sequence(), before.status()); });
  among.move(*known, sequence, status);
  return before.status();
}

void pool_state::take(const message_recorded& recorded, const entry_ptr& fact) {
  const auto& stored = recorded.stored;
  const auto& id_of_message = stored.message->message_id;
  const auto sequence = fact->record()->cursor.sequence;
  constexpr auto delivered = static_cast<std::uint8_t>(message_status::delivered);
  const auto before = move_on(messages, names_of(*stored.message), sequence,
                              static_cast<std::uint8_t>(stored.receipt.status));
  close_contract(id_of_message);
  if (stored.receipt.status != message_status::delivered) return;
  if (stored.message->response_contract) open_contract_of(stored, fact);
  if (before == delivered) return;
  deliver(stored, fact);
  if (stored.message->reply_to) count_reply(*stored.message);
}

void pool_state::open_contract_of(const stored_message& stored, const entry_ptr& fact) {
  const auto& key = stored.message->message_id;
  open_contract made;
  made.delivered = fact;
  made.silent.insert(stored.receipt.delivered_to.begin(), stored.receipt.delivered_to.end());
  if (const auto timeout = stored.message->response_contract->timeout_millis)
    made.due = due_at(fact->recorded_at_millis, *timeout);
  if (made.due) add_due(*made.due, key);
  contracts.insert_or_assign(key, std::move(made));
  on_undo([this, key] { contracts.erase(key); });
}

void pool_state::close_contract(const message_id& key) {
  const auto found = contracts.find(key);
  if (found == contracts.end()) return;
  if (found->second.due) drop_due(*found->second.due, key);
  if (recording_) on_undo([this, key, before = found->second] { contracts.emplace(key, before); });
  contracts.erase(found);
}

void pool_state::deliver(const stored_message& stored, const entry_ptr& fact) {
  const auto sequence = fact->record()->cursor.sequence;
  for (const auto& recipient : stored.receipt.delivered_to)
    runs[recipient].inbox.push_back(sequence);
  on_undo([this, fact] {
    const auto& recorded = std::get<message_recorded>(fact->record()->payload);
    for (const auto& recipient : recorded.stored.receipt.delivered_to)
      runs[recipient].inbox.pop_back();
  });
}

void pool_state::count_reply(const run_message& reply) {
  const auto found = contracts.find(*reply.reply_to);
  if (found == contracts.end() || found->second.silent.erase(reply.from) == 0) return;
  ++found->second.replies;
  on_undo([this, asked = *reply.reply_to, run = reply.from] {
    auto& contract = contracts.at(asked);
    contract.silent.insert(run);
    --contract.replies;
  });
}

void pool_state::take(const wake_recorded& recorded, const entry_ptr& fact) {
  const auto& condition = recorded.stored->condition;
  const auto status = recorded.stored->registration.status;
  move_on(wakes, names_of(condition), fact->record()->cursor.sequence,
          static_cast<std::uint8_t>(status));
  forget_wake(condition.condition_id);
  if (status == wake_registration_status::triggered) note_woken(recorded, *fact);
  if (status == wake_registration_status::registered) await(condition, fact);
}

void pool_state::await(const wake_condition& condition, const entry_ptr& fact) {
  const auto& key = condition.condition_id;
  open_wake made{condition.run_id, fact, std::nullopt};
  if (condition.timeout_millis)
    made.due = due_at(fact->recorded_at_millis, *condition.timeout_millis);
  if (made.due) add_due(*made.due, key);
  open_wakes.insert_or_assign(key, std::move(made));
  index.insert(key, condition.filter);
  runs[condition.run_id].waiting.insert(key);
  on_undo([this, key, filter = condition.filter, waiter = condition.run_id] {
    open_wakes.erase(key);
    index.erase(key, filter);
    runs[waiter].waiting.erase(key);
  });
}

void pool_state::forget_wake(const wake_condition_id& key) {
  const auto found = open_wakes.find(key);
  if (found == open_wakes.end()) return;
  const auto& wake = found->second;
  const auto& filter = condition_of(wake.registered).filter;
  index.erase(key, filter);
  runs[wake.run_id].waiting.erase(key);
  if (wake.due) drop_due(*wake.due, key);
  if (recording_) {
    on_undo([this, key, before = wake] {
      index.insert(key, condition_of(before.registered).filter);
      runs[before.run_id].waiting.insert(key);
      open_wakes.emplace(key, before);
    });
  }
  open_wakes.erase(found);
}

void pool_state::note_woken(const wake_recorded& recorded, const log_entry& fact) {
  const auto& condition = recorded.stored->condition;
  auto& woken = runs[condition.run_id].woken;
  const auto print = core::fingerprint(condition.filter);
  // Another program's record does not say which event it was: the one right before the record.
  const stamp at = fact.triggered_by
                       ? stamp{fact.triggered_by->event_seq, fact.triggered_by->live_ordinal}
                       : stamp{members.last().event_seq - 1, 0};
  const auto found = woken.find(print);
  std::optional<stamp> before;
  if (found != woken.end()) before = found->second;
  on_undo([this, waiter = condition.run_id, print, before] {
    auto& again = runs[waiter].woken;
    if (before) again.insert_or_assign(print, *before);
    if (!before) again.erase(print);
  });
  woken.insert_or_assign(print, at);
}

void pool_state::add_due(instant at, const due_key& key) {
  dues.emplace(at, key);
  on_undo([this, at, key] { dues.erase({at, key}); });
}

void pool_state::drop_due(instant at, const due_key& key) {
  dues.erase({at, key});
  on_undo([this, at, key] { dues.emplace(at, key); });
}

}  // namespace agentpool::core
