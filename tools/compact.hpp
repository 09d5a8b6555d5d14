#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// What `agentpool compact` was asked for.
struct compact_request {
  static constexpr std::uint64_t days_max = 36'500;

  std::string store;
  std::optional<std::string> pool;
  std::optional<std::uint64_t> keep_records;
  std::optional<std::uint64_t> keep_days;
  std::string archive;  ///< The file for what is removed; empty: it goes.
  bool json = false;
};

/// Shortens the logs of a store that no other program has open, and tells what it did on
/// standard output.
[[nodiscard]] core::outcome<void> compact(const compact_request& request);

}  // namespace agentpool::tools
