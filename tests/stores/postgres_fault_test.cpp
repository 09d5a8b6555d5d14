// What a PostgreSQL store does when the server refuses, or its rows are damaged.
#include <chrono>
#include <fstream>
#include <thread>

#include "backends.hpp"
#include "catch.hpp"
#include "postgres_kit.hpp"
#include "samples.hpp"

namespace agentpool::stores {
namespace {

using namespace std::chrono_literals;
using kind = core::append_result::kind;

const core::pool_id pool{"pool.a"};
const samples::set_clock fixed_clock{5'000};

bool is_unavailable(const core::agent_error& error) {
  return error.kind == core::agent_error_kind::journal_failure &&
         error.retry == core::retry_classification::retryable;
}

bool is_corrupt(const core::agent_error& error) {
  return error.kind == core::agent_error_kind::recovery_repair_needed;
}

bool names(const core::agent_error& error, const std::string& text) {
  return error.message.find(text) != std::string::npos;
}

/// The error of an append that must fail.
core::agent_error refusal(core::store_backend& store, const core::append_request& request) {
  auto results = store.append({&request, 1});
  REQUIRE_FALSE(results.ok());
  INFO(results.error().message);
  return results.error();
}

core::agent_error refused_opening(const std::string& conninfo, postgres_options options = {}) {
  const auto store = open_postgres(conninfo, fixed_clock, options);
  REQUIRE_FALSE(store.ok());
  INFO(store.error().message);
  return store.error();
}

}  // namespace

TEST_CASE("no server is an error that names the host and not the password") {
  const auto error =
      refused_opening("host=/nowhere/at.all port=7777 user=u password=hunter2 dbname=d");
  CHECK(is_unavailable(error));
  CHECK(names(error, "/nowhere/at.all"));
  CHECK(names(error, "7777"));
  CHECK_FALSE(names(error, "hunter2"));
  const auto by_url = refused_opening("postgresql://u:hunter2@127.0.0.1:1/d");
  CHECK(is_unavailable(by_url));
  CHECK(names(by_url, "127.0.0.1"));
  CHECK_FALSE(names(by_url, "hunter2"));
}

TEST_CASE("a connection string that is not understood is not repeated in the error") {
  for (const char* wrong : {"host=h password=hunter2 swordfish", "password='hunter2", "hunter2",
                            "postgresql://u:hunter2@[h/d", "hunter2=1"}) {
    const auto error = refused_opening(wrong);
    CHECK(error.kind == core::agent_error_kind::host_configuration_needed);
    CHECK_FALSE(names(error, "hunter2"));
    CHECK_FALSE(names(error, "swordfish"));
  }
}

TEST_CASE("a schema whose name could mean something else is refused") {
  for (const char* wrong : {"", "Pools", "a-b", "a\"b", "a;b"})
    CHECK(refused_opening("host=/nowhere", {.schema = wrong}).kind ==
          core::agent_error_kind::host_configuration_needed);
}

TEST_CASE("a wrong password is an error that says so without the password") {
  if (!has_postgres()) return;
  auto& server = shared_postgres();
  raw_database raw{server.conninfo()};
  raw.run("CREATE ROLE locked LOGIN PASSWORD 'right one'");
  {
    std::ofstream rules{server.folder().file("data/pg_hba.conf")};
    rules << "local all locked scram-sha-256\nlocal all all trust\n";
  }
  raw.run("SELECT pg_reload_conf()");
  // The server takes the rules up when it gets round to it.
  core::agent_error error;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!names(error, "password") && std::chrono::steady_clock::now() < end)
    error = refused_opening(server.conninfo_of("locked") + " password=hunter2");
  CHECK(is_unavailable(error));
  CHECK(names(error, "password authentication failed"));
  CHECK(names(error, server.folder().path().string()));
  CHECK_FALSE(names(error, "hunter2"));
}

TEST_CASE("a database that is read-only makes appends unavailable, not reads") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  append(*schema.open(), samples::records(pool, {}, 2));
  auto raw = schema.raw();
  raw.run("ALTER ROLE tests SET default_transaction_read_only = on");
  const auto store = schema.open();
  const auto error = refusal(*store, samples::records(pool, {2, 0}, 1));
  raw.run("ALTER ROLE tests RESET default_transaction_read_only");
  CHECK(is_unavailable(error));
  CHECK(names(error, "pool.a, sequence 3"));
  CHECK(names(error, "read-only"));
  CHECK(whole_log(*store, pool).size() == 2);
}

TEST_CASE("a full disk of the server fails an append wholly, and the handle goes on") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  append(*store, samples::records(pool, {}, 1));
  auto raw = schema.raw();
  raw.run(
      "CREATE FUNCTION fill_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " RAISE 'secret body' USING ERRCODE = 'disk_full'; END $$");
  const char* table = GENERATE("agent_pool_records", "agentpool_heads", "agent_pool_event_seq");
  raw.run(std::string{"CREATE TRIGGER fills_up AFTER INSERT OR UPDATE ON "} + table +
          " FOR EACH ROW EXECUTE FUNCTION fill_up()");
  auto request = samples::records(pool, {1, 0}, 8);
  request.acks = {samples::ack("run.a", 1)};
  const auto error = refusal(*store, request);
  CHECK(is_unavailable(error));
  CHECK(names(error, "pool.a, sequence 2"));
  CHECK(names(error, "disk is full"));
  CHECK_FALSE(names(error, "secret body"));
  CHECK(value_of(store->head(pool)) == core::log_position{1, 0});
  CHECK(all_acks(*store, pool).acks.empty());
  raw.run(std::string{"DROP TRIGGER fills_up ON "} + table);
  CHECK(append(*store, request) == core::log_position{9, 0});
}

TEST_CASE("a head that another holds past the wait makes its pool unavailable until it is let go") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open({.lock_wait_max = 50ms});
  append(*store, samples::records(pool, {}, 2));
  auto raw = schema.raw();
  raw.run("BEGIN");
  raw.run("SELECT 1 FROM agentpool_heads FOR UPDATE");
  const auto error = refusal(*store, samples::records(pool, {2, 0}, 1));
  CHECK(is_unavailable(error));
  CHECK(names(error, "pool.a, sequence 3"));
  CHECK(names(error, "holds the lock"));
  CHECK(append(*store, samples::records(core::pool_id{"pool.b"}, {}, 1)) ==
        core::log_position{1, 0});
  raw.run("ROLLBACK");
  CHECK(append(*store, samples::records(pool, {2, 0}, 1)) == core::log_position{3, 0});
}

TEST_CASE("a connection that the server ended is replaced without a word") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  append(*store, samples::records(pool, {}, 2));
  schema.raw().run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'agentpool'"
      " AND pid <> pg_backend_pid()");
  if (GENERATE(true, false)) CHECK(whole_log(*store, pool).size() == 2);
  CHECK(append(*store, samples::records(pool, {2, 0}, 1)) == core::log_position{3, 0});
  CHECK(value_of(store->changed_pools()) == std::vector{pool});
}

TEST_CASE("a writer whose row somebody removed takes another") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  append(*store, samples::records(pool, {}, 2));
  schema.raw().run("DELETE FROM agentpool_writers");
  CHECK(append(*store, samples::records(pool, {2, 0}, 1)) == core::log_position{3, 0});
  CHECK(schema.raw().value("SELECT last_append FROM agentpool_writers") == "1");
}

TEST_CASE("a handle that is closed leaves no row of a writer behind") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  append(*schema.open(), samples::records(pool, {}, 2));
  CHECK(schema.raw().value("SELECT count(*) FROM agentpool_writers") == "0");
}

TEST_CASE(
    "engines that append to the same pools in any order never wait for each other in a ring") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  constexpr int pools = 12;
  const auto write = [&](bool backwards) {
    const auto store = schema.open();
    std::vector<core::log_position> at(pools);
    for (int batches = 0; batches < 25; ++batches) {
      std::vector<core::append_request> batch;
      for (int i = 0; i < pools; ++i) {
        const int which = backwards ? pools - 1 - i : i;
        const core::pool_id id{"pool." + std::to_string(which)};
        batch.push_back(samples::records(id, at[static_cast<std::size_t>(which)], 1));
      }
      const auto results = value_of(store->append(batch));
      for (int i = 0; i < pools; ++i)
        at[static_cast<std::size_t>(backwards ? pools - 1 - i : i)] =
            results[static_cast<std::size_t>(i)].head;
    }
  };
  std::string faults[2];
  const auto try_writing = [&](bool backwards) {
    try {
      write(backwards);
    } catch (const std::exception& thrown) {
      faults[backwards ? 1 : 0] = thrown.what();
    }
  };
  std::thread other{[&] { try_writing(true); }};
  try_writing(false);
  other.join();
  CHECK(faults[0] == "");
  CHECK(faults[1] == "");
  CHECK(schema.raw().value("SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'") ==
        "0");
  const auto store = schema.open();
  for (const auto& each : value_of(store->list_pools()))
    CHECK(whole_log(*store, each).size() == value_of(store->head(each)).sequence);
}

TEST_CASE("who wants the store alone is refused while another writes, and keeps others out") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  auto store = schema.open();
  const auto refused = schema.try_open({.alone = true});
  REQUIRE_FALSE(refused.ok());
  CHECK(is_unavailable(refused.error()));
  CHECK(names(refused.error(), "another program has the store open"));
  store.reset();
  // The server lets go of what a closed connection held when it gets round to it.
  std::unique_ptr<core::store_backend> alone;
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (alone == nullptr && std::chrono::steady_clock::now() < end)
    if (auto opened = schema.try_open({.alone = true})) alone = *std::move(opened);
  REQUIRE(alone);
  append(*alone, samples::records(pool, {}, 1));
  const auto kept_out = schema.try_open();
  REQUIRE_FALSE(kept_out.ok());
  CHECK(is_unavailable(kept_out.error()));
  CHECK(whole_log(*schema.open({.read_only = true}), pool).size() == 1);
}

TEST_CASE("opening a database without a store read-only makes none") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.try_open({.read_only = true});
  REQUIRE_FALSE(store.ok());
  CHECK(store.error().kind == core::agent_error_kind::host_configuration_needed);
  CHECK(names(store.error(), schema.name()));
  CHECK(schema.raw().value("SELECT count(*) FROM pg_namespace WHERE nspname = '" + schema.name() +
                           "'") == "0");
}

TEST_CASE("a read-only handle on a server follows what is appended and refuses to append") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto writer = schema.open();
  append(*writer, samples::records(pool, {}, 1));
  const auto store = schema.open({.read_only = true});
  append(*writer, samples::records(pool, {1, 0}, 1));
  CHECK(awaited_changes(*store) == std::vector{pool});
  CHECK(whole_log(*store, pool).size() == 2);
  CHECK(is_unavailable(refusal(*store, samples::records(pool, {2, 0}, 1))));
}

TEST_CASE("tables of a newer version are left alone") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  append(*schema.open(), samples::records(pool, {}, 1));
  schema.raw().run("INSERT INTO agentpool_schema_version VALUES(99)");
  const auto store = schema.try_open();
  REQUIRE_FALSE(store.ok());
  CHECK(store.error().kind == core::agent_error_kind::host_configuration_needed);
}

TEST_CASE("tables of other columns in the schema are not taken for a store") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  auto raw = schema.raw();
  raw.run("CREATE SCHEMA " + schema.name());
  raw.run("CREATE TABLE agent_pool_records(pool_id TEXT, something TEXT)");
  const auto store = schema.try_open();
  REQUIRE_FALSE(store.ok());
  CHECK(is_corrupt(store.error()));
}

}  // namespace agentpool::stores
