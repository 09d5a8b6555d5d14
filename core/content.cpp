#include "agentpool/core/content.hpp"

#include <algorithm>
#include <utility>

#include "agentpool/core/digest.hpp"

namespace agentpool::core {

namespace {

constexpr std::string_view prefix = "content.sha256.";
constexpr std::size_t digest_digits = 64;

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

}  // namespace

content_ref content_name(std::string_view bytes) {
  std::string name{prefix};
  name += sha256_hex(bytes);
  return content_ref{std::move(name)};
}

std::optional<std::string_view> content_digest(const content_ref& name) {
  std::string_view digits{name.text()};
  if (!digits.starts_with(prefix)) return std::nullopt;
  digits.remove_prefix(prefix.size());
  if (digits.size() != digest_digits || !std::ranges::all_of(digits, is_hex)) return std::nullopt;
  return digits;
}

std::optional<agent_error> content_size_fault(std::size_t bytes, const content_limits& limits) {
  if (bytes <= limits.item_bytes_max) return std::nullopt;
  return contract_violation("a content may have at most " + std::to_string(limits.item_bytes_max) +
                            " bytes (item_bytes_max), not " + std::to_string(bytes));
}

std::optional<agent_error> content_fault(std::span<const content> items,
                                         const content_limits& limits) {
  for (const auto& item : items)
    if (auto fault = content_size_fault(item.bytes().size(), limits)) return fault;
  return std::nullopt;
}

std::optional<agent_error> content_total_fault(std::uint64_t total, std::uint64_t more,
                                               const content_limits& limits) {
  const auto room = limits.total_bytes_max - std::min(total, limits.total_bytes_max);
  if (more == 0 || more <= room) return std::nullopt;
  return overloaded("the store has " + std::to_string(total) + " bytes of content, and of " +
                    std::to_string(more) + " more there may be " + std::to_string(room) +
                    " (total_bytes_max " + std::to_string(limits.total_bytes_max) + ")");
}

agent_error no_content_name(const content_ref& name) {
  return contract_violation("no store keeps a content " + name.text() +
                            ": its name would be content.sha256. and 64 lower-case hex digits");
}

outcome<std::optional<std::string>> checked_content(const content_ref& name, std::string bytes) {
  if (content_name(bytes) == name) return std::optional{std::move(bytes)};
  return store_corrupt("content " + name.text() +
                       ": the bytes kept are not those that it was named after");
}

}  // namespace agentpool::core
