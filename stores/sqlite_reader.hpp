#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "agentpool/core/ids.hpp"
#include "agentpool/core/log.hpp"
#include "agentpool/core/store_backend.hpp"
#include "agentpool/core/time.hpp"
#include "stores/log_rows.hpp"
#include "stores/sqlite_connection.hpp"

namespace agentpool::stores {

/// Reads logs out of a store file. Throws `sqlite_fault` and `corrupt_row`.
class sqlite_reader {
 public:
  /// With `stamps`, rows of other programs get the time of `clock` when first read.
  sqlite_reader(sqlite_connection& connection, const core::clock& clock, bool stamps);

  [[nodiscard]] std::vector<core::pool_id> list_pools();
  [[nodiscard]] core::log_page read(const core::pool_id& pool, core::log_position after,
                                    std::size_t entries_max);
  [[nodiscard]] std::vector<core::entry_ptr> fetch(const core::pool_id& pool,
                                                   std::span<const std::uint64_t> sequences);
  [[nodiscard]] core::ack_page read_acks(const core::pool_id& pool, std::uint64_t mark,
                                         std::size_t acks_max);

 private:
  [[nodiscard]] core::log_page read_page(const core::pool_id& pool, core::log_position after,
                                         std::size_t entries_max);
  [[nodiscard]] core::entry_ptr fetch_one(const core::pool_id& pool, std::uint64_t sequence);
  void stamp(const core::pool_id& pool, std::uint64_t first, std::uint64_t last);

  const core::clock* clock_;
  bool stamps_;
  sqlite_statement list_;
  sqlite_statement records_;
  sqlite_statement hosts_;
  sqlite_statement one_record_;
  sqlite_statement acks_;
  sqlite_statement stamp_;
};

}  // namespace agentpool::stores
