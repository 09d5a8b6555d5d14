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

}  // namespace

const open_contract* pool_state::contract(const message_id& key) const {
  return find_in(contracts, key);
}

const open_wake* pool_state::registered(const wake_condition_id& key) const {
  if (open_wakes.empty()) return nullptr;
  std::vector<std::uint64_t> latest;
  wakes.with_id(stable_hash(key.text()), latest);
  for (const auto sequence : latest) {
    const auto* wake = find_in(open_wakes, sequence);
    if (wake != nullptr && wake->id() == key.text()) return wake;
  }
  return nullptr;
}

std::vector<const open_wake*> pool_state::waiting(const run_id& key) const {
  std::vector<const open_wake*> found;
  for (const auto sequence : index.waiting(key.text())) {
    const auto& wake = open_wakes.at(sequence);
    if (wake.run() == key.text()) found.push_back(&wake);
  }
  std::sort(found.begin(), found.end(),
            [](const open_wake* a, const open_wake* b) { return a->id() < b->id(); });
  return found;
}

std::optional<instant> pool_state::next_due() const {
  std::optional<instant> next;
  if (!dues.empty()) next = dues.begin()->first;
  if (!wake_dues.empty() && (!next || wake_dues.begin()->first < *next))
    next = wake_dues.begin()->first;
  return next;
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
  remember(members.former_, changed->run_id);
  if (const auto* before = members.member(changed->run_id)) {
    on_undo([this, member = *before] { members.put_member(member); });
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
  state.joined = members.last().event_seq;
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
    runs[recipient].dealings.edit().inbox.push_back(sequence);
  on_undo([this, fact] {
    const auto& recorded = std::get<message_recorded>(fact->record()->payload);
    for (const auto& recipient : recorded.stored.receipt.delivered_to)
      runs[recipient].dealings.edit().inbox.pop_back();
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
  const auto* open = registered(condition.condition_id);
  move_on(wakes, names_of(condition), fact->record()->cursor.sequence,
          static_cast<std::uint8_t>(status));
  if (open != nullptr) forget_wake(*open);
  if (status == wake_registration_status::triggered) note_woken(recorded, *fact);
  if (status == wake_registration_status::registered) await(*fact);
}

void pool_state::await(const log_entry& registered) {
  const auto sequence = registered.record()->cursor.sequence;
  list(open_wakes.try_emplace(sequence, registered).first->second);
  on_undo([this, sequence] {
    const auto found = open_wakes.find(sequence);
    unlist(found->second);
    open_wakes.erase(found);
  });
}

void pool_state::forget_wake(const open_wake& wake) {
  unlist(wake);
  auto taken = open_wakes.extract(wake.sequence());
  if (!recording_) return;
  on_undo([this, taken = std::make_shared<wake_map::node_type>(std::move(taken))] {
    list(open_wakes.insert(std::move(*taken)).position->second);
  });
}

void pool_state::list(const open_wake& wake) {
  index.insert(wake);
  if (wake.due()) wake_dues.emplace(*wake.due(), wake.sequence());
}

void pool_state::unlist(const open_wake& wake) {
  index.erase(wake);
  if (wake.due()) wake_dues.erase({*wake.due(), wake.sequence()});
}

void pool_state::note_woken(const wake_recorded& recorded, const log_entry& fact) {
  const auto& condition = recorded.stored->condition;
  auto& woken = runs[condition.run_id].dealings.edit().woken;
  const auto print = core::fingerprint(condition.filter);
  // Another program's record does not say which event it was: the one right before the record.
  const stamp at = fact.triggered_by
                       ? stamp{fact.triggered_by->event_seq, fact.triggered_by->live_ordinal}
                       : stamp{members.last().event_seq - 1, 0};
  const auto found = woken.find(print);
  std::optional<stamp> before;
  if (found != woken.end()) before = found->second;
  on_undo([this, waiter = condition.run_id, print, before] {
    auto& again = runs[waiter].dealings.edit().woken;
    if (before) again.insert_or_assign(print, *before);
    if (!before) again.erase(print);
  });
  woken.insert_or_assign(print, at);
}

void pool_state::add_due(instant at, const message_id& key) {
  dues.emplace(at, key);
  on_undo([this, at, key] { dues.erase({at, key}); });
}

void pool_state::drop_due(instant at, const message_id& key) {
  dues.erase({at, key});
  on_undo([this, at, key] { dues.emplace(at, key); });
}

}  // namespace agentpool::core
