#pragma once

#include <optional>
#include <span>
#include <string>

#include "agentpool/core/content.hpp"
#include "stores/sqlite_connection.hpp"

namespace agentpool::stores {

/// Keeps and reads the contents of a store file. Throws `sqlite_fault`; after a `put` that threw or
/// was refused the caller rolls back.
class sqlite_contents {
 public:
  sqlite_contents(sqlite_connection& connection, core::content_limits limits);

  /// One transaction.
  [[nodiscard]] core::outcome<core::content_kept> put(std::span<const core::content> items);

  [[nodiscard]] core::outcome<std::optional<std::string>> get(const core::content_ref& name);

 private:
  core::content_limits limits_;
  sqlite_statement begin_;
  sqlite_statement commit_;
  sqlite_statement end_;
  sqlite_statement total_;
  sqlite_statement put_total_;
  sqlite_statement has_;
  sqlite_statement put_;
  sqlite_statement get_;
};

}  // namespace agentpool::stores
