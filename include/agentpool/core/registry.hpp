#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Small named values beside the logs, for what the nodes on a store have to agree on: who has a
/// pool, who may act as a run. No part of any log, and gone without them.
namespace agentpool::core {

/// One value. `version` is new with each write of any row of the store, and is never used again.
struct registry_row {
  std::string space;  ///< What kind of thing it is, as "lease".
  std::string key;
  std::string value;
  std::uint64_t version = 0;

  friend bool operator==(const registry_row&, const registry_row&) = default;
};

/// Writes or removes one row, if it is still what the writer believes. Space, key and value are
/// valid UTF-8 without U+0000; space and key have 1 to 1024 bytes. Else the call is a contract
/// violation, and writes nothing.
struct registry_write {
  std::string space;
  std::string key;
  std::optional<std::string> value;  ///< None: the row is removed.
  std::uint64_t expected = 0;        ///< The version that it has; 0: there is none.

  friend bool operator==(const registry_write&, const registry_write&) = default;
};

/// What came of one write: the row's new version (0 when it was removed, or was not there and was
/// not to be), or nothing when it was not what was expected, and nothing was changed. A row's
/// versions grow, also across its removal.
using registry_written = std::optional<std::uint64_t>;

/// Which rows to read: those of a space, by the bytes of their keys, beginning after `after`, at
/// most `rows_max` (at least 1); with `key` that one alone.
struct registry_query {
  std::string space;
  std::optional<std::string> key = {};
  std::string after = {};
  std::size_t rows_max = 1'000;
};

}  // namespace agentpool::core
