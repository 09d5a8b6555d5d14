// Rows of a PostgreSQL store that another program wrote or damaged, by plain SQL.
#include "agentpool/core/json.hpp"
#include "backends.hpp"
#include "catch.hpp"
#include "postgres_kit.hpp"
#include "samples.hpp"

namespace agentpool::stores {
namespace {

const core::pool_id pool{"pool.a"};

bool is_corrupt(const core::agent_error& error) {
  return error.kind == core::agent_error_kind::recovery_repair_needed;
}

bool names(const core::agent_error& error, const std::string& text) {
  return error.message.find(text) != std::string::npos;
}

void insert(raw_database& raw, int seq, const char* kind, const core::store_payload& payload) {
  raw.insert(pool.text(), seq, kind, core::to_json(payload));
}

void insert_three(raw_database& raw) {
  insert(raw, 1, "pool_opened", samples::opened());
  insert(raw, 2, "pool_created", samples::created());
  insert(raw, 3, "member_joined", samples::joined("run.a"));
}

std::uint64_t time_of(core::store_backend& store, std::uint64_t sequence) {
  return value_of(store.fetch(pool, {&sequence, 1})).at(0)->recorded_at_millis;
}

}  // namespace

TEST_CASE("a damaged row is refused with its pool and sequence, and never with its content") {
  if (!has_postgres()) return;
  struct damage {
    const char* name;
    const char* sql;
  };
  const auto [name, sql] = GENERATE(values<damage>({
      {"no JSON", "payload_json = '{secret body'"},
      {"cut JSON", "payload_json = substr(payload_json, 1, 90)"},
      {"not an object", "payload_json = '[\"secret body\"]'"},
      {"no type", "payload_json = '{\"secret body\": 1}'"},
      {"an unknown type", "payload_json = '{\"type\": \"secret body\"}'"},
      {"a missing field", "payload_json = '{\"type\": \"run_message\"}'"},
      {"deep nesting", "payload_json = repeat('[', 5000)"},
      {"no payload", "payload_json = NULL"},
      {"a number", "payload_json = 17"},
      {"another kind", "kind = 'pool_created'"},
      {"no kind", "kind = NULL"},
      {"a trigger that is none", "trigger_json = '{\"summary\": \"secret body\"}'"},
  }));
  INFO(name);
  const fresh_schema schema;
  const auto store = schema.open();
  append(*store, samples::records(pool, {}, 5));
  schema.raw().run("UPDATE agent_pool_records SET " + std::string{sql} + " WHERE seq = 3");
  const auto page = store->read(pool, {}, 10);
  REQUIRE_FALSE(page.ok());
  CHECK(is_corrupt(page.error()));
  CHECK(names(page.error(), "pool.a, sequence 3"));
  CHECK_FALSE(names(page.error(), "secret body"));
  const std::uint64_t third = 3;
  CHECK(is_corrupt(store->fetch(pool, {&third, 1}).error()));
  CHECK(value_of(store->read(pool, {}, 2)).entries.size() == 2);
  CHECK(value_of(store->read(pool, {3, 0}, 10)).entries.size() == 2);
  CHECK(value_of(store->changed_pools()).empty());
}

TEST_CASE("a row that is missing in the middle or at the end is named") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  append(*store, samples::records(pool, {}, 5));
  const int missing = GENERATE(4, 5);
  schema.raw().run("DELETE FROM agent_pool_records WHERE seq = " + std::to_string(missing));
  const auto page = store->read(pool, {}, 10);
  REQUIRE_FALSE(page.ok());
  CHECK(is_corrupt(page.error()));
  CHECK(names(page.error(), "pool.a, sequence " + std::to_string(missing)));
}

TEST_CASE("a host event without its predecessor, its record or its fields is corrupt") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  auto head = append(*store, samples::records(pool, {}, 2));
  head = append(*store, samples::host_event(pool, head));
  append(*store, samples::host_event(pool, head));
  schema.raw().run(GENERATE("DELETE FROM agentpool_host_events WHERE number = 1",
                            "DELETE FROM agentpool_host_events WHERE number = 2",
                            "UPDATE agentpool_host_events SET after_sequence = 9",
                            "UPDATE agentpool_host_events SET event_json = '{}'"));
  const auto page = store->read(pool, {}, 10);
  REQUIRE_FALSE(page.ok());
  CHECK(is_corrupt(page.error()));
  CHECK(names(page.error(), "pool.a, sequence"));
}

TEST_CASE("records beyond the head's row are not written over") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  append(*store, samples::records(pool, {}, 5));
  schema.raw().run("UPDATE agentpool_heads SET sequence = 4");
  const auto request = samples::records(pool, {4, 0}, 1);
  const auto results = store->append({&request, 1});
  REQUIRE_FALSE(results.ok());
  CHECK(is_corrupt(results.error()));
  CHECK(names(results.error(), "pool.a, sequence 5"));
}

TEST_CASE("a pool id on the server that breaks the rules is corrupt, and other pools go on") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  append(*store, samples::records(pool, {}, 1));
  schema.raw().insert("bad\tid", 1, "pool_created", R"({"type":"pool_created"})");
  const auto pools = store->list_pools();
  REQUIRE_FALSE(pools.ok());
  CHECK(is_corrupt(pools.error()));
  CHECK(value_of(store->changed_pools()).empty());
  CHECK(append(*store, samples::records(pool, {1, 0}, 1)) == core::log_position{2, 0});
}

TEST_CASE("rows of another program are noticed, counted and given the time of their reading") {
  if (!has_postgres()) return;
  fresh_schema schema;
  const auto store = schema.open();
  auto raw = schema.raw();
  insert_three(raw);
  CHECK(awaited_changes(*store) == std::vector{pool});
  CHECK(value_of(store->list_pools()) == std::vector{pool});
  CHECK(value_of(store->head(pool)) == core::log_position{3, 0});
  CHECK(whole_log(*store, pool, 2).at(0)->recorded_at_millis == 5'000);
  schema.clock().set(9'000);
  CHECK(time_of(*store, 3) == 5'000);
  insert(raw, 4, "member_left", samples::left("run.a"));
  CHECK(time_of(*store, 4) == 9'000);
  CHECK(append(*store, samples::records(pool, {4, 0})) == core::log_position{5, 0});
  CHECK(raw.value("SELECT seq FROM agent_pool_event_seq") == "4");
  CHECK(raw.value("SELECT opened FROM agentpool_heads") == "1");
}

TEST_CASE("an append that does not know a row of another program on the server is a conflict") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  append(*store, samples::records(pool, {}, 1));
  auto raw = schema.raw();
  insert(raw, 2, "pool_created", samples::created());
  const auto late = samples::records(pool, {1, 0}, 1);
  const auto results = value_of(store->append({&late, 1}));
  CHECK(results.at(0).what == core::append_result::kind::conflict);
  CHECK(results.at(0).head == core::log_position{2, 0});
}

TEST_CASE("rows in tables that another program made on the server first are taken up") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  auto raw = schema.raw();
  raw.run("CREATE SCHEMA " + schema.name());
  raw.run(
      "CREATE TABLE agent_pool_records(pool_id TEXT, seq INTEGER, kind TEXT, payload_json TEXT,"
      " PRIMARY KEY(pool_id, seq))");
  raw.run("CREATE TABLE agent_pool_event_seq(pool_id TEXT PRIMARY KEY, seq INTEGER)");
  insert_three(raw);
  const auto store = schema.open();
  CHECK(value_of(store->head(pool)) == core::log_position{3, 0});
  CHECK(whole_log(*store, pool).size() == 3);
  CHECK(append(*store, samples::records(pool, {3, 0})) == core::log_position{4, 0});
  insert(raw, 5, "member_left", samples::left("run.a"));
  CHECK(whole_log(*store, pool).size() == 5);
}

TEST_CASE("word of a pool with an id too long for it says to look at all") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  append(*store, samples::records(pool, {}, 1));
  schema.raw().insert(std::string(9'000, 'x'), 1, "pool_created", R"({"type":"pool_created"})");
  CHECK(awaited_changes(*store) == std::vector{pool});
}

TEST_CASE("word of a store in another schema is not heard") {
  if (!has_postgres()) return;
  const fresh_schema one;
  const fresh_schema other;
  const auto store = one.open();
  append(*other.open(), samples::records(core::pool_id{"pool.far"}, {}, 1));
  append(*one.open(), samples::records(pool, {}, 1));
  CHECK(awaited_changes(*store) == std::vector{pool});
}

}  // namespace agentpool::stores
