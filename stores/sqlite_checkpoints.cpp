#include "stores/sqlite_checkpoints.hpp"

#include <algorithm>
#include <vector>

#include "stores/request_check.hpp"

namespace agentpool::stores {

sqlite_checkpoints::sqlite_checkpoints(sqlite_connection& connection)
    : begin_{connection, "BEGIN IMMEDIATE"},
      commit_{connection, "COMMIT"},
      end_{connection, "ROLLBACK"},
      head_{connection,
            "SELECT number, sequence, host_events, head FROM agentpool_checkpoints"
            " WHERE pool_id = ?1"},
      parts_{connection,
             "SELECT bytes FROM agentpool_checkpoint_parts WHERE pool_id = ?1"
             " ORDER BY number, part"},
      put_head_{connection,
                "INSERT OR REPLACE INTO agentpool_checkpoints(pool_id, number, sequence,"
                " host_events, head) VALUES(?1, ?2, ?3, ?4, ?5)"},
      put_part_{connection,
                "INSERT INTO agentpool_checkpoint_parts(pool_id, number, part, bytes)"
                " VALUES(?1, ?2, ?3, ?4)"},
      drop_parts_{connection, "DELETE FROM agentpool_checkpoint_parts WHERE pool_id = ?1"},
      horizon_{connection,
               "SELECT sequence, host_events, number, event_seq, roll FROM agentpool_horizons"
               " WHERE pool_id = ?1"},
      put_horizon_{connection,
                   "INSERT OR REPLACE INTO agentpool_horizons(pool_id, sequence, host_events,"
                   " number, event_seq, roll) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"},
      old_records_{connection,
                   "SELECT seq, kind = 'pool_opened' FROM agent_pool_records"
                   " WHERE pool_id = ?1 AND seq > ?2 AND seq <= ?3 ORDER BY seq LIMIT ?4"},
      drop_record_{connection, "DELETE FROM agent_pool_records WHERE pool_id = ?1 AND seq = ?2"},
      drop_hosts_{connection,
                  "DELETE FROM agentpool_host_events WHERE pool_id = ?1 AND number <= ?2"
                  " AND after_sequence <= ?3"} {}

std::optional<std::uint64_t> sqlite_checkpoints::number(const core::pool_id& pool) {
  statement_run head{head_, pool.text()};
  if (!head.step()) return std::nullopt;
  return head->integer(0);
}

std::optional<std::uint64_t> sqlite_checkpoints::keep(const core::checkpoint_request& request,
                                                      core::log_position log_end) {
  const auto& what = request.what;
  statement_run{begin_}.step();
  const auto before = number(request.pool_id);
  if (is_before(log_end, what.at) || (request.follows && request.follows != before)) {
    statement_run{end_}.step();
    return std::nullopt;
  }
  if (request.begins) put(request.pool_id, *request.begins);
  const auto& pool = request.pool_id.text();
  const auto now = before.value_or(0) + 1;
  if (!request.follows) statement_run{drop_parts_, pool}.step();
  std::uint64_t part = 0;
  for (const auto& bytes : what.parts) {
    statement_run put{put_part_, pool, now, ++part};
    put->bind_bytes(4, bytes);
    put.step();
  }
  statement_run put{put_head_, pool, now, what.at.sequence, what.at.host_events};
  put->bind_bytes(5, what.head);
  put.step();
  statement_run{commit_}.step();
  return now;
}

void sqlite_checkpoints::put(const core::pool_id& pool, const core::horizon& begins) {
  statement_run put{put_horizon_,          pool.text(),   begins.at.sequence,
                    begins.at.host_events, begins.number, begins.event_seq};
  put->bind_bytes(6, begins.roll);
  put.step();
}

std::optional<core::horizon> sqlite_checkpoints::horizon(const core::pool_id& pool) {
  statement_run row{horizon_, pool.text()};
  if (!row.step()) return std::nullopt;
  core::horizon found;
  found.at = {row->integer(0), row->integer(1)};
  found.number = row->integer(2);
  found.event_seq = row->integer(3);
  found.roll = row->bytes(4);
  return found;
}

std::optional<std::uint64_t> sqlite_checkpoints::drop(const core::drop_request& request,
                                                      std::uint64_t after, std::size_t most) {
  statement_run{begin_}.step();
  const auto begins = horizon(request.pool_id);
  std::vector<std::uint64_t> old;
  std::optional<std::uint64_t> last;
  if (begins) {
    const auto& needed = request.needed;
    statement_run rows{old_records_, request.pool_id.text(), after, begins->at.sequence,
                       std::uint64_t{most}};
    while (rows.step()) {
      last = rows->integer(0);
      const bool stays =
          rows->integer(1) != 0 || std::binary_search(needed.begin(), needed.end(), *last);
      if (!stays) old.push_back(*last);
    }
  }
  for (const auto sequence : old)
    statement_run{drop_record_, request.pool_id.text(), sequence}.step();
  if (begins)
    statement_run{drop_hosts_, request.pool_id.text(), begins->at.host_events,
                  last.value_or(begins->at.sequence)}
        .step();
  statement_run{commit_}.step();
  return last;
}

std::optional<core::kept_checkpoint> sqlite_checkpoints::read(const core::pool_id& pool,
                                                              core::log_position log_end) {
  // While the first of the two statements is not reset, both read the same state of the file.
  statement_run head{head_, pool.text()};
  if (!head.step()) return std::nullopt;
  core::kept_checkpoint kept;
  kept.number = head->integer(0);
  kept.what.at = {head->integer(1), head->integer(2)};
  if (is_before(log_end, kept.what.at)) return std::nullopt;
  kept.what.head = head->bytes(3);
  statement_run parts{parts_, pool.text()};
  while (parts.step()) kept.what.parts.emplace_back(parts->bytes(0));
  return kept;
}

}  // namespace agentpool::stores
