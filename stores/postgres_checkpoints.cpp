#include "stores/postgres_checkpoints.hpp"

#include <algorithm>
#include <array>

#include "stores/request_check.hpp"

namespace agentpool::stores {

namespace {

void send_horizon(postgres_connection& connection, const core::pool_id& pool,
                  const core::horizon& begins) {
  connection.send(
      "INSERT INTO agentpool_horizons(pool_id, sequence, host_events, number, event_seq, roll)"
      " VALUES($1, $2, $3, $4, $5, $6) ON CONFLICT (pool_id) DO UPDATE SET"
      " sequence = excluded.sequence, host_events = excluded.host_events,"
      " number = excluded.number, event_seq = excluded.event_seq, roll = excluded.roll",
      std::array{value(pool.text()), value(begins.at.sequence), value(begins.at.host_events),
                 value(begins.number), value(begins.event_seq), value_of_bytes(begins.roll)});
}

void send_parts(postgres_connection& connection, const core::checkpoint_request& request,
                std::uint64_t number) {
  const auto pool = value(request.pool_id.text());
  if (!request.follows)
    connection.send("DELETE FROM agentpool_checkpoint_parts WHERE pool_id = $1", std::array{pool});
  if (request.what.parts.empty()) return;
  postgres_array parts{postgres_type::bytea_array};
  for (const auto& part : request.what.parts) parts.add(part);
  connection.send(
      "INSERT INTO agentpool_checkpoint_parts(pool_id, number, part, bytes)"
      " SELECT $1, $2, p.part, p.bytes FROM unnest($3) WITH ORDINALITY AS p(bytes, part)",
      std::array{pool, value(number), parts.take()});
}

}  // namespace

checkpoint_work keep_checkpoint(postgres_connection& connection, postgres_head_locks& locks,
                                const core::checkpoint_request& request, const deadline& until) {
  const auto pool = value(request.pool_id.text());
  locks.send(connection, {request.pool_id.text()});
  connection.send("SELECT number FROM agentpool_checkpoints WHERE pool_id = $1", std::array{pool});
  const auto rows = connection.receive(until);
  const auto heads = postgres_head_locks::heads_in(rows[rows.size() - 2]);
  const auto& kept = rows.back();
  const std::uint64_t before = kept.size() == 0 ? 0 : kept.number(0, 0);  // counted from 1
  const auto& at = request.what.at;
  const bool fits = !heads.empty() && !is_before(heads.begin()->second.position, at);
  if (!fits || (request.follows && *request.follows != before)) return {std::nullopt, false};
  const auto now = before + 1;
  if (request.begins) send_horizon(connection, request.pool_id, *request.begins);
  send_parts(connection, request, now);
  connection.send(
      "INSERT INTO agentpool_checkpoints(pool_id, number, sequence, host_events, head)"
      " VALUES($1, $2, $3, $4, $5) ON CONFLICT (pool_id) DO UPDATE SET number = excluded.number,"
      " sequence = excluded.sequence, host_events = excluded.host_events, head = excluded.head",
      std::array{pool, value(now), value(at.sequence), value(at.host_events),
                 value_of_bytes(request.what.head)});
  return {now, true};
}

checkpoint_work drop_records(postgres_connection& connection, const core::drop_request& request,
                             std::uint64_t after, std::size_t most, const deadline& until) {
  const auto pool = value(request.pool_id.text());
  const auto limit = std::min<std::uint64_t>(most, position_max);
  connection.send("SELECT sequence, host_events FROM agentpool_horizons WHERE pool_id = $1",
                  std::array{pool});
  connection.send(
      "SELECT r.seq, r.kind = 'pool_opened' FROM agent_pool_records AS r"
      " JOIN agentpool_horizons AS h ON h.pool_id = r.pool_id"
      " WHERE r.pool_id = $1 AND r.seq > $2 AND r.seq <= h.sequence ORDER BY r.seq LIMIT $3",
      std::array{pool, value(std::min(after, position_max)), value(limit)});
  const auto rows = connection.receive(until);
  const auto& begins = rows[rows.size() - 2];
  const auto& looked_at = rows.back();
  if (begins.size() == 0) return {std::nullopt, false};
  std::optional<std::uint64_t> last;
  postgres_array old{postgres_type::int8_array};
  for (int row = 0; row < looked_at.size(); ++row) {
    last = looked_at.number(row, 0);
    const bool stays = (!looked_at.is_null(row, 1) && looked_at.is_true(row, 1)) ||
                       std::ranges::binary_search(request.needed, *last);
    if (!stays) old.add(*last);
  }
  connection.send("DELETE FROM agent_pool_records WHERE pool_id = $1 AND seq = ANY($2)",
                  std::array{pool, old.take()});
  connection.send(
      "DELETE FROM agentpool_host_events WHERE pool_id = $1 AND number <= $2"
      " AND after_sequence <= $3",
      std::array{pool, value(begins.number(0, 1)), value(last.value_or(begins.number(0, 0)))});
  return {last, true};
}

}  // namespace agentpool::stores
