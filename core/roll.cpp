#include "agentpool/core/roll.hpp"

#include <algorithm>
#include <utility>

namespace agentpool::core {

namespace {

template <class Key>
const member_ptr_set* find_in(const std::map<Key, member_ptr_set>& index, const Key& key) {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : &found->second;
}

template <class Key>
void erase_from(std::map<Key, member_ptr_set>& index, const Key& key, const pool_member& member) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  found->second.erase(&member);
  if (found->second.empty()) index.erase(found);
}

}  // namespace

const pool_member* roll::member(const core::run_id& run) const noexcept {
  const auto found = members_.find(run);
  return found == members_.end() ? nullptr : &*found;
}

const member_ptr_set* roll::with_agent(const core::agent_id& agent) const noexcept {
  return find_in(agents_, agent);
}

const member_ptr_set* roll::with_topic(const core::topic_id& topic) const noexcept {
  return find_in(topics_, topic);
}

std::vector<topic_id> roll::topics() const {
  std::vector<topic_id> names;
  names.reserve(topics_.size());
  for (const auto& [topic, runs] : topics_) names.push_back(topic);
  return names;
}

bool roll::observable(const pool_member& member) const noexcept {
  if (!config_) return true;
  const auto& held = member.policy_refs;
  return std::all_of(config_->policy_refs.begin(), config_->policy_refs.end(),
                     [&](const policy_ref& wanted) {
                       return std::find(held.begin(), held.end(), wanted) != held.end();
                     });
}

core::agent_id roll::agent_of(const core::run_id& run) const {
  const auto* known = known_agent(run);
  return known == nullptr ? core::agent_id{"agent.unknown"} : *known;
}

const core::agent_id* roll::known_agent(const core::run_id& run) const noexcept {
  if (const auto* now = member(run)) return &now->agent_id;
  const auto found = former_.find(run);
  return found == former_.end() ? nullptr : &found->second;
}

const pool_member& roll::put_member(const pool_member& member) {
  if (const auto before = members_.find(member.run_id); before != members_.end()) take_off(before);
  former_.erase(member.run_id);
  const auto& kept = *members_.insert(member).first;
  agents_[kept.agent_id].insert(&kept);
  for (const auto& topic : kept.topics) topics_[topic].insert(&kept);
  return kept;
}

void roll::drop_member(const core::run_id& run) {
  const auto found = members_.find(run);
  if (found == members_.end()) return;
  former_.insert_or_assign(run, found->agent_id);
  take_off(found);
}

void roll::take_off(member_set::const_iterator where) {
  erase_from(agents_, where->agent_id, *where);
  for (const auto& topic : where->topics) erase_from(topics_, topic, *where);
  members_.erase(where);
}

void roll::publish(const entry_ptr& entry, const core::run_id& run, const pool_member* member,
                   std::vector<published>& out) {
  published what;
  what.entry = entry;
  what.run_id = run;
  what.agent_id = member != nullptr ? member->agent_id : agent_of(run);
  what.in_scope = member != nullptr && observable(*member);
  const auto* host = entry->host();
  const bool live = host != nullptr && host->number == 0;
  last_ = live ? stamp{last_.event_seq, last_.live_ordinal + 1} : stamp{last_.event_seq + 1, 0};
  if (host == nullptr) what.number = ++number_;
  what.at = last_;
  out.push_back(std::move(what));
}

void roll::step_record(const entry_ptr& entry, const store_record& record,
                       std::vector<published>& out) {
  if (const auto* opened = std::get_if<pool_opened>(&record.payload)) {
    if (!config_) config_ = opened->config;
  } else if (std::holds_alternative<pool_created>(record.payload)) {
    created_ = true;
    pending_created_ = entry;
  } else if (const auto* joined = std::get_if<member_joined>(&record.payload)) {
    const auto& member = put_member(joined->member);
    if (pending_created_)
      publish(std::exchange(pending_created_, nullptr), member.run_id, &member, out);
    publish(entry, member.run_id, &member, out);
  } else if (const auto* left = std::get_if<member_left>(&record.payload)) {
    publish(entry, left->member.run_id, member(left->member.run_id), out);
    drop_member(left->member.run_id);
  } else {
    const auto& run = run_of(record.payload);
    publish(entry, run, member(run), out);
  }
}

void roll::step(const entry_ptr& entry, std::vector<published>& out) {
  // A live-only event leaves no trace in the log, so none here either.
  const bool stored = entry->record() != nullptr || entry->host()->number != 0;
  if (stored) recorded_at_millis_ = std::max(recorded_at_millis_, entry->recorded_at_millis);
  if (const auto* record = entry->record()) {
    step_record(entry, *record, out);
    position_.sequence = record->cursor.sequence;
    return;
  }
  const auto& run = entry->host()->event.envelope.run_id;
  publish(entry, run, member(run), out);
  if (stored) position_.host_events = entry->host()->number;
}

}  // namespace agentpool::core
