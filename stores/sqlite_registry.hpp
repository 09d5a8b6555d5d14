#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "agentpool/core/registry.hpp"
#include "stores/sqlite_connection.hpp"

namespace agentpool::stores {

/// Keeps and reads the registry of a store file. Throws `sqlite_fault`; the caller of `write` then
/// rolls back.
class sqlite_registry {
 public:
  explicit sqlite_registry(sqlite_connection& connection);

  /// One transaction; one answer a write.
  [[nodiscard]] std::vector<core::registry_written> write(
      std::span<const core::registry_write> writes);

  [[nodiscard]] std::vector<core::registry_row> read(const core::registry_query& query);

 private:
  /// `last` is the version given last, and moves on with each that is given.
  [[nodiscard]] core::registry_written write_one(const core::registry_write& write,
                                                 std::uint64_t& last);

  sqlite_statement begin_;
  sqlite_statement commit_;
  sqlite_statement last_;
  sqlite_statement put_last_;
  sqlite_statement version_;
  sqlite_statement put_;
  sqlite_statement remove_;
  sqlite_statement one_;
  sqlite_statement rows_;
};

}  // namespace agentpool::stores
