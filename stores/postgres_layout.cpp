#include "stores/postgres_layout.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace agentpool::stores {

namespace {

// Identifiers compare by their bytes (COLLATE "C"), as they do in the engine. The first two tables
// are shared with other programs, which may have made them.
//
// Other programs know nothing of heads and notifications: a trigger takes up what they insert,
// which has no time yet. It costs our own rows the look at one column.
constexpr const char* first_version[] = {
    "CREATE TABLE IF NOT EXISTS agent_pool_records(pool_id TEXT COLLATE \"C\", seq BIGINT,"
    " kind TEXT, payload_json TEXT, PRIMARY KEY(pool_id, seq))",
    "ALTER TABLE agent_pool_records"
    " ADD COLUMN IF NOT EXISTS recorded_at_millis BIGINT NOT NULL DEFAULT 0,"
    " ADD COLUMN IF NOT EXISTS trigger_json TEXT",
    "CREATE TABLE IF NOT EXISTS agent_pool_event_seq(pool_id TEXT COLLATE \"C\" PRIMARY KEY,"
    " seq BIGINT)",
    "CREATE TABLE agentpool_host_events(pool_id TEXT COLLATE \"C\" NOT NULL,"
    " number BIGINT NOT NULL, after_sequence BIGINT NOT NULL,"
    " recorded_at_millis BIGINT NOT NULL, event_json TEXT NOT NULL,"
    " PRIMARY KEY(pool_id, number))",
    "CREATE SEQUENCE agentpool_ack_change",
    "CREATE TABLE agentpool_inbox_acks(change BIGINT PRIMARY KEY,"
    " pool_id TEXT COLLATE \"C\" NOT NULL, run_id TEXT COLLATE \"C\" NOT NULL,"
    " acked BIGINT NOT NULL, UNIQUE(pool_id, run_id))",
    "CREATE INDEX agentpool_ack_changes ON agentpool_inbox_acks(pool_id, change)",
    "CREATE TABLE agentpool_checkpoints(pool_id TEXT COLLATE \"C\" PRIMARY KEY,"
    " number BIGINT NOT NULL, sequence BIGINT NOT NULL, host_events BIGINT NOT NULL,"
    " head BYTEA NOT NULL)",
    "CREATE TABLE agentpool_checkpoint_parts(pool_id TEXT COLLATE \"C\" NOT NULL,"
    " number BIGINT NOT NULL, part BIGINT NOT NULL, bytes BYTEA NOT NULL,"
    " PRIMARY KEY(pool_id, number, part))",
    "CREATE TABLE agentpool_horizons(pool_id TEXT COLLATE \"C\" PRIMARY KEY,"
    " sequence BIGINT NOT NULL, host_events BIGINT NOT NULL, number BIGINT NOT NULL,"
    " event_seq BIGINT NOT NULL, roll BYTEA NOT NULL)",
    // Rows that change with every append: room for their next version on the same page.
    "CREATE TABLE agentpool_heads(pool_id TEXT COLLATE \"C\" PRIMARY KEY,"
    " sequence BIGINT NOT NULL, host_events BIGINT NOT NULL, opened BIGINT NOT NULL)"
    " WITH (fillfactor = 50)",
    "CREATE TABLE agentpool_writers(writer TEXT PRIMARY KEY, last_append BIGINT NOT NULL)"
    " WITH (fillfactor = 50)",
    "INSERT INTO agentpool_heads(pool_id, sequence, host_events, opened)"
    " SELECT pool_id, max(seq), 0, count(*) FILTER (WHERE kind = 'pool_opened')"
    " FROM agent_pool_records GROUP BY pool_id",
    "CREATE FUNCTION agentpool_take_up() RETURNS trigger LANGUAGE plpgsql"
    " SECURITY DEFINER SET search_path FROM CURRENT AS $$ BEGIN"
    " INSERT INTO agentpool_heads AS h(pool_id, sequence, host_events, opened)"
    " VALUES(NEW.pool_id, NEW.seq, 0, coalesce((NEW.kind = 'pool_opened')::int, 0))"
    " ON CONFLICT (pool_id) DO UPDATE SET sequence = greatest(h.sequence, excluded.sequence),"
    " opened = h.opened + excluded.opened;"
    " PERFORM pg_notify(TG_TABLE_SCHEMA || '_appended',"
    " CASE WHEN octet_length(NEW.pool_id) < 8000 THEN NEW.pool_id ELSE '' END);"
    " RETURN NEW; END $$",
    "CREATE TRIGGER agentpool_others BEFORE INSERT ON agent_pool_records FOR EACH ROW"
    " WHEN (NEW.recorded_at_millis = 0) EXECUTE FUNCTION agentpool_take_up()",
    "CREATE TABLE agentpool_schema_version(version BIGINT PRIMARY KEY)",
    "INSERT INTO agentpool_schema_version VALUES(1)",
};

// Leases are renewed without end: room for a row's next version on the same page.
constexpr const char* second_version[] = {
    "CREATE SEQUENCE agentpool_registry_version",
    "CREATE TABLE agentpool_registry(space TEXT COLLATE \"C\" NOT NULL,"
    " key TEXT COLLATE \"C\" NOT NULL, value TEXT NOT NULL, version BIGINT NOT NULL,"
    " PRIMARY KEY(space, key)) WITH (fillfactor = 50)",
    "INSERT INTO agentpool_schema_version VALUES(2)",
};

constexpr const char* third_version[] = {
    "CREATE TABLE agentpool_contents(sha256 TEXT COLLATE \"C\" PRIMARY KEY, bytes BYTEA NOT NULL)",
    ("CREATE TABLE agentpool_content_total(id BIGINT PRIMARY KEY CHECK(id = 1),"
     " bytes BIGINT NOT NULL) WITH (fillfactor = 50)"),
    "INSERT INTO agentpool_content_total VALUES(1, 0)",
    "INSERT INTO agentpool_schema_version VALUES(3)",
};

/// What makes each version out of the one before.
constexpr std::span<const char* const> steps[] = {first_version, second_version, third_version};
constexpr std::uint64_t version_now = std::size(steps);

/// 0 when there are no tables.
std::uint64_t version_of(postgres_connection& connection, const std::string& schema,
                         const deadline& until) {
  const std::array name{value(schema)};
  connection.send("SELECT to_regclass(quote_ident($1) || '.agentpool_schema_version') IS NOT NULL",
                  name);
  if (!connection.receive(until).at(0).is_true(0, 0)) return 0;
  connection.send("SELECT max(version) FROM agentpool_schema_version");
  const auto versions = connection.receive(until);
  return versions.at(0).number(0, 0);
}

}  // namespace

postgres_layout layout_of(postgres_connection& connection, const std::string& schema,
                          const deadline& until) {
  const auto version = version_of(connection, schema, until);
  if (version == 0) return postgres_layout::missing;
  if (version < version_now) return postgres_layout::older;
  return version > version_now ? postgres_layout::newer : postgres_layout::ours;
}

// The lock is the session's and not the transaction's: what a transaction found missing before it
// waited, it may remember as missing afterwards.
void lay_out(postgres_connection& connection, const std::string& schema, const deadline& until) {
  const std::array name{value(schema)};
  connection.send("SELECT pg_advisory_lock(hashtext('agentpool layout'), hashtext($1))", name);
  connection.receive(until);
  // Who had the lock before has perhaps made all of it.
  if (const auto version = version_of(connection, schema, until); version < version_now) {
    connection.send("BEGIN");
    if (version == 0)
      connection.send_once("CREATE SCHEMA IF NOT EXISTS " + connection.quoted(schema));
    for (const auto& step : std::span{steps}.subspan(version))
      for (const char* statement : step) connection.send_once(statement);
    connection.send("COMMIT");
  }
  connection.send("SELECT pg_advisory_unlock(hashtext('agentpool layout'), hashtext($1))", name);
  connection.receive(until);
}

}  // namespace agentpool::stores
