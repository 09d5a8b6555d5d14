#include "stores/postgres_contents.hpp"

#include <algorithm>
#include <array>

#include "stores/request_check.hpp"

namespace agentpool::stores {

namespace {

// Whoever has the lock sees by the next statement what all before it have committed.
constexpr const char* lock_total =
    "SELECT bytes FROM agentpool_content_total WHERE id = 1 FOR UPDATE";
constexpr const char* put_all =
    "WITH fresh AS (SELECT g.sha256, g.bytes FROM unnest($1, $2) AS g(sha256, bytes)"
    "  WHERE NOT EXISTS (SELECT 1 FROM agentpool_contents AS c WHERE c.sha256 = g.sha256)),"
    " more AS (SELECT count(*) AS items, coalesce(sum(octet_length(bytes)), 0)::int8 AS bytes"
    "  FROM fresh),"
    " fits AS (SELECT t.bytes + m.bytes AS bytes FROM agentpool_content_total AS t, more AS m"
    "  WHERE t.id = 1 AND m.items > 0 AND (m.bytes = 0 OR t.bytes + m.bytes <= $3)),"
    " put AS (INSERT INTO agentpool_contents(sha256, bytes)"
    "  SELECT f.sha256, f.bytes FROM fresh AS f, fits),"
    " counted AS (UPDATE agentpool_content_total AS t SET bytes = f.bytes FROM fits AS f"
    "  WHERE t.id = 1)"
    " SELECT items, bytes FROM more";

}  // namespace

core::outcome<core::content_kept> put_content(postgres_connection& connection,
                                              std::span<const core::content> items,
                                              const core::content_limits& limits,
                                              const deadline& until) {
  postgres_array digests{postgres_type::text_array};
  postgres_array bodies{postgres_type::bytea_array};
  for (const auto* item : distinct(items)) {
    digests.add(digest_of(*item));
    bodies.add(item->bytes());
  }
  connection.send("BEGIN ISOLATION LEVEL READ COMMITTED");
  connection.send(lock_total);
  connection.send(put_all, std::array{digests.take(), bodies.take(),
                                      value(std::min(limits.total_bytes_max, position_max))});
  connection.send("COMMIT");
  const auto rows = connection.receive(until);
  const auto& total = rows.at(rows.size() - 3);
  const auto& more = rows.at(rows.size() - 2);
  if (total.size() == 0) throw corrupt_row{{}, "agentpool_content_total has lost its row"};
  const auto before = total.number(0, 0);
  const auto bytes = more.number(0, 1);
  if (auto fault = core::content_total_fault(before, bytes, limits)) return *std::move(fault);
  return core::content_kept{static_cast<std::size_t>(more.number(0, 0)), before + bytes};
}

core::outcome<std::optional<std::string>> get_content(postgres_connection& connection,
                                                      const core::content_ref& name,
                                                      const deadline& until) {
  connection.send("SELECT bytes FROM agentpool_contents WHERE sha256 = $1",
                  std::array{value(*core::content_digest(name))});
  const auto rows = connection.receive(until);
  if (rows[0].size() == 0) return std::optional<std::string>{};
  return core::checked_content(name, std::string{rows[0].text(0, 0)});
}

}  // namespace agentpool::stores
