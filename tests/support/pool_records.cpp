#include "pool_records.hpp"

#include <utility>

#include "agentpool/core/addressing.hpp"

namespace agentpool::support {

namespace {

std::string agent_for(const std::string& run) { return "agent." + run.substr(run.find('.') + 1); }

template <class Ids>
std::string listed(const Ids& ids) {
  std::string text;
  for (const auto& id : ids) text += " " + id.text();
  return text;
}

std::string in_words(const core::store_payload& payload) {
  if (const auto* joined = std::get_if<core::member_joined>(&payload))
    return "joined " + joined->member.run_id.text();
  if (const auto* left = std::get_if<core::member_left>(&payload))
    return "left " + left->member.run_id.text();
  if (const auto* message = std::get_if<core::message_recorded>(&payload)) {
    const auto& receipt = message->stored.receipt;
    std::string text = "message " + receipt.message_id.text() + " ";
    text += to_text(receipt.status);
    return receipt.delivered_to.empty() ? text : text + " to" + listed(receipt.delivered_to);
  }
  if (const auto* wake = std::get_if<core::wake_recorded>(&payload)) {
    const auto& registration = wake->stored->registration;
    return "wake " + registration.condition_id.text() + " " +
           std::string{to_text(registration.status)};
  }
  return std::holds_alternative<core::pool_opened>(payload) ? "opened" : "created";
}

core::agent_event event_of(const std::string& id, const std::string& run, core::event_kind kind) {
  core::agent_event event;
  auto& envelope = event.envelope;
  envelope.schema_version = 1;
  envelope.event_id = core::event_id{id};
  envelope.event_family = core::event_family::tool;
  envelope.event_kind = kind;
  envelope.payload_schema_version = 1;
  envelope.timestamp = "2026-01-01T00:00:00.000Z";
  envelope.recorded_at = envelope.timestamp;
  envelope.run_id = core::run_id{run};
  envelope.agent_id = core::agent_id{agent_for(run)};
  envelope.trace_id = core::trace_id{"trace.host"};
  envelope.span_id = core::span_id{"span.host"};
  envelope.subject_ref = core::entity(core::entity_kind::run, run);
  envelope.source.kind = core::source_kind::host;
  envelope.source.id = core::source_id{"source.host"};
  envelope.privacy = core::privacy_class::content_refs_only;
  envelope.redaction_policy_id = "redaction.host";
  envelope.runtime_package_fingerprint = "package.host";
  event.payload = core::redacted_summary_payload{"summary of " + id, {}};
  return event;
}

}  // namespace

core::policy_ref permission(const std::string& id) {
  return {core::policy_kind::permission, core::policy_id{id}, {}};
}

std::vector<core::policy_ref> permissions(std::initializer_list<const char*> ids) {
  std::vector<core::policy_ref> refs;
  for (const auto* id : ids) refs.push_back(permission(id));
  return refs;
}

core::pool_member member(const std::string& run, std::initializer_list<const char*> topics,
                         std::initializer_list<const char*> policies) {
  core::pool_member made;
  made.run_id = core::run_id{run};
  made.agent_id = core::agent_id{agent_for(run)};
  made.policy_refs = permissions(policies);
  for (const auto* topic : topics) made.topics.emplace_back(topic);
  return made;
}

core::pool_member member_of(const std::string& agent, const std::string& run) {
  auto made = member(run);
  made.agent_id = core::agent_id{agent};
  return made;
}

core::join_run join(const std::string& run, std::initializer_list<const char*> topics,
                    std::initializer_list<const char*> policies) {
  return {member(run, topics, policies)};
}

core::run_message message(const std::string& id, const std::string& from,
                          const core::run_address_target& to) {
  core::run_message made;
  made.message_id = core::message_id{id};
  made.from = core::run_id{from};
  made.to = core::address_of(to);
  made.content_ref = core::content_ref{"content." + id};
  made.idempotency_key = core::idempotency_key{"key." + id};
  return made;
}

core::run_message message(const std::string& id, const std::string& from, const std::string& to) {
  return message(id, from, core::to_run{core::run_id{to}});
}

core::run_message reply(const std::string& id, const std::string& from, const std::string& to,
                        const std::string& reply_to) {
  auto made = message(id, from, to);
  made.reply_to = core::message_id{reply_to};
  return made;
}

core::run_message question(const std::string& id, const std::string& from,
                           const core::run_address_target& to, std::uint32_t expected) {
  auto made = message(id, from, to);
  made.response_contract = core::response_contract{expected, {}};
  return made;
}

core::event_filter any_event() { return {}; }

core::event_filter of_kinds(std::vector<core::event_kind> kinds) {
  core::event_filter filter;
  filter.kinds.include = std::move(kinds);
  return filter;
}

core::wake_condition condition(const std::string& id, const std::string& run,
                               core::event_filter filter) {
  core::wake_condition made;
  made.condition_id = core::wake_condition_id{id};
  made.run_id = core::run_id{run};
  made.filter = std::move(filter);
  made.idempotency_key = core::idempotency_key{"key." + id};
  return made;
}

core::suspend_until suspend(core::wake_condition condition) {
  auto run = condition.run_id;
  return {std::move(run), std::move(condition)};
}

core::suspend_until suspend(const std::string& id, const std::string& run,
                            core::event_filter filter) {
  return suspend(condition(id, run, std::move(filter)));
}

core::agent_event stored_event(const std::string& id, const std::string& run,
                               core::event_kind kind) {
  auto event = event_of(id, run, kind);
  event.envelope.delivery_semantics = core::event_delivery_semantics::journal_backed;
  return event;
}

core::agent_event live_event(const std::string& id, const std::string& run, core::event_kind kind) {
  auto event = event_of(id, run, kind);
  event.envelope.delivery_semantics = core::event_delivery_semantics::best_effort_live;
  return event;
}

std::string in_words(const core::log_entry& entry) {
  if (const auto* host = entry.host()) return "event " + host->event.envelope.event_id.text();
  auto text = in_words(entry.record()->payload);
  return entry.triggered_by ? text + " by " + entry.triggered_by->event_id.text() : text;
}

std::string kind_of(const core::agent_error& error) {
  return std::string{to_text(error.kind)} + "/" + std::string{to_text(error.retry)};
}

}  // namespace agentpool::support
