#include "stores/sqlite_registry.hpp"

#include <algorithm>
#include <string>

#include "stores/request_check.hpp"

namespace agentpool::stores {

sqlite_registry::sqlite_registry(sqlite_connection& connection)
    : begin_{connection, "BEGIN IMMEDIATE"},
      commit_{connection, "COMMIT"},
      last_{connection, "SELECT version FROM agentpool_registry_version WHERE id = 1"},
      put_last_{connection,
                "INSERT INTO agentpool_registry_version(id, version) VALUES(1, ?1)"
                " ON CONFLICT(id) DO UPDATE SET version = excluded.version"},
      version_{connection, "SELECT version FROM agentpool_registry WHERE space = ?1 AND key = ?2"},
      put_{connection,
           "INSERT INTO agentpool_registry(space, key, value, version) VALUES(?1, ?2, ?3, ?4)"
           " ON CONFLICT(space, key) DO UPDATE SET value = excluded.value,"
           " version = excluded.version"},
      remove_{connection, "DELETE FROM agentpool_registry WHERE space = ?1 AND key = ?2"},
      one_{connection,
           "SELECT key, value, version FROM agentpool_registry WHERE space = ?1 AND key = ?2"},
      rows_{connection,
            "SELECT key, value, version FROM agentpool_registry WHERE space = ?1 AND key > ?2"
            " ORDER BY key LIMIT ?3"} {}

std::vector<core::registry_written> sqlite_registry::write(
    std::span<const core::registry_write> writes) {
  statement_run{begin_}.step();
  std::uint64_t before = 0;
  if (statement_run run{last_}; run.step()) before = run->integer(0);
  auto last = before;
  std::vector<core::registry_written> answers;
  answers.reserve(writes.size());
  for (const auto& write : writes) answers.push_back(write_one(write, last));
  if (last != before) statement_run{put_last_, last}.step();
  statement_run{commit_}.step();
  return answers;
}

core::registry_written sqlite_registry::write_one(const core::registry_write& write,
                                                  std::uint64_t& last) {
  const std::string_view space{write.space};
  const std::string_view key{write.key};
  std::uint64_t version = 0;
  if (statement_run run{version_, space, key}; run.step()) version = run->integer(0);
  if (version != write.expected) return std::nullopt;
  if (!write.value) {
    statement_run{remove_, space, key}.step();
    return 0;
  }
  statement_run{put_, space, key, std::string_view{*write.value}, ++last}.step();
  return last;
}

std::vector<core::registry_row> sqlite_registry::read(const core::registry_query& query) {
  std::vector<core::registry_row> found;
  const auto take = [&](statement_run& row) {
    found.push_back(
        {query.space, std::string{row->text(0)}, std::string{row->text(1)}, row->integer(2)});
  };
  const std::string_view space{query.space};
  if (query.key) {
    statement_run row{one_, space, std::string_view{*query.key}};
    if (row.step()) take(row);
    return found;
  }
  const std::uint64_t wanted = std::clamp<std::uint64_t>(query.rows_max, 1, position_max);
  statement_run row{rows_, space, std::string_view{query.after}, wanted};
  while (row.step()) take(row);
  return found;
}

}  // namespace agentpool::stores
