#include "stores/request_check.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/utf8.hpp"

namespace agentpool::stores {

namespace {

/// What is wrong with `entry` as the one after `before`; empty when nothing is.
std::string entry_fault(const core::entry_ptr& entry, const core::pool_id& pool,
                        core::log_position before) {
  if (entry == nullptr) return "an entry is missing";
  if (const auto* record = entry->record()) {
    if (record->pool_id != pool) return "a record is of another pool";
    if (record->cursor.sequence != before.sequence + 1)
      return "a record must follow as sequence " + std::to_string(before.sequence + 1) + ", not " +
             std::to_string(record->cursor.sequence);
    return {};
  }
  const auto& event = *entry->host();
  if (entry->triggered_by) return "a host event cannot have been triggered";
  if (event.number != before.host_events + 1)
    return "a host event must follow as number " + std::to_string(before.host_events + 1) +
           ", not " + std::to_string(event.number);
  if (event.after_sequence != before.sequence)
    return "a host event must stand after sequence " + std::to_string(before.sequence) + ", not " +
           std::to_string(event.after_sequence);
  return {};
}

std::string fault_of(const core::append_request& request) {
  if (request.pool_id.empty()) return "a request names no pool";
  core::log_position at = request.expected;
  for (const auto& entry : request.entries) {
    if (at.sequence >= position_max || at.host_events >= position_max)
      return "a position must be below 2^63";
    if (auto fault = entry_fault(entry, request.pool_id, at); !fault.empty()) return fault;
    at = core::after(*entry, at);
  }
  for (const auto& ack : request.acks) {
    if (ack.run_id.empty()) return "an acknowledgement names no run";
    if (ack.sequence > position_max) return "an acknowledged sequence must be below 2^63";
  }
  return {};
}

/// What is wrong with a text that is to be stored; empty when nothing is.
std::string text_fault(std::string_view text) {
  for (auto at = core::end_of_plain<>(text, 0); at < text.size();
       at = core::end_of_plain<>(text, at)) {
    const std::size_t bytes = core::utf8_sequence_bytes(text, at);
    if (bytes == 0) return "must be valid UTF-8 (byte " + std::to_string(at) + ")";
    if (text[at] == '\0') return "must not contain U+0000 (byte " + std::to_string(at) + ")";
    at += bytes;
  }
  return {};
}

std::string name_fault(std::string_view name) {
  if (name.empty()) return "must not be empty";
  if (name.size() > registry_name_bytes_max)
    return "must have at most " + std::to_string(registry_name_bytes_max) + " bytes, not " +
           std::to_string(name.size());
  return text_fault(name);
}

std::string fault_of(const core::registry_write& write) {
  if (auto fault = name_fault(write.space); !fault.empty()) return "the space " + fault;
  if (auto fault = name_fault(write.key); !fault.empty()) return "the key " + fault;
  if (!write.value) return {};
  if (auto fault = text_fault(*write.value); !fault.empty()) return "the value " + fault;
  return {};
}

std::string fault_of(const core::registry_query& query) {
  if (auto fault = name_fault(query.space); !fault.empty()) return "the space " + fault;
  if (query.key)
    if (auto fault = name_fault(*query.key); !fault.empty()) return "the key " + fault;
  if (auto fault = text_fault(query.after); !fault.empty()) return "what to begin after " + fault;
  return {};
}

}  // namespace

std::vector<core::entity_ref> about_pool(const core::pool_id& pool) {
  if (pool.empty()) return {};
  return {core::entity(core::entity_kind::agent_pool, pool.text())};
}

std::optional<core::agent_error> request_fault(std::span<const core::append_request> requests) {
  for (const auto& request : requests) {
    auto fault = fault_of(request);
    if (fault.empty()) continue;
    return core::contract_violation("append to pool " + request.pool_id.text() +
                                        " after sequence " +
                                        std::to_string(request.expected.sequence) + ": " + fault,
                                    about_pool(request.pool_id));
  }
  return std::nullopt;
}

std::optional<core::agent_error> registry_fault(std::span<const core::registry_write> writes) {
  std::size_t number = 0;
  for (const auto& write : writes) {
    ++number;
    const auto fault = fault_of(write);
    if (fault.empty()) continue;
    return core::contract_violation("write " + std::to_string(number) + " of " +
                                    std::to_string(writes.size()) + " to the registry: " + fault);
  }
  return std::nullopt;
}

std::optional<core::agent_error> registry_fault(const core::registry_query& query) {
  const auto fault = fault_of(query);
  if (fault.empty()) return std::nullopt;
  return core::contract_violation("reading the registry: " + fault);
}

std::vector<const core::content*> distinct(std::span<const core::content> items) {
  std::vector<const core::content*> found;
  found.reserve(items.size());
  for (const auto& item : items) found.push_back(&item);
  const auto name = [](const core::content* item) -> const auto& { return item->name(); };
  std::ranges::sort(found, {}, name);
  const auto is_same = [](const auto* a, const auto* b) { return a->name() == b->name(); };
  found.erase(std::unique(found.begin(), found.end(), is_same), found.end());
  return found;
}

std::string_view digest_of(const core::content& item) {
  return core::content_digest(item.name()).value();
}

bool is_before(core::log_position position, core::log_position other) noexcept {
  return position.sequence < other.sequence || position.host_events < other.host_events;
}

core::agent_error before_horizon(const core::pool_id& pool, core::log_position at) {
  return core::contract_violation("older than the horizon of pool " + pool.text() + ", sequence " +
                                      std::to_string(at.sequence) + ": what was before it is gone",
                                  about_pool(pool));
}

core::agent_error record_missing(const core::pool_id& pool, std::uint64_t sequence) {
  return core::store_corrupt(
      "pool " + pool.text() + ", sequence " + std::to_string(sequence) + ": there is no record",
      about_pool(pool));
}

}  // namespace agentpool::stores
