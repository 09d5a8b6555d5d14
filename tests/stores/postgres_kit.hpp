// The PostgreSQL server that a test process shares among its stores.
#pragma once

#include <memory>
#include <string>

#include "agentpool/stores/postgres.hpp"
#include "postgres_server.hpp"
#include "raw_database.hpp"
#include "samples.hpp"

namespace agentpool::stores {

/// Started when first asked for; ends with the process.
[[nodiscard]] support::postgres_server& shared_postgres();

/// False where there are no server programs: then the running test counts as skipped, unless
/// something of it fails.
[[nodiscard]] bool has_postgres();

/// A schema of its own in the shared server's database, as a file is for SQLite.
class fresh_schema {
 public:
  fresh_schema();

  [[nodiscard]] core::outcome<std::unique_ptr<core::store_backend>> try_open(
      postgres_options options = {}) const;
  [[nodiscard]] std::unique_ptr<core::store_backend> open(postgres_options options = {}) const;
  [[nodiscard]] raw_database raw() const { return raw_database{conninfo_, name_}; }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] samples::set_clock& clock() noexcept { return clock_; }

 private:
  std::string conninfo_;
  std::string name_;
  samples::set_clock clock_{5'000};
};

}  // namespace agentpool::stores
