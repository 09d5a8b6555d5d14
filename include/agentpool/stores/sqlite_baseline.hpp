#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"

/// What the file alone can do: the yardstick that benchmarks hold the SQLite store against.
namespace agentpool::stores {

/// A row of the log, as it is written again and again.
struct baseline_row {
  std::string kind;
  std::string payload_json;
};

/// Inserts rows into a store file's tables and does nothing else: no positions are checked and
/// nothing is read. For one thread.
class sqlite_baseline {
 public:
  virtual ~sqlite_baseline() = default;

  /// One transaction with `groups` times the rows, each group for the next pool in turn. Durable
  /// when this returns; an error means that nothing of it was written.
  [[nodiscard]] virtual core::outcome<void> write(std::size_t groups) = 0;
};

/// Makes a new store file with the same tables, indexes and settings as `open_sqlite` does, for
/// writing `rows` to `pools`, of which there is at least one.
[[nodiscard]] core::outcome<std::unique_ptr<sqlite_baseline>> open_sqlite_baseline(
    const std::string& path, std::vector<std::string> pools, std::vector<baseline_row> rows);

/// Reads the pool's rows of an existing store file in order, looks at every column, and does
/// nothing with them; how many there are.
[[nodiscard]] core::outcome<std::uint64_t> read_sqlite_baseline(const std::string& path,
                                                                const std::string& pool);

}  // namespace agentpool::stores
