#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "agentpool/core/content.hpp"

namespace agentpool::stores {

/// Contents in memory. Used by one thread at a time.
class memory_contents {
 public:
  explicit memory_contents(core::content_limits limits) : limits_{limits} {}

  [[nodiscard]] core::outcome<core::content_kept> put(std::span<const core::content> items);
  [[nodiscard]] core::outcome<std::optional<std::string>> get(const core::content_ref& name) const;

 private:
  core::content_limits limits_;
  std::map<core::content_ref, std::string> kept_;
  std::uint64_t total_bytes_ = 0;
};

}  // namespace agentpool::stores
