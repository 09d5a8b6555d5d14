#include <algorithm>

#include "agentpool/core/addressing.hpp"
#include "decide.hpp"

namespace agentpool::core {

namespace {

std::vector<entity_ref> about(const message_id& id) {
  return {entity(entity_kind::message, id.text())};
}

bool holds_all(const std::vector<policy_ref>& held, const std::vector<policy_ref>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const policy_ref& ref) {
    return std::find(held.begin(), held.end(), ref) != held.end();
  });
}

/// The members that `to` names now, sorted by run id, whatever policies say.
std::vector<const pool_member*> named_by(const run_message& message, const pool_state& state) {
  const auto& roll = state.members;
  std::vector<const pool_member*> named;
  const auto add_all = [&](const member_ptr_set* members) {
    if (members != nullptr) named.assign(members->begin(), members->end());
  };
  if (const auto* one = std::get_if<to_run>(&message.to.target)) {
    if (const auto* member = roll.member(one->run_id)) named.push_back(member);
  } else if (const auto* agent = std::get_if<to_agent>(&message.to.target)) {
    add_all(roll.with_agent(agent->agent_id));
  } else if (const auto* topic = std::get_if<to_topic>(&message.to.target)) {
    add_all(roll.with_topic(topic->topic_id));
  } else if (std::get<to_pool>(message.to.target).pool_id == state.id) {
    const bool with_sender = roll.config()->message_policy.include_sender_in_pool_broadcast;
    for (const auto& member : roll.members())
      if (with_sender || member.run_id != message.from) named.push_back(&member);
  }
  return named;
}

/// Whom the message reaches, sorted; empty when policies or the address leave nobody.
std::vector<run_id> recipients(const run_message& message, const pool_state& state) {
  const auto& required = state.members.config()->message_policy.required_policy_refs;
  std::vector<run_id> reached;
  if (!holds_all(message.policy_refs, required)) return reached;
  for (const auto* member : named_by(message, state))
    if (holds_all(member->policy_refs, message.policy_refs)) reached.push_back(member->run_id);
  return reached;
}

message_recorded as_of(const shared<run_message>& message, message_status status,
                       std::vector<run_id> delivered_to) {
  return {{message, {message->message_id, status, std::move(delivered_to), {}}}};
}

const stored_message& stored_in(const entry_ptr& entry) {
  return std::get<message_recorded>(entry->record()->payload).stored;
}

/// The message that this reply completes, if it does: the record that delivered it.
entry_ptr completed_by(const run_message& reply, const situation& at) {
  if (!reply.reply_to) return nullptr;
  const auto* contract = at.state.contract(*reply.reply_to);
  if (contract == nullptr) return nullptr;
  if (contract->due && *contract->due <= at.now) return nullptr;
  if (!contract->silent.contains(reply.from)) return nullptr;
  const auto& wanted = *stored_in(contract->delivered).message->response_contract;
  const bool enough = contract->replies + 1 >= wanted.expected_responses;
  return enough ? contract->delivered : nullptr;
}

/// Why an id cannot be used for a message whose key is new; nothing when it can.
std::optional<pool::verdict> id_taken(const run_message& message, const situation& at) {
  auto by_id = at.state.message(message.message_id, at.known);
  if (auto* unread = std::get_if<missing>(&by_id)) return std::move(*unread);
  if (std::get<entry_ptr>(by_id))
    return invalid_transition("message_id was used with another idempotency_key, " +
                                  message.message_id.text() + ": use a new id",
                              about(message.message_id));
  if (at.state.messages.find(names_of(message)))
    return invalid_transition(
        "message_id and idempotency_key have the hashes of another message's: use new ones",
        about(message.message_id));
  return std::nullopt;
}

/// W3C trace context says how a request travelled, and `sender.` who carried it, not what it asks:
/// a retry has another one.
bool is_of_the_way(const correlation_entry& entry) {
  const auto& key = entry.key.text();
  return key == "traceparent" || key == "tracestate" || key.starts_with("sender.");
}

run_message without_the_way(run_message message) {
  std::erase_if(message.correlation.entries, is_of_the_way);
  return message;
}

/// Whether both are the same message, sent twice.
bool same_message(const run_message& a, const run_message& b) {
  return a == b || without_the_way(a) == without_the_way(b);
}

/// Nothing when neither key nor id was used before.
std::optional<pool::verdict> repeated(const run_message& message, const situation& at) {
  auto by_key = at.state.message(message.idempotency_key, at.known);
  if (auto* unread = std::get_if<missing>(&by_key)) return std::move(*unread);
  const auto& entry = std::get<entry_ptr>(by_key);
  if (!entry) return id_taken(message, at);
  const auto& stored = stored_in(entry);
  if (!same_message(*stored.message, message))
    return invalid_transition("idempotency_key was used by another message, " +
                                  stored.message->message_id.text() + ": use a new key",
                              about(stored.message->message_id));
  return only_answer(stored.receipt);
}

/// The latest record of the message, or why it cannot move on to `status`.
std::variant<entry_ptr, pool::verdict> movable(const message_id& id, message_status status,
                                               const situation& at) {
  auto latest = at.state.message(id, at.known);
  if (auto* unread = std::get_if<missing>(&latest)) return pool::verdict{std::move(*unread)};
  auto& entry = std::get<entry_ptr>(latest);
  if (!entry) return pool::verdict{contract_violation("no such message in this pool", about(id))};
  const auto before = stored_in(entry).receipt.status;
  if (is_final(before))
    return pool::verdict{invalid_transition(
        "the message is final already (" + std::string{to_text(before)} + ")", about(id))};
  if (status <= before)
    return pool::verdict{invalid_transition(
        "the message is " + std::string{to_text(before)} + " already: a status only moves forward",
        about(id))};
  return std::move(entry);
}

/// Adds `responded` of the message that the reply, delivered now, completes.
void complete(const run_message& reply, draft& made, const situation& at) {
  const auto asked = completed_by(reply, at);
  if (!asked) return;
  const auto& stored = stored_in(asked);
  made.add(as_of(stored.message, message_status::responded, stored.receipt.delivered_to));
}

pool::verdict move_on(const entry_ptr& latest, message_status status,
                      std::vector<run_id> delivered_to, const situation& at) {
  const auto message = stored_in(latest).message;
  draft made{at.state, at.now};
  made.add(as_of(message, status, std::move(delivered_to)));
  const auto receipt = made.receipt();
  if (status == message_status::delivered) complete(*message, made, at);
  made.trigger_wakes();
  return made.finish(receipt);
}

}  // namespace

pool::verdict decide_on(const send_message& ask, const situation& at) {
  const auto& message = *ask.message;
  if (auto before = repeated(message, at)) return std::move(*before);
  if (message.response_contract && message.response_contract->expected_responses == 0)
    return contract_violation("response_contract.expected_responses must be at least 1",
                              about(message.message_id));
  if (at.state.members.member(message.from) == nullptr) return not_a_member(message.from);
  draft made{at.state, at.now};
  const auto end_with = [&](message_status status, std::vector<run_id> to) {
    made.add(as_of(ask.message, status, std::move(to)));
  };
  if (message.expires_at_millis && to_millis(at.now) >= *message.expires_at_millis) {
    end_with(message_status::expired, {});
  } else if (auto reached = recipients(message, at.state); reached.empty()) {
    end_with(message_status::failed, {});
  } else {
    end_with(message_status::accepted, reached);
    end_with(message_status::delivered, std::move(reached));
  }
  auto receipt = made.receipt();
  if (receipt.status == message_status::delivered) complete(message, made, at);
  made.trigger_wakes();
  return made.finish(std::move(receipt));
}

pool::verdict decide_on(const cancel_message& ask, const situation& at) {
  auto latest = movable(ask.message_id, message_status::cancelled, at);
  if (auto* refused = std::get_if<pool::verdict>(&latest)) return std::move(*refused);
  const auto& entry = std::get<entry_ptr>(latest);
  return move_on(entry, message_status::cancelled, stored_in(entry).receipt.delivered_to, at);
}

pool::verdict decide_on(const record_message_status& ask, const situation& at) {
  auto latest = movable(ask.message_id, ask.status, at);
  if (auto* refused = std::get_if<pool::verdict>(&latest)) return std::move(*refused);
  const auto& entry = std::get<entry_ptr>(latest);
  auto to = ask.delivered_to ? *ask.delivered_to : stored_in(entry).receipt.delivered_to;
  std::sort(to.begin(), to.end());
  to.erase(std::unique(to.begin(), to.end()), to.end());
  for (const auto& run : to)
    if (at.state.run(run) == nullptr)
      return contract_violation("delivered_to names a run that never joined this pool",
                                {entity(entity_kind::run, run.text())});
  return move_on(entry, ask.status, std::move(to), at);
}

namespace {

/// Up to this many timeouts are recorded as one.
constexpr std::size_t dues_max = 1000;

/// What is due, messages and wakes by their ids.
struct due_now {
  std::vector<message_id> messages;
  std::vector<const open_wake*> wakes;
};

/// The earliest, of one moment messages before wakes.
due_now what_is_due(const situation& at) {
  due_now due;
  const auto& messages = at.state.dues;
  const auto& wakes = at.state.wake_dues;
  auto message = messages.begin();
  auto wake = wakes.begin();
  while (due.messages.size() + due.wakes.size() < dues_max) {
    const bool message_is_due = message != messages.end() && message->first <= at.now;
    const bool wake_is_due = wake != wakes.end() && wake->first <= at.now;
    if (!message_is_due && !wake_is_due) break;
    if (message_is_due && (!wake_is_due || message->first <= wake->first)) {
      due.messages.push_back((message++)->second);
    } else {
      due.wakes.push_back(&at.state.open_wakes.at((wake++)->second));
    }
  }
  std::sort(due.messages.begin(), due.messages.end());
  std::sort(due.wakes.begin(), due.wakes.end(),
            [](const open_wake* a, const open_wake* b) { return a->id() < b->id(); });
  return due;
}

}  // namespace

pool::verdict decide_on(const expire_due&, const situation& at) {
  const auto due = what_is_due(at);
  draft made{at.state, at.now};
  for (const auto& id : due.messages) {
    const auto& stored = stored_in(at.state.contract(id)->delivered);
    made.add(as_of(stored.message, message_status::timed_out, stored.receipt.delivered_to));
  }
  for (const auto* wake : due.wakes) {
    auto recorded = wake->recorded();
    recorded.stored->registration.status = wake_registration_status::timed_out;
    made.add(std::move(recorded));
    made.exclude(*wake);
  }
  made.trigger_wakes();
  return made.finish(dues_expired{});
}

}  // namespace agentpool::core
