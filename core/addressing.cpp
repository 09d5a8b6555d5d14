#include "agentpool/core/addressing.hpp"

#include <charconv>

namespace agentpool::core {

namespace {
constexpr std::string_view cursor_prefix = "journal.";
}

entity_ref entity(entity_kind kind, const std::string& id) {
  entity_ref ref;
  ref.kind = kind;
  ref.id = entity_id{id};
  ref.privacy = privacy_class::content_refs_only;
  return ref;
}

destination_ref destination(destination_kind kind, const std::string& id) {
  destination_ref ref;
  ref.kind = kind;
  ref.id = destination_id{id};
  ref.privacy = privacy_class::content_refs_only;
  ref.retention = retention_class::host_policy;
  return ref;
}

run_address address_of(const run_address_target& target) {
  const auto make = [&](destination_kind to, entity_kind about, const std::string& id) {
    return run_address{target, destination(to, id), {entity(about, id)}};
  };
  if (const auto* run = std::get_if<to_run>(&target))
    return make(destination_kind::agent, entity_kind::run, run->run_id.text());
  if (const auto* agent = std::get_if<to_agent>(&target))
    return make(destination_kind::agent, entity_kind::agent, agent->agent_id.text());
  if (const auto* topic = std::get_if<to_topic>(&target))
    return make(destination_kind::topic, entity_kind::topic, topic->topic_id.text());
  const auto& pool = std::get<to_pool>(target);
  return make(destination_kind::agent_pool, entity_kind::agent_pool, pool.pool_id.text());
}

journal_cursor journal_cursor_at(std::uint64_t journal_seq) {
  return journal_cursor{std::string{cursor_prefix} + std::to_string(journal_seq)};
}

std::uint64_t journal_seq_of(const journal_cursor& cursor) {
  std::string_view text = cursor.text();
  if (!text.starts_with(cursor_prefix)) return 0;
  text.remove_prefix(cursor_prefix.size());
  if (text.starts_with('0')) return 0;
  std::uint64_t seq = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), seq);
  return fault == std::errc{} && end == text.data() + text.size() ? seq : 0;
}

}  // namespace agentpool::core
