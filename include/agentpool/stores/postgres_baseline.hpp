#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "agentpool/stores/sqlite_baseline.hpp"

/// What the server alone can do: the yardstick that benchmarks hold the PostgreSQL store against.
namespace agentpool::stores {

/// Inserts rows into a store's tables and does nothing else: no positions are checked, nothing is
/// locked, read or told, and a transaction is one round trip. For one thread.
class postgres_baseline {
 public:
  virtual ~postgres_baseline() = default;

  /// One transaction with `groups` times the rows, each group for the next pool in turn, in one
  /// statement. Durable when this returns; an error leaves open what was written.
  [[nodiscard]] virtual core::outcome<void> write(std::size_t groups) = 0;
};

/// Makes a new schema with the tables of a store, for writing `rows` to `pools`, of which there is
/// at least one.
[[nodiscard]] core::outcome<std::unique_ptr<postgres_baseline>> open_postgres_baseline(
    const std::string& conninfo, const std::string& schema, std::vector<std::string> pools,
    std::vector<baseline_row> rows);

/// Removes a schema and all that is in it, if it is there. For what a benchmark has made.
[[nodiscard]] core::outcome<void> drop_postgres_schema(const std::string& conninfo,
                                                       const std::string& schema);

}  // namespace agentpool::stores
