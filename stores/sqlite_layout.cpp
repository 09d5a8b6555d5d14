#include "stores/sqlite_layout.hpp"

#include <string>

namespace agentpool::stores {

namespace {

struct table {
  const char* name;
  const char* columns;
};

// The first two are shared with other programs, which may have made them; the columns of ours are
// added to theirs.
constexpr table records{"agent_pool_records",
                        "(pool_id TEXT, seq INTEGER, kind TEXT, payload_json TEXT,"
                        " recorded_at_millis INTEGER NOT NULL DEFAULT 0, trigger_json TEXT,"
                        " PRIMARY KEY(pool_id, seq))"};
constexpr table event_seq{"agent_pool_event_seq", "(pool_id TEXT PRIMARY KEY, seq INTEGER)"};
constexpr table host_events{"agentpool_host_events",
                            "(pool_id TEXT NOT NULL, number INTEGER NOT NULL,"
                            " after_sequence INTEGER NOT NULL,"
                            " recorded_at_millis INTEGER NOT NULL, event_json TEXT NOT NULL,"
                            " PRIMARY KEY(pool_id, number))"};
constexpr table inbox_acks{"agentpool_inbox_acks",
                           "(change INTEGER PRIMARY KEY, pool_id TEXT NOT NULL,"
                           " run_id TEXT NOT NULL, acked INTEGER NOT NULL,"
                           " UNIQUE(pool_id, run_id))"};
constexpr table checkpoints{"agentpool_checkpoints",
                            "(pool_id TEXT PRIMARY KEY, number INTEGER NOT NULL,"
                            " sequence INTEGER NOT NULL, host_events INTEGER NOT NULL,"
                            " head BLOB NOT NULL)"};
constexpr table checkpoint_parts{"agentpool_checkpoint_parts",
                                 "(pool_id TEXT NOT NULL, number INTEGER NOT NULL,"
                                 " part INTEGER NOT NULL, bytes BLOB NOT NULL,"
                                 " PRIMARY KEY(pool_id, number, part))"};
constexpr table horizons{"agentpool_horizons",
                         "(pool_id TEXT PRIMARY KEY, sequence INTEGER NOT NULL,"
                         " host_events INTEGER NOT NULL, number INTEGER NOT NULL,"
                         " event_seq INTEGER NOT NULL, roll BLOB NOT NULL)"};
constexpr table registry{"agentpool_registry",
                         "(space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,"
                         " version INTEGER NOT NULL, PRIMARY KEY(space, key)) WITHOUT ROWID"};
constexpr table registry_version{"agentpool_registry_version",
                                 "(id INTEGER PRIMARY KEY CHECK(id = 1),"
                                 " version INTEGER NOT NULL)"};
constexpr table contents{"agentpool_contents",
                         "(sha256 TEXT PRIMARY KEY NOT NULL, bytes BLOB NOT NULL)"};
constexpr table content_total{"agentpool_content_total",
                              "(id INTEGER PRIMARY KEY CHECK(id = 1), bytes INTEGER NOT NULL)"};
constexpr table tables[] = {records,          event_seq,        host_events,  inbox_acks,
                            checkpoints,      checkpoint_parts, horizons,     registry,
                            registry_version, contents,         content_total};

// Each costs an append next to nothing: the first holds a row a pool, the other grows in step.
constexpr const char* indexes =
    "CREATE INDEX IF NOT EXISTS agentpool_opened ON agent_pool_records(pool_id)"
    " WHERE kind = 'pool_opened';"
    "CREATE INDEX IF NOT EXISTS agentpool_ack_changes ON agentpool_inbox_acks(pool_id)";

bool has_object(sqlite_connection& connection, std::string_view name) {
  sqlite_statement find{connection, "SELECT 1 FROM main.sqlite_schema WHERE name = ?1"};
  return statement_run{find, name}.step();
}

bool has_column(sqlite_connection& connection, std::string_view name) {
  sqlite_statement find{connection,
                        "SELECT 1 FROM pragma_table_info('agent_pool_records') WHERE name = ?1"};
  return statement_run{find, name}.step();
}

bool is_laid_out(sqlite_connection& connection) {
  for (const auto& wanted : tables)
    if (!has_object(connection, wanted.name)) return false;
  return has_object(connection, "agentpool_opened") &&
         has_object(connection, "agentpool_ack_changes") &&
         has_column(connection, "recorded_at_millis") && has_column(connection, "trigger_json");
}

void add_column(sqlite_connection& connection, const std::string& name, const char* type) {
  if (has_column(connection, name)) return;
  connection.run(("ALTER TABLE agent_pool_records ADD COLUMN " + name + type).c_str());
}

}  // namespace

void lay_out(sqlite_connection& connection) {
  if (is_laid_out(connection)) return;
  connection.run("BEGIN IMMEDIATE");
  for (const auto& wanted : tables)
    connection.run(
        ("CREATE TABLE IF NOT EXISTS " + std::string{wanted.name} + wanted.columns).c_str());
  add_column(connection, "recorded_at_millis", " INTEGER NOT NULL DEFAULT 0");
  add_column(connection, "trigger_json", " TEXT");
  connection.run(indexes);
  connection.run("COMMIT");
}

void lay_out_for_reading(sqlite_connection& connection) {
  if (is_laid_out(connection)) return;
  for (const auto& wanted : tables) {
    if (has_object(connection, wanted.name)) continue;
    connection.run(("CREATE TEMP TABLE " + std::string{wanted.name} + wanted.columns).c_str());
  }
  if (!has_object(connection, records.name)) return;
  const std::string time =
      has_column(connection, "recorded_at_millis") ? "recorded_at_millis" : "0";
  const std::string trigger = has_column(connection, "trigger_json") ? "trigger_json" : "NULL";
  connection.run(("CREATE TEMP VIEW agent_pool_records AS SELECT rowid AS rowid, pool_id, seq,"
                  " kind, payload_json, " +
                  time + " AS recorded_at_millis, " + trigger +
                  " AS trigger_json FROM main.agent_pool_records")
                     .c_str());
}

}  // namespace agentpool::stores
