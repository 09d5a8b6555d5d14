#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "agentpool/core/content.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/store_backend.hpp"
#include "agentpool/core/time.hpp"

/// Where the logs of pools are kept.
namespace agentpool::stores {

/// How to open a SQLite store.
struct sqlite_options {
  /// Looks only: makes no file and no table and gives no times to what other programs wrote.
  bool read_only = false;

  /// Keeps every other program out, and fails while another has the file open.
  bool alone = false;

  /// How long a call waits for other writers before it is `store_unavailable`.
  std::chrono::milliseconds busy_wait_max{5'000};

  /// The wait between two looks at a lock that is held; short, so that writers take turns.
  std::chrono::microseconds busy_pause{100};

  /// What contents this handle keeps beside the logs.
  core::content_limits contents = {};
};

/// Opens the file of that name, or makes it, with its tables; docs/store-format.md describes
/// them. Rows that other programs write are read like our own; they are stamped with the time of
/// `clock` when first read. `clock` must outlive the store. The errors are `store_unavailable`
/// (no such folder, no permission, locked past the wait) and `store_corrupt` (not a store).
[[nodiscard]] core::outcome<std::unique_ptr<core::store_backend>> open_sqlite(
    const std::string& path, const core::clock& clock, const sqlite_options& options = {});

}  // namespace agentpool::stores
