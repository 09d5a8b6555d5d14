#include "stores/memory_contents.hpp"

#include "stores/request_check.hpp"

namespace agentpool::stores {

core::outcome<core::content_kept> memory_contents::put(std::span<const core::content> items) {
  const auto fresh = distinct(items);
  std::uint64_t more = 0;
  for (const auto* item : fresh)
    if (!kept_.contains(item->name())) more += item->bytes().size();
  if (auto fault = core::content_total_fault(total_bytes_, more, limits_)) return *std::move(fault);
  std::size_t added = 0;
  for (const auto* item : fresh) added += kept_.try_emplace(item->name(), item->bytes()).second;
  total_bytes_ += more;
  return core::content_kept{added, total_bytes_};
}

core::outcome<std::optional<std::string>> memory_contents::get(
    const core::content_ref& name) const {
  const auto found = kept_.find(name);
  if (found == kept_.end()) return std::optional<std::string>{};
  return core::checked_content(name, found->second);
}

}  // namespace agentpool::stores
