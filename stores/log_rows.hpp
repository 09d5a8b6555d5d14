#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentpool/core/error.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/log.hpp"

/// Rows of the tables and the entries that they stand for, whichever database keeps them.
namespace agentpool::stores {

/// Where a fault was met, for its message.
struct log_place {
  core::pool_id pool;
  std::uint64_t sequence = 0;  ///< 0 when no record is at fault.
};

/// The place in words; "store" without a pool.
[[nodiscard]] std::string described(const log_place& place);

/// What is stored is not a log: `what` says why.
struct corrupt_row {
  log_place place;
  std::string what;
};
[[nodiscard]] core::agent_error store_error(const corrupt_row& fault);

/// A row of agent_pool_records. The views are those of whoever made it.
struct record_row {
  std::uint64_t sequence = 0;
  std::string_view kind;
  std::string_view payload_json;
  std::uint64_t recorded_at_millis = 0;
  std::optional<std::string_view> trigger_json;
};

/// A row of agentpool_host_events.
struct host_row {
  std::uint64_t number = 0;
  std::uint64_t after_sequence = 0;
  std::uint64_t recorded_at_millis = 0;
  std::string_view event_json;
};

/// The entry that a row stands for. Throws `corrupt_row` when its JSON is not what it should be
/// or its kind is another than its payload's.
[[nodiscard]] core::entry_ptr entry_of(const core::pool_id& pool, const record_row& row);
[[nodiscard]] core::entry_ptr entry_of(const core::pool_id& pool, const host_row& row);

/// What stands in the kind column: the payload's tag.
[[nodiscard]] std::string_view kind_of(const core::store_payload& payload) noexcept;

}  // namespace agentpool::stores
