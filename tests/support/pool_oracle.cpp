#include "pool_oracle.hpp"

#include <algorithm>
#include <utility>

#include "agentpool/core/filter.hpp"
#include "agentpool/core/json.hpp"

namespace agentpool::support {

namespace {

using members = std::map<core::run_id, core::pool_member>;

const core::store_payload* payload_of(const core::published& what) {
  const auto* record = what.entry->record();
  return record == nullptr ? nullptr : &record->payload;
}

template <class Payload>
const Payload* payload_in(const core::published& what) {
  const auto* payload = payload_of(what);
  return payload == nullptr ? nullptr : std::get_if<Payload>(payload);
}

std::uint64_t sequence_of(const core::published& what) {
  return what.entry->record()->cursor.sequence;
}

bool holds(const std::vector<core::policy_ref>& held, const std::vector<core::policy_ref>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& ref) {
    return std::count(held.begin(), held.end(), ref) > 0;
  });
}

void follow(members& now, const core::published& what) {
  if (const auto* joined = payload_in<core::member_joined>(what))
    now.insert_or_assign(joined->member.run_id, joined->member);
  if (const auto* left = payload_in<core::member_left>(what)) now.erase(left->member.run_id);
}

bool named(const core::run_message& message, const core::pool_member& member,
           const core::pool_id& pool, const core::pool_config& config) {
  const auto& target = message.to.target;
  if (const auto* run = std::get_if<core::to_run>(&target)) return run->run_id == member.run_id;
  if (const auto* agent = std::get_if<core::to_agent>(&target))
    return agent->agent_id == member.agent_id;
  if (const auto* topic = std::get_if<core::to_topic>(&target))
    return std::count(member.topics.begin(), member.topics.end(), topic->topic_id) > 0;
  if (std::get<core::to_pool>(target).pool_id != pool) return false;
  return member.run_id != message.from || config.message_policy.include_sender_in_pool_broadcast;
}

/// How a wake condition went, and how it had to go.
struct waiting {
  core::wake_condition condition;
  core::stamp start;
  std::uint64_t registered_at = 0;
  std::optional<core::wake_registration_status> ended;
  std::optional<core::trigger> first;  ///< The first matching event, unless too late.

  [[nodiscard]] bool too_late(std::uint64_t at) const {
    return condition.timeout_millis && at - registered_at >= *condition.timeout_millis;
  }
};

/// Walks a log and follows starting points and wakes.
struct watch {
  const core::pool_id& pool;
  std::map<core::run_id, core::stamp> joined;
  std::map<std::pair<core::run_id, std::string>, core::stamp> woken;
  std::map<core::wake_condition_id, waiting> wakes;
  std::vector<const core::published*> seen;
  std::string wrong;

  [[nodiscard]] core::stamp start_of(const core::run_id& run,
                                     const core::event_filter& filter) const {
    const auto found = woken.find({run, core::to_json(filter)});
    return found == woken.end() ? joined.at(run) : found->second;
  }

  [[nodiscard]] core::stamp start_of(const core::wake_condition& condition) const {
    if (!condition.after_cursor) return start_of(condition.run_id, condition.filter);
    for (const auto* what : seen)
      if (core::project_event(pool, *what).envelope.event_id == condition.after_cursor->event_id)
        return what->at;
    return {condition.after_cursor->event_seq, 0};
  }

  [[nodiscard]] bool matches(const core::published& what, const waiting& wake) const {
    if (!what.in_scope || what.at <= wake.start) return false;
    const auto envelope = core::project_event(pool, what).envelope;
    return !core::is_wake_kind(envelope.event_kind) &&
           core::matches(wake.condition.filter, envelope);
  }

  void offer(const core::published& what) {
    for (auto& [id, wake] : wakes) {
      if (wake.ended || wake.first || wake.too_late(what.entry->recorded_at_millis)) continue;
      if (matches(what, wake)) wake.first = trigger_of(core::project_event(pool, what), what.at);
    }
  }

  void begin(const core::wake_recorded& recorded, std::uint64_t at) {
    waiting wake{recorded.stored->condition, start_of(recorded.stored->condition), at, {}, {}};
    const bool at_once = wake.condition.timeout_millis == std::uint64_t{0};
    for (const auto* what : seen) {
      if (at_once || wake.first) break;
      if (matches(*what, wake)) wake.first = trigger_of(core::project_event(pool, *what), what->at);
    }
    if (!wakes.emplace(wake.condition.condition_id, wake).second) wrong += "registered twice\n";
  }

  void end(const core::wake_recorded& recorded, const core::log_entry& entry) {
    const auto& registration = recorded.stored->registration;
    auto& wake = wakes.at(registration.condition_id);
    const auto name = registration.condition_id.text() + " ";
    if (wake.ended) wrong += name + "ended twice\n";
    wake.ended = registration.status;
    if (registration.status == core::wake_registration_status::triggered) {
      if (wake.first != entry.triggered_by) wrong += name + "not the first match\n";
      woken[{wake.condition.run_id, core::to_json(wake.condition.filter)}] = {
          entry.triggered_by->event_seq, entry.triggered_by->live_ordinal};
      return;
    }
    if (wake.first) wrong += name + "ended although an event matched\n";
    if (registration.status == core::wake_registration_status::timed_out &&
        !wake.too_late(entry.recorded_at_millis))
      wrong += name + "timed out too early\n";
  }

  void follow(const core::published& what) {
    if (payload_in<core::member_joined>(what)) joined[what.run_id] = what.at;
    if (const auto* wake = payload_in<core::wake_recorded>(what)) {
      if (wake->stored->registration.status == core::wake_registration_status::registered)
        begin(*wake, what.entry->recorded_at_millis);
      else
        end(*wake, *what.entry);
    }
    seen.push_back(&what);
    offer(what);
  }
};

/// A delivered message that waits for replies.
struct asking {
  core::stored_message stored;
  std::uint64_t delivered_at = 0;
  std::set<core::run_id> replied;

  /// The reply counts, and is the last one needed.
  bool completed_by(const core::run_message& reply, std::uint64_t at) {
    const auto& to = stored.receipt.delivered_to;
    if (std::count(to.begin(), to.end(), reply.from) == 0) return false;
    if (!replied.insert(reply.from).second) return false;
    const auto& contract = *stored.message->response_contract;
    const bool late = contract.timeout_millis && at - delivered_at >= *contract.timeout_millis;
    return !late && replied.size() == contract.expected_responses;
  }
};

}  // namespace

std::string pool_oracle::wrong_responses() const {
  std::map<core::message_id, asking> open;
  std::optional<core::message_id> due;  // must be responded by the very next record
  std::string wrong;
  for (const auto& what : published) {
    const auto* recorded = payload_in<core::message_recorded>(what);
    const auto now_due = std::exchange(due, std::nullopt);
    const bool responded =
        recorded != nullptr && recorded->stored.receipt.status == core::message_status::responded;
    if (now_due && !(responded && recorded->stored.message->message_id == *now_due))
      wrong += now_due->text() + " got its replies and is not responded\n";
    if (recorded == nullptr) continue;
    const auto& message = *recorded->stored.message;
    open.erase(message.message_id);
    if (recorded->stored.receipt.status != core::message_status::delivered) continue;
    const auto at = what.entry->recorded_at_millis;
    if (message.response_contract)
      open.emplace(message.message_id, asking{recorded->stored, at, {}});
    if (!message.reply_to || !open.contains(*message.reply_to)) continue;
    if (open.at(*message.reply_to).completed_by(message, at)) due = message.reply_to;
  }
  if (due) wrong += due->text() + " got its replies and is not responded\n";
  return wrong;
}

std::string pool_oracle::wrong_statuses() const {
  std::map<core::message_id, core::message_status> last;
  std::string wrong;
  for (const auto& what : published) {
    const auto* message = payload_in<core::message_recorded>(what);
    if (message == nullptr) continue;
    const auto& receipt = message->stored.receipt;
    const auto before = last.find(receipt.message_id);
    if (before != last.end() &&
        (core::is_final(before->second) || receipt.status <= before->second))
      wrong += receipt.message_id.text() + " from " + std::string{to_text(before->second)} +
               " to " + std::string{to_text(receipt.status)} + "\n";
    last.insert_or_assign(receipt.message_id, receipt.status);
  }
  return wrong;
}

std::string pool_oracle::wrong_recipients() const {
  members now;
  std::string wrong;
  for (const auto& what : published) {
    follow(now, what);
    const auto* recorded = payload_in<core::message_recorded>(what);
    if (recorded == nullptr) continue;
    const auto& message = *recorded->stored.message;
    const auto& receipt = recorded->stored.receipt;
    if (receipt.status != core::message_status::delivered &&
        receipt.status != core::message_status::accepted)
      continue;
    std::vector<core::run_id> expected;
    for (const auto& [run, member] : now)
      if (named(message, member, pool, config) && holds(member.policy_refs, message.policy_refs) &&
          holds(message.policy_refs, config.message_policy.required_policy_refs))
        expected.push_back(run);
    if (expected.empty() || expected != receipt.delivered_to)
      wrong += "recipients of " + message.message_id.text() + "\n";
  }
  return wrong;
}

std::string pool_oracle::wrong_wakes() const {
  watch all{pool, {}, {}, {}, {}, {}};
  for (const auto& what : published) all.follow(what);
  for (const auto& [id, wake] : all.wakes)
    if (!wake.ended && wake.first)
      all.wrong += id.text() + " waits although " + wake.first->event_id.text() + " matched\n";
  return all.wrong;
}

std::vector<core::event_id> pool_oracle::unseen(const core::run_id& run,
                                                const core::event_filter& filter) const {
  watch all{pool, {}, {}, {}, {}, {}};
  for (const auto& what : published) all.follow(what);
  std::vector<core::event_id> ids;
  if (!all.joined.contains(run)) return ids;
  waiting wake;
  wake.condition.filter = filter;
  wake.start = all.start_of(run, filter);
  for (const auto* what : all.seen)
    if (all.matches(*what, wake)) ids.push_back(core::project_event(pool, *what).envelope.event_id);
  return ids;
}

std::string pool_oracle::wrong_scopes() const {
  members now;
  std::string wrong;
  for (const auto& what : published) {
    auto then = now;
    follow(now, what);
    const bool own = payload_in<core::member_joined>(what) != nullptr;
    const bool created = payload_in<core::pool_created>(what) != nullptr;
    if (created) continue;  // the join that follows tells
    const auto& at = own ? now : then;
    const auto member = at.find(what.run_id);
    const bool visible =
        member != at.end() && holds(member->second.policy_refs, config.policy_refs);
    if (visible != what.in_scope)
      wrong += "scope of " + core::project_event(pool, what).envelope.event_id.text() + "\n";
  }
  return wrong;
}

std::string pool_oracle::wrong_numbers(const std::vector<core::entry_ptr>& log) const {
  std::string wrong;
  core::roll roll;
  std::uint64_t journal = 0;
  std::uint64_t events = 0;
  std::uint64_t sequence = 0;
  for (const auto& entry : log) {
    if (const auto* record = entry->record())
      if (record->cursor.sequence != ++sequence) wrong += "a gap in the records\n";
    std::vector<core::published> out;
    roll.step(entry, out);
    for (const auto& what : out) {
      const auto envelope = core::project_event(pool, what).envelope;
      if (envelope.event_seq != ++events) wrong += "a gap in the events\n";
      if (what.entry->record() == nullptr) continue;
      const auto record = core::project_journal(pool, what, roll);
      const auto cursor = "journal." + std::to_string(++journal);
      if (record.journal_seq != journal || record.journal_seq + 1 != sequence_of(what))
        wrong += "a gap in the journal\n";
      if (envelope.journal_cursor != core::journal_cursor{cursor} ||
          envelope.event_id.text() !=
              "event.agent_pool." + pool.text() + "." + std::to_string(journal) ||
          record.event_index.event_kind != to_text(envelope.event_kind) ||
          record.run_id != envelope.run_id || record.agent_id != envelope.agent_id ||
          record.subject_ref != envelope.subject_ref)
        wrong += "journal and event " + cursor + " disagree\n";
      if (const auto* message = payload_in<core::message_recorded>(what))
        if (message->stored.receipt.journal_cursor != core::journal_cursor{cursor})
          wrong += "the receipt's cursor is not " + cursor + "\n";
    }
  }
  return wrong;
}

std::map<core::run_id, std::string> pool_oracle::inboxes() const {
  std::map<core::run_id, std::string> inboxes;
  for (const auto& what : published) {
    const auto* message = payload_in<core::message_recorded>(what);
    if (message == nullptr || message->stored.receipt.status != core::message_status::delivered)
      continue;
    for (const auto& run : message->stored.receipt.delivered_to)
      inboxes[run] += std::to_string(sequence_of(what)) + ":" +
                      message->stored.message->message_id.text() + " ";
  }
  return inboxes;
}

std::map<core::message_id, core::stored_message> pool_oracle::messages() const {
  std::map<core::message_id, core::stored_message> latest;
  for (const auto& what : published)
    if (const auto* message = payload_in<core::message_recorded>(what))
      latest.insert_or_assign(message->stored.message->message_id, message->stored);
  return latest;
}

}  // namespace agentpool::support
