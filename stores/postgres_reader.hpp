#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "agentpool/core/ids.hpp"
#include "agentpool/core/log.hpp"
#include "agentpool/core/store_backend.hpp"
#include "agentpool/core/time.hpp"
#include "stores/log_rows.hpp"
#include "stores/postgres_connection.hpp"

namespace agentpool::stores {

/// Reads logs out of a database; whatever it does may be done twice. Throws `postgres_fault` and
/// `corrupt_row`.
class postgres_reader {
 public:
  /// Over one connection, within one call. With `stamps`, rows of other programs get the time of
  /// `clock` when first read.
  postgres_reader(postgres_connection& connection, const deadline& until, const core::clock& clock,
                  bool stamps)
      : connection_{&connection}, until_{&until}, clock_{&clock}, stamps_{stamps} {}

  [[nodiscard]] std::vector<core::pool_id> list_pools();
  [[nodiscard]] core::log_position head(const core::pool_id& pool);
  [[nodiscard]] core::log_page read(const core::pool_id& pool, core::log_position after,
                                    std::size_t entries_max);
  [[nodiscard]] std::vector<core::entry_ptr> fetch(const core::pool_id& pool,
                                                   std::span<const std::uint64_t> sequences);
  [[nodiscard]] core::ack_page read_acks(const core::pool_id& pool, std::uint64_t mark,
                                         std::size_t acks_max);
  [[nodiscard]] std::optional<core::kept_checkpoint> checkpoint(const core::pool_id& pool);
  [[nodiscard]] std::optional<core::horizon> horizon(const core::pool_id& pool);

 private:
  [[nodiscard]] core::log_page read_page(const core::pool_id& pool, core::log_position after,
                                         std::uint64_t wanted);
  [[nodiscard]] std::vector<core::entry_ptr> fetch_all(const core::pool_id& pool,
                                                       std::span<const std::uint64_t> sequences);
  void stamp(const core::pool_id& pool, std::uint64_t first, std::uint64_t last);

  postgres_connection* connection_;
  const deadline* until_;
  const core::clock* clock_;
  bool stamps_;
};

}  // namespace agentpool::stores
