// The registry on a server: rows that others hold, commits whose answer is lost, writers in any
// order.
#include <atomic>
#include <chrono>
#include <thread>

#include "backends.hpp"
#include "catch.hpp"
#include "postgres_kit.hpp"
#include "postgres_proxy.hpp"

namespace agentpool::stores {
namespace {

using namespace std::chrono_literals;
using core::registry_write;
using rows = std::vector<core::registry_row>;

std::uint64_t put(core::store_backend& store, const std::string& key, const std::string& value,
                  std::uint64_t expected = 0) {
  const registry_write write{"lease", key, value, expected};
  return value_of(store.write_registry({&write, 1})).at(0).value();
}

rows read(core::store_backend& store) { return value_of(store.read_registry({"lease"})); }

/// As the first version of the tables left it.
void make_older(const fresh_schema& schema) {
  schema.raw().run(
      "DROP TABLE agentpool_registry; DROP SEQUENCE agentpool_registry_version;"
      " DROP TABLE agentpool_contents; DROP TABLE agentpool_content_total;"
      " DELETE FROM agentpool_schema_version WHERE version > 1");
}

}  // namespace

TEST_CASE("handles that open an older schema at once all find the registry") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  schema.open().reset();
  make_older(schema);
  std::vector<std::unique_ptr<core::store_backend>> stores(4);
  {
    std::vector<std::jthread> openers;
    for (auto& store : stores) openers.emplace_back([&] { store = schema.open(); });
  }
  for (std::size_t i = 0; i < stores.size(); ++i) put(*stores[i], std::to_string(i), "node");
  CHECK(read(*stores[0]).size() == stores.size());
}

TEST_CASE(
    "rows that nobody holds can be written while another row is held, and then that one, too") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open({.lock_wait_max = 50ms});
  const auto version = put(*store, "pool.a", "node.1");
  auto raw = schema.raw();
  raw.run("BEGIN");
  raw.run("SELECT 1 FROM agentpool_registry WHERE key = 'pool.a' FOR UPDATE");
  const std::vector<registry_write> writes{{"lease", "pool.b", "node.2", 0},
                                           {"lease", "pool.a", "node.2", version}};
  const auto refused = store->write_registry(writes);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().retry == core::retry_classification::retryable);
  CHECK(read(*store).size() == 1);
  put(*store, "pool.c", "node.1");
  raw.run("ROLLBACK");
  CHECK(value_of(store->write_registry(writes)).at(1).value() > version);
  CHECK(read(*store).size() == 3);
}

TEST_CASE("writers of the same rows in any order never wait for each other in a ring") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  std::vector<std::unique_ptr<core::store_backend>> stores(3);
  for (auto& store : stores) store = schema.open();
  std::atomic<int> not_removed = 0;  // Catch's own macros are for one thread
  const auto work = [&](core::store_backend& store, std::size_t offset) {
    constexpr std::size_t keys = 30;
    std::vector<registry_write> writes;
    for (std::size_t i = 0; i < keys; ++i)
      writes.push_back({"lease", std::to_string((7 * offset + 11 * i) % keys), "node", 0});
    for (int round = 0; round < 20; ++round) {
      const auto written = value_of(store.write_registry(writes));
      std::vector<registry_write> removals;
      for (std::size_t i = 0; i < keys; i += 1 + offset)
        if (written[i]) removals.push_back({"lease", writes[i].key, {}, *written[i]});
      for (const auto& removed : value_of(store.write_registry(removals)))
        not_removed += removed != 0;
    }
  };
  auto raw = schema.raw();
  const std::string count =
      "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
  const auto before = raw.value(count);
  {
    std::vector<std::jthread> writers;
    for (std::size_t i = 1; i < stores.size(); ++i)
      writers.emplace_back([&, i] { work(*stores[i], i); });
    work(*stores[0], 0);
  }
  stores.clear();
  CHECK(not_removed == 0);
  CHECK(raw.value(count) == before);
}

TEST_CASE("a registry write whose outcome cannot be found out fails, and is told of later") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto direct = schema.open();
  postgres_proxy proxy{shared_postgres().folder().path().string()};
  const samples::set_clock clock{5'000};
  const postgres_options options{.schema = schema.name(), .call_wait_max = 500ms};
  const auto store = value_of(open_postgres(proxy.conninfo(), clock, options));
  put(*store, "pool.a", "node.1");
  proxy.swallow_commit();
  proxy.shut(true);
  const registry_write write{"lease", "pool.b", "node.1", 0};
  const auto lost = store->write_registry({&write, 1});
  REQUIRE_FALSE(lost.ok());
  CHECK(lost.error().retry == core::retry_classification::retryable);
  CHECK_FALSE(store->read_registry({"lease"}).ok());
  proxy.shut(false);
  CHECK(read(*store) == read(*direct));
  CHECK(value_of(store->write_registry({&write, 1})) ==
        std::vector<core::registry_written>{std::nullopt});
}

}  // namespace agentpool::stores
