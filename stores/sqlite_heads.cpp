#include "stores/sqlite_heads.hpp"

#include <utility>

namespace agentpool::stores {

namespace {

constexpr std::size_t heads_max = 100'000;  ///< Pools whose heads are remembered at once.

}  // namespace

sqlite_heads::sqlite_heads(sqlite_connection& connection)
    : data_version_{connection, "PRAGMA main.data_version"},
      schema_version_{connection, "PRAGMA main.schema_version"},
      last_record_{connection, "SELECT max(rowid) FROM agent_pool_records"},
      last_host_{connection, "SELECT max(rowid) FROM agentpool_host_events"},
      last_ack_{connection, "SELECT max(change) FROM agentpool_inbox_acks"},
      new_records_{connection, "SELECT DISTINCT pool_id FROM agent_pool_records WHERE rowid > ?1"},
      new_hosts_{connection, "SELECT DISTINCT pool_id FROM agentpool_host_events WHERE rowid > ?1"},
      new_acks_{connection, "SELECT DISTINCT pool_id FROM agentpool_inbox_acks WHERE change > ?1"},
      all_pools_{connection, "SELECT DISTINCT pool_id FROM agent_pool_records WHERE ?1 = 0"},
      head_{connection,
            "SELECT (SELECT max(seq) FROM (SELECT max(seq) AS seq FROM agent_pool_records"
            "   WHERE pool_id = ?1 UNION ALL"
            "   SELECT sequence FROM agentpool_horizons WHERE pool_id = ?1)),"
            " (SELECT max(number) FROM (SELECT max(number) AS number FROM agentpool_host_events"
            "   WHERE pool_id = ?1 UNION ALL"
            "   SELECT host_events FROM agentpool_horizons WHERE pool_id = ?1)),"
            " (SELECT count(*) FROM agent_pool_records"
            "   WHERE pool_id = ?1 AND kind = 'pool_opened')"} {}

std::uint64_t sqlite_heads::number(sqlite_statement& statement) {
  statement_run run{statement};
  return run.step() ? run->integer(0) : 0;
}

growth sqlite_heads::measure() {
  return {number(last_record_), number(last_host_), number(last_ack_)};
}

// Other connections' commits change the data version, ours do not. What is measured first may be
// reported twice when somebody commits in between, never lost.
bool sqlite_heads::refresh() {
  if (heads_.size() > heads_max) heads_.clear();
  const std::uint64_t version = number(data_version_);
  if (data_ == version) return false;
  const std::uint64_t schema = number(schema_version_);
  const growth now = measure();
  const bool first = !data_;
  // VACUUM renumbers rows, and with it comes another schema version.
  const bool renumbered = schema != schema_ || now.records < seen_.records ||
                          now.hosts < seen_.hosts || now.acks < seen_.acks;
  if (!first && renumbered) start_over();
  if (!first && !renumbered) {
    if (now.records > seen_.records) note_changed(new_records_, seen_.records);
    if (now.hosts > seen_.hosts) note_changed(new_hosts_, seen_.hosts);
    if (now.acks > seen_.acks) note_changed(new_acks_, seen_.acks);
  }
  seen_ = now;
  schema_ = schema;
  data_ = version;
  return !first;
}

void sqlite_heads::start_over() {
  heads_.clear();
  note_changed(all_pools_, 0);
}

void sqlite_heads::note_changed(sqlite_statement& pools, std::uint64_t after) {
  statement_run run{pools, after};
  while (run.step()) {
    const auto text = run->text(0);
    if (!core::identifier_fault(text).empty()) continue;  // no pool can have that id
    core::pool_id pool{text};
    heads_.erase(pool);
    changed_.insert(std::move(pool));
  }
}

pool_head& sqlite_heads::of(const core::pool_id& pool) {
  if (const auto found = heads_.find(pool); found != heads_.end()) return found->second;
  statement_run run{head_, pool.text()};
  pool_head head;
  if (run.step()) head = {{run->integer(0), run->integer(1)}, run->integer(2)};
  return heads_.emplace(pool, head).first->second;
}

std::vector<core::pool_id> sqlite_heads::take_changed() {
  const auto changed = std::exchange(changed_, {});
  return {changed.begin(), changed.end()};
}

}  // namespace agentpool::stores
