#include "stores/sqlite_contents.hpp"

#include "stores/request_check.hpp"

namespace agentpool::stores {

sqlite_contents::sqlite_contents(sqlite_connection& connection, core::content_limits limits)
    : limits_{limits},
      begin_{connection, "BEGIN IMMEDIATE"},
      commit_{connection, "COMMIT"},
      end_{connection, "ROLLBACK"},
      total_{connection, "SELECT bytes FROM agentpool_content_total WHERE id = 1"},
      put_total_{connection,
                 "INSERT INTO agentpool_content_total(id, bytes) VALUES(1, ?1)"
                 " ON CONFLICT(id) DO UPDATE SET bytes = excluded.bytes"},
      has_{connection, "SELECT 1 FROM agentpool_contents WHERE sha256 = ?1"},
      put_{connection, "INSERT INTO agentpool_contents(sha256, bytes) VALUES(?1, ?2)"},
      get_{connection, "SELECT bytes FROM agentpool_contents WHERE sha256 = ?1"} {}

core::outcome<core::content_kept> sqlite_contents::put(std::span<const core::content> items) {
  statement_run{begin_}.step();
  core::content_kept kept;
  if (statement_run row{total_}; row.step()) kept.total_bytes = row->integer(0);
  for (const auto* item : distinct(items)) {
    const auto digest = digest_of(*item);
    if (statement_run row{has_, digest}; row.step()) continue;
    const std::uint64_t bytes = item->bytes().size();
    if (auto fault = core::content_total_fault(kept.total_bytes, bytes, limits_))
      return *std::move(fault);
    statement_run put{put_, digest};
    put->bind_bytes(2, item->bytes());
    put.step();
    ++kept.added;
    kept.total_bytes += bytes;
  }
  if (kept.added > 0) statement_run{put_total_, kept.total_bytes}.step();
  statement_run{kept.added > 0 ? commit_ : end_}.step();
  return kept;
}

core::outcome<std::optional<std::string>> sqlite_contents::get(const core::content_ref& name) {
  statement_run row{get_, *core::content_digest(name)};
  if (!row.step()) return std::optional<std::string>{};
  return core::checked_content(name, std::string{row->bytes(0)});
}

}  // namespace agentpool::stores
