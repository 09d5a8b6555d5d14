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

/// How to open a PostgreSQL store.
struct postgres_options {
  /// Looks only: makes no schema, and gives no times to what other programs wrote.
  bool read_only = false;

  /// Keeps every other handle out that is not read-only, and fails while there is one.
  bool alone = false;

  /// The database's schema that holds the tables: a to z, 0 to 9 and _, at most 48 bytes.
  std::string schema = "agentpool";

  /// How long one try to connect may take. Looking up a host's name is not counted.
  std::chrono::milliseconds connect_wait_max{3'000};

  /// How long a call waits for another writer of a pool before it is `store_unavailable`.
  std::chrono::milliseconds lock_wait_max{5'000};

  /// How long a call may take in all, connecting anew and repeating included; one try to connect
  /// may come on top.
  std::chrono::milliseconds call_wait_max{15'000};

  /// The wait between two tries of a call, which doubles up to the second.
  std::chrono::milliseconds pause_min{10};
  std::chrono::milliseconds pause_max{500};

  /// What contents this handle keeps beside the logs.
  core::content_limits contents = {};
};

/// Opens the store in the database that `conninfo` names, a connection string or URL of libpq, and
/// makes its schema and tables where they are missing; docs/store-format.md describes them. It
/// needs a connection of its own to the server: no pooler that shares one among transactions.
/// `clock` must outlive the store and gives the times of rows that other programs wrote.
///
/// A call connects anew when the connection was lost, and does again what was not done. When an
/// append's commit was under way, the store finds out first whether it was committed; as long as it
/// cannot, every call is `store_unavailable`. So what an append that failed left open is settled
/// before anything else can be seen through this handle: its requests are in the log or they never
/// will be.
///
/// The errors are `store_unavailable` (no server, no permission, wrong password), `store_corrupt`
/// (tables that are none of a store) and `host_configuration_needed` (a connection string that is
/// not understood, an encoding other than UTF8, tables of a newer version). None shows a password.
[[nodiscard]] core::outcome<std::unique_ptr<core::store_backend>> open_postgres(
    const std::string& conninfo, const core::clock& clock, const postgres_options& options = {});

}  // namespace agentpool::stores
