#include "agentpool/core/roll.hpp"

#include <algorithm>

namespace agentpool::core {

namespace {

template <class Key>
const std::set<run_id>* find_in(const std::map<Key, std::set<run_id>>& index, const Key& key) {
  const auto found = index.find(key);
  return found == index.end() ? nullptr : &found->second;
}

template <class Key>
void erase_from(std::map<Key, std::set<run_id>>& index, const Key& key, const run_id& run) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  found->second.erase(run);
  if (found->second.empty()) index.erase(found);
}

}  // namespace

const pool_member* roll::member(const core::run_id& run) const noexcept {
  const auto found = members_.find(run);
  return found == members_.end() ? nullptr : &found->second;
}

const std::set<run_id>* roll::with_agent(const core::agent_id& agent) const noexcept {
  return find_in(agents_, agent);
}

const std::set<run_id>* roll::with_topic(const core::topic_id& topic) const noexcept {
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
  const auto found = known_agents_.find(run);
  return found == known_agents_.end() ? core::agent_id{"agent.unknown"} : found->second;
}

void roll::put_member(const pool_member& member) {
  drop_member(member.run_id);
  members_.emplace(member.run_id, member);
  known_agents_.insert_or_assign(member.run_id, member.agent_id);
  agents_[member.agent_id].insert(member.run_id);
  for (const auto& topic : member.topics) topics_[topic].insert(member.run_id);
}

void roll::drop_member(const core::run_id& run) {
  const auto found = members_.find(run);
  if (found == members_.end()) return;
  erase_from(agents_, found->second.agent_id, run);
  for (const auto& topic : found->second.topics) erase_from(topics_, topic, run);
  members_.erase(found);
}

void roll::publish(const entry_ptr& entry, const core::run_id& run, bool in_scope,
                   std::vector<published>& out) {
  published what;
  what.entry = entry;
  what.run_id = run;
  what.agent_id = agent_of(run);
  what.in_scope = in_scope;
  const auto* host = entry->host();
  const bool live = host != nullptr && host->number == 0;
  last_ = live ? stamp{last_.event_seq, last_.live_ordinal + 1} : stamp{last_.event_seq + 1, 0};
  if (host == nullptr) what.number = ++number_;
  what.at = last_;
  out.push_back(std::move(what));
}

void roll::step_record(const entry_ptr& entry, const store_record& record,
                       std::vector<published>& out) {
  const auto in_scope = [this](const core::run_id& run) {
    const auto* found = member(run);
    return found != nullptr && observable(*found);
  };
  if (const auto* opened = std::get_if<pool_opened>(&record.payload)) {
    if (!config_) config_ = opened->config;
  } else if (std::holds_alternative<pool_created>(record.payload)) {
    created_ = true;
    pending_created_ = entry;
  } else if (const auto* joined = std::get_if<member_joined>(&record.payload)) {
    put_member(joined->member);
    const bool visible = observable(joined->member);
    if (pending_created_)
      publish(std::exchange(pending_created_, nullptr), joined->member.run_id, visible, out);
    publish(entry, joined->member.run_id, visible, out);
  } else if (const auto* left = std::get_if<member_left>(&record.payload)) {
    const bool visible = in_scope(left->member.run_id);
    drop_member(left->member.run_id);
    publish(entry, left->member.run_id, visible, out);
  } else {
    const auto& run = run_of(record.payload);
    publish(entry, run, in_scope(run), out);
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
  const auto* found = member(run);
  publish(entry, run, found != nullptr && observable(*found), out);
  if (stored) position_.host_events = entry->host()->number;
}

}  // namespace agentpool::core
