#include <caf/send.hpp>
#include <utility>

#include "actors/run.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/core/digest.hpp"
#include "agentpool/core/run_event.hpp"

namespace agentpool::actors {

namespace {

constexpr std::size_t name_bytes_max = 128;

/// So deep may an agent that is told of a refusal do at once what is refused again.
constexpr std::uint8_t nested_refusals_max = 32;

/// So many refusals may wait to be told, for each action of `run_actions_max`.
constexpr std::size_t refusals_a_bound = 16;

/// An id that a run that is started again makes the same, and no other run makes: "message.3.abc.x"
/// for the run "abc" and the name "x".
std::string derived(const std::string& kind, const core::run_id& run, const std::string& name) {
  const auto& text = run.text();
  const auto shown = name.size() <= name_bytes_max ? name : core::sha256_hex(name);
  return core::derived_id(kind + "." + std::to_string(text.size()) + ".", text, "." + shown);
}

/// The id given, else the one derived.
template <class Id>
Id chosen(const std::optional<Id>& given, const std::string& kind, const core::run_id& run,
          const std::string& name) {
  return given ? *given : Id{derived(kind, run, name)};
}

core::agent_error name_missing() {
  return core::contract_violation("the draft needs a name, or its ids");
}

}  // namespace

/// Has the pool do something; the answer comes back as a message of our own.
void run_desk::ask(core::command command, handler then) {
  const auto number = ++last_action_;
  unanswered_.edit().actions.emplace(number, std::move(then));
  auto call = std::make_shared<messages::pool_call>();
  call->ask = std::move(command);
  call->back = messages::reply<core::answer>{
      [self = messages::member_run_actor{self_}, number](core::outcome<core::answer> what) {
        caf::anon_send(self, messages::action_answered{number, std::move(what)});
      }};
  port_->pool()->ask_for_run(std::move(call));
}

void run_desk::on_answered(messages::action_answered& answer) {
  if (!unanswered_.changed()) return;
  auto found = unanswered_.edit().actions.extract(answer.number);
  if (!found) return;
  found.mapped()(std::move(answer.what));
  if (unanswered_->actions.empty() && unanswered_->suspending.empty()) unanswered_.reset();
  give_back(0);
  maybe_end();
}

template <class T>
void run_desk::act(core::command&& command, continuation<T> then) {
  if (ending_)
    return refuse(then, core::contract_violation("the run is ending: it can do nothing more"));
  if (unanswered_->actions.size() - unanswered_->refused >= around_->limits.run_actions_max)
    return refuse_later(std::move(then),
                        core::overloaded("too many actions of this run are not answered yet: "
                                         "run_actions_max " +
                                         std::to_string(around_->limits.run_actions_max)));
  ask(std::move(command), [this, then = std::move(then)](core::outcome<core::answer> what) {
    if (!what) return refuse(then, what.error());
    if constexpr (std::is_same_v<T, core::answer>) {
      if (then) call_agent([&] { then(*this, what); });
    } else {
      if (then) call_agent([&] { then(*this, std::get<T>(*what)); });
    }
  });
}

template <class T>
void run_desk::refuse(const continuation<T>& then, const core::agent_error& why) {
  if (then && refusals_ < nested_refusals_max) {
    ++refusals_;
    call_agent([&] { then(*this, why); });
    --refusals_;
    return;
  }
  if (!leaving_ && (!ending_ || *ending_ == run_status::completed)) end_as(run_status::failed, why);
}

/// By a message of its own, behind the answers that make room: an agent that repeats at once would
/// otherwise be called inside itself, ever deeper. What is beyond the bound of those is told now.
template <class T>
void run_desk::refuse_later(continuation<T> then, core::agent_error why) {
  const bool many = unanswered_->refused >= refusals_a_bound * around_->limits.run_actions_max;
  if (!then || many) return refuse(then, why);
  const auto number = ++last_action_;
  auto& waiting = unanswered_.edit();
  ++waiting.refused;
  waiting.actions.emplace(number, [this, then = std::move(then)](const auto& what) {
    --unanswered_.edit().refused;
    refuse(then, what.error());
  });
  self_->send(messages::member_run_actor{self_}, messages::action_answered{number, std::move(why)});
}

void run_desk::send(message_draft draft, continuation<core::message_receipt> then) {
  if (draft.name.empty() && !(draft.message_id && draft.idempotency_key))
    return refuse(then, name_missing());
  core::run_message message;
  message.message_id = chosen(draft.message_id, "message", run_id(), draft.name);
  message.idempotency_key = chosen(draft.idempotency_key, "key.message", run_id(), draft.name);
  message.from = run_id();
  message.to = core::address_of(draft.to);
  message.content_ref = std::move(draft.content_ref);
  message.correlation = std::move(draft.correlation);
  message.reply_to = std::move(draft.reply_to);
  message.response_contract = draft.response_contract;
  message.expires_at_millis = draft.expires_at_millis;
  message.policy_refs = std::move(draft.policy_refs);
  act(core::send_message{std::move(message)}, std::move(then));
}

void run_desk::reply(const core::inbox_entry& entry, core::content_ref content,
                     continuation<core::message_receipt> then) {
  message_draft draft;
  draft.name = "reply." + entry.message.message_id.text();
  draft.to = core::to_run{entry.message.from};
  draft.content_ref = std::move(content);
  draft.correlation = entry.message.correlation;
  draft.reply_to = entry.message.message_id;
  draft.policy_refs = entry.message.policy_refs;
  send(std::move(draft), std::move(then));
}

void run_desk::suspend(condition_draft draft, continuation<core::wake_registration> then) {
  if (draft.name.empty() && !(draft.condition_id && draft.idempotency_key))
    return refuse(then, name_missing());
  core::wake_condition condition;
  condition.condition_id = chosen(draft.condition_id, "condition", run_id(), draft.name);
  condition.idempotency_key = chosen(draft.idempotency_key, "key.condition", run_id(), draft.name);
  condition.run_id = run_id();
  condition.filter = std::move(draft.filter);
  if (draft.timeout)
    condition.timeout_millis =
        static_cast<std::uint64_t>(std::max<std::int64_t>(0, draft.timeout->count()));
  condition.resume_with = draft.resume_with;
  condition.policy_refs = std::move(draft.policy_refs);
  condition.after_cursor = std::move(draft.after_cursor);
  const auto id = condition.condition_id;
  if (!ending_) unanswered_.edit().suspending.try_emplace(id, false);
  act<core::wake_registration>(
      core::suspend_until{run_id(), std::move(condition)},
      [this, id, then = std::move(then)](run_context& context, const auto& registered) {
        if (registered) on_suspended(*registered);
        unanswered_.edit().suspending.erase(id);
        if (!registered) return refuse(then, registered.error());
        if (then) then(context, registered);
      });
}

/// A wake that was final in an earlier life of the run is told now: nobody told it in this one.
void run_desk::on_suspended(const core::wake_registration& registration) {
  const auto& suspending = unanswered_->suspending;
  const auto found = suspending.find(registration.condition_id);
  if (found == suspending.end() || found->second || !core::is_final(registration.status)) return;
  ask(core::read_wake{registration.condition_id}, [this](const core::outcome<core::answer>& read) {
    if (!read) return end_as(run_status::failed, read.error());
    if (const auto& notice = std::get<core::wake_report>(*read).notice) on_wake(*notice);
  });
}

void run_desk::publish(event_draft draft, continuation<core::event_published> then) {
  if (draft.name.empty() && !draft.event_id) return refuse(then, name_missing());
  auto event = run_event(draft.kind);
  auto& envelope = event.envelope;
  envelope.event_id = chosen(draft.event_id, "event", run_id(), draft.name);
  envelope.event_family = draft.family;
  if (draft.subject_ref) envelope.subject_ref = *std::move(draft.subject_ref);
  envelope.related_refs = std::move(draft.related_refs);
  envelope.correlation = std::move(draft.correlation);
  envelope.tags = std::move(draft.tags);
  envelope.delivery_semantics = draft.delivery;
  event.payload = core::envelope_only_payload{};
  if (!draft.redacted_summary.empty())
    event.payload = core::redacted_summary_payload{std::move(draft.redacted_summary), {}};
  act(core::publish_event{std::move(event)}, std::move(then));
}

void run_desk::acknowledge(std::uint64_t sequence, continuation<core::inbox_acked> then) {
  act(core::ack_inbox{run_id(), sequence}, std::move(then));
}

void run_desk::request(core::command ask, continuation<core::answer> then) {
  act(std::move(ask), std::move(then));
}

/// An event of this life of the run, named by its kind.
core::agent_event run_desk::run_event(core::event_kind kind) const {
  const std::string words{core::to_text(kind)};
  core::run_event_draft draft;
  draft.id =
      core::event_id{derived("event", run_id(), words + "." + std::to_string(join_sequence_))};
  draft.family = core::event_family::run;
  draft.kind = kind;
  draft.run = run_id();
  draft.agent = agent_id();
  draft.source = "source.sdk.run";
  draft.summary = words;
  for (auto& letter : draft.summary)
    if (letter == '_') letter = ' ';
  return core::run_event(std::move(draft), now());
}

}  // namespace agentpool::actors
