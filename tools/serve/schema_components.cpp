#include "schema_components.hpp"

#include <algorithm>
#include <map>

#include "agentpool/core/json_fields.hpp"
#include "tools/rpc_params.hpp"

namespace agentpool::tools {

namespace {

/// A record as it is answered, and as it is asked with where that differs.
template <class T>
void add_record(schema_components& to, const std::string& name) {
  to.add(name, given<T>());
  to.add(name + "Input", taken<T>());
}

}  // namespace

void schema_components::add(std::string name, std::string schema) {
  const auto same = [&](const auto& one) { return one.second == schema; };
  if (std::any_of(all_.begin(), all_.end(), same)) return;
  const auto behind = std::find_if(
      all_.begin(), all_.end(), [&](const auto& one) { return one.second.size() < schema.size(); });
  all_.insert(behind, {std::move(name), std::move(schema)});
}

/// A schema's text stands in another's as it is, since both are made the same way; the longest are
/// looked for first, so that no part of one is taken for itself.
std::string schema_components::without(std::string schema, std::size_t shorter_than) const {
  for (const auto& [name, text] : all_) {
    if (text.size() >= shorter_than) continue;
    const auto reference = R"({"$ref":"#/components/schemas/)" + name + "\"}";
    for (auto at = schema.find(text); at != std::string::npos;
         at = schema.find(text, at + reference.size()))
      schema.replace(at, text.size(), reference);
  }
  return schema;
}

std::string schema_components::referring(std::string schema) const {
  return without(std::move(schema), std::string::npos);
}

std::string schema_components::json() const {
  std::map<std::string, std::string> by_name;
  for (const auto& [name, schema] : all_) by_name.emplace(name, without(schema, schema.size()));
  std::string out = "{";
  for (const auto& [name, schema] : by_name) {
    if (out.size() > 1) out += ',';
    core::write_json_string(out, name);
    out += ':' + schema;
  }
  return out + '}';
}

schema_components record_components() {
  schema_components all;
  add_record<core::entity_ref>(all, "EntityRef");
  add_record<core::source_ref>(all, "SourceRef");
  add_record<core::destination_ref>(all, "DestinationRef");
  add_record<core::policy_ref>(all, "PolicyRef");
  add_record<core::event_correlation>(all, "EventCorrelation");
  add_record<core::pool_member>(all, "AgentPoolMember");
  add_record<core::run_address>(all, "RunAddress");
  add_record<core::run_message>(all, "RunMessage");
  add_record<core::message_receipt>(all, "MessageReceipt");
  add_record<core::wake_condition>(all, "WakeCondition");
  add_record<core::wake_registration>(all, "WakeRegistration");
  add_record<core::wake_notice>(all, "WakeNotice");
  add_record<core::pool_config>(all, "AgentPoolStoreConfig");
  add_record<core::stored_message>(all, "AgentPoolStoredMessage");
  add_record<core::stored_wake>(all, "AgentPoolStoredWake");
  add_record<core::store_record>(all, "AgentPoolStoreRecord");
  add_record<core::pool_snapshot>(all, "AgentPoolSnapshot");
  add_record<core::event_cursor>(all, "EventCursor");
  add_record<core::event_envelope>(all, "EventEnvelope");
  add_record<core::agent_event>(all, "AgentEvent");
  add_record<core::event_filter>(all, "EventFilter");
  add_record<core::event_frame>(all, "EventFrame");
  add_record<core::journal_record>(all, "JournalRecord");
  all.add("EventKind", given<core::event_kind>());
  return all;
}

}  // namespace agentpool::tools
