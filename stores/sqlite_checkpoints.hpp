#pragma once

#include <cstdint>
#include <optional>

#include "agentpool/core/store_backend.hpp"
#include "stores/sqlite_connection.hpp"

namespace agentpool::stores {

/// Keeps and reads the checkpoints of a store file. Throws `sqlite_fault`; the caller of `keep`
/// then rolls back.
class sqlite_checkpoints {
 public:
  explicit sqlite_checkpoints(sqlite_connection& connection);

  /// One transaction. `log_end` is where the pool's log is known to go at least.
  [[nodiscard]] std::optional<std::uint64_t> keep(const core::checkpoint_request& request,
                                                  core::log_position log_end);

  /// Where the pool's log begins.
  [[nodiscard]] std::optional<core::horizon> horizon(const core::pool_id& pool);

  /// One transaction: removes what `drop_records` of the store says.
  [[nodiscard]] std::optional<std::uint64_t> drop(const core::drop_request& request,
                                                  std::uint64_t after, std::size_t most);

  [[nodiscard]] std::optional<core::kept_checkpoint> read(const core::pool_id& pool,
                                                          core::log_position log_end);

 private:
  [[nodiscard]] std::optional<std::uint64_t> number(const core::pool_id& pool);
  void put(const core::pool_id& pool, const core::horizon& begins);

  sqlite_statement begin_;
  sqlite_statement commit_;
  sqlite_statement end_;
  sqlite_statement head_;
  sqlite_statement parts_;
  sqlite_statement put_head_;
  sqlite_statement put_part_;
  sqlite_statement drop_parts_;
  sqlite_statement horizon_;
  sqlite_statement put_horizon_;
  sqlite_statement old_records_;
  sqlite_statement drop_record_;
  sqlite_statement drop_hosts_;
};

}  // namespace agentpool::stores
