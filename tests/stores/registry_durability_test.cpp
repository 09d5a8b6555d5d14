// A registry that outlives its program, its connection and the version that made its tables.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <set>

#include "agentpool/stores/sqlite.hpp"
#include "backends.hpp"
#include "catch.hpp"
#include "postgres_kit.hpp"
#include "postgres_proxy.hpp"
#include "raw_file.hpp"
#include "registry_kit.hpp"

namespace agentpool::stores {
namespace {

using namespace std::chrono_literals;
using registry::all_rows;
using registry::fitting;
using registry::put;
using registry::removal;
using registry::row_of;
using registry::write;

const core::pool_id pool{"pool.a"};
const samples::set_clock fixed_clock{5'000};
using opener = std::function<std::unique_ptr<core::store_backend>()>;

struct store_file {
  support::temporary_directory folder;
  std::string path = folder.file("pools.sqlite");

  [[nodiscard]] std::unique_ptr<core::store_backend> open(bool read_only = false) const {
    return value_of(open_sqlite(path, fixed_clock, {.read_only = read_only}));
  }
};

/// Takes the tables of the registry away: what is left is a store of the version before it.
void make_older(raw_file& file) {
  file.run(
      "DROP TABLE agentpool_registry; DROP TABLE agentpool_registry_version;"
      " DROP TABLE agentpool_contents; DROP TABLE agentpool_content_total");
}
void make_older(raw_database& database) {
  database.run("DROP TABLE agentpool_registry");
  database.run("DROP SEQUENCE agentpool_registry_version");
  database.run("DROP TABLE agentpool_contents");
  database.run("DROP TABLE agentpool_content_total");
  database.run("DELETE FROM agentpool_schema_version WHERE version > 1");
}

bool is_unavailable(const core::outcome<std::vector<core::registry_written>>& answers) {
  return !answers.ok() && answers.error().retry == core::retry_classification::retryable;
}

void versions_go_on(const opener& open) {
  std::uint64_t last = 0;
  for (int opened = 0; opened < 3; ++opened) {
    const auto store = open();
    const auto version = fitting(*store, put("a", "x"));
    CHECK(version > last);
    last = version;
    fitting(*store, removal("a", version));
  }
  const auto kept = fitting(*open(), put("b", "kept"));
  CHECK(row_of(*open(), "b") == core::registry_row{"lease", "b", "kept", kept});
}

constexpr char claims = 100;

/// Tries to make rows 0 to 99; gives which it made, a byte each.
std::string claim_all(core::store_backend& store, const std::string& name) {
  std::string won;
  for (char i = 0; i < claims; ++i)
    if (write(store, put(std::to_string(i), name))) won += i;
  return won;
}

/// Another process claims rows while this one does, and ends without closing its store.
void claimed_once_between_processes(const opener& open) {
  static_cast<void>(open());  // the tables
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    bool told = false;
    try {
      const auto store = open();
      told = ::write(ends[1], "+", 1) == 1;
      const auto won = claim_all(*store, "child");
      told = told && ::write(ends[1], won.data(), won.size()) == static_cast<ssize_t>(won.size());
      _exit(told ? 0 : 1);
    } catch (const std::exception&) {
      _exit(2);
    }
  }
  close(ends[1]);
  const auto store = open();
  char byte = 0;
  REQUIRE(::read(ends[0], &byte, 1) == 1);
  std::set<char> mine;
  for (const char won : claim_all(*store, "parent")) mine.insert(won);
  std::set<char> others;
  while (::read(ends[0], &byte, 1) == 1) others.insert(byte);
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(mine.size() + others.size() == claims);
  const auto rows = all_rows(*open());
  REQUIRE(rows.size() == claims);
  for (const auto& row : rows) {
    const auto& winner = row.value == "child" ? others : mine;
    CHECK(winner.contains(static_cast<char>(std::stoi(row.key))));
  }
}

}  // namespace

TEST_CASE("rows of a file stay when it is opened again, and versions go on") {
  const store_file file;
  versions_go_on([&] { return file.open(); });
}

TEST_CASE("rows on a server stay when it is opened again, and versions go on") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  versions_go_on([&] { return schema.open(); });
}

TEST_CASE("of two processes that want one row of a file exactly one gets it") {
  const store_file file;
  claimed_once_between_processes([&] { return file.open(); });
}

TEST_CASE("of two processes that want one row on a server exactly one gets it") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  claimed_once_between_processes([&] { return schema.open(); });
}

TEST_CASE("a file of the version before the registry gets its tables and keeps its logs") {
  const store_file file;
  append(*file.open(), samples::records(pool, {}, 3));
  raw_file raw{file.path};
  make_older(raw);
  const auto store = file.open();
  CHECK(all_rows(*store).empty());
  CHECK(fitting(*store, put("a", "1")) > 0);
  CHECK(whole_log(*store, pool).size() == 3);
}

TEST_CASE("a schema of the version before the registry gets its tables and keeps its logs") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  append(*schema.open(), samples::records(pool, {}, 3));
  auto raw = schema.raw();
  make_older(raw);
  const auto store = schema.open();
  CHECK(raw.value("SELECT max(version) FROM agentpool_schema_version") == "3");
  CHECK(all_rows(*store).empty());
  CHECK(fitting(*store, put("a", "1")) > 0);
  CHECK(whole_log(*schema.open(), pool).size() == 3);
}

TEST_CASE("a read-only handle reads the registry of a file, or none, and writes nothing") {
  const store_file file;
  fitting(*file.open(), put("a", "1"));
  CHECK(row_of(*file.open(true), "a")->value == "1");
  const std::vector<core::registry_write> writes{put("b", "2")};
  CHECK(is_unavailable(file.open(true)->write_registry(writes)));
  raw_file raw{file.path};
  make_older(raw);
  const std::string schema = raw.value("SELECT group_concat(sql) FROM sqlite_schema");
  CHECK(all_rows(*file.open(true)).empty());
  CHECK(raw.value("SELECT group_concat(sql) FROM sqlite_schema") == schema);
}

TEST_CASE("a read-only handle reads the registry of a schema, or none, and writes nothing") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  fitting(*schema.open(), put("a", "1"));
  CHECK(row_of(*schema.open({.read_only = true}), "a")->value == "1");
  const std::vector<core::registry_write> writes{put("b", "2")};
  CHECK(is_unavailable(schema.open({.read_only = true})->write_registry(writes)));
  auto raw = schema.raw();
  make_older(raw);
  const auto store = schema.open({.read_only = true});
  CHECK(all_rows(*store).empty());
  CHECK(value_of(store->list_pools()).empty());
  CHECK(raw.value("SELECT max(version) FROM agentpool_schema_version") == "1");
}

TEST_CASE("another program goes on writing to a file whose registry is in use") {
  const store_file file;
  raw_file other{file.path};
  other.make_shared_tables();
  const auto store = file.open();
  const auto version = fitting(*store, put("a", "1"));
  other.insert("pool.a", 1, "pool_opened",
               R"({"type":"pool_opened","idempotency_key":"k","opened_at_millis":1})");
  CHECK(value_of(store->changed_pools()) == std::vector{pool});
  CHECK(fitting(*store, put("a", "2", version)) > version);
  CHECK(value_of(store->head(pool)) == core::log_position{1, 0});
}

TEST_CASE("a row on a server that another holds past the wait makes writing unavailable") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open({.lock_wait_max = 50ms});
  const auto version = fitting(*store, put("a", "1"));
  auto raw = schema.raw();
  raw.run("BEGIN");
  raw.run("SELECT 1 FROM agentpool_registry FOR UPDATE");
  const std::vector<core::registry_write> writes{put("b", "2"), put("a", "2", version)};
  CHECK(is_unavailable(store->write_registry(writes)));
  CHECK(fitting(*store, put("c", "3")) > version);
  raw.run("ROLLBACK");
  CHECK_FALSE(row_of(*store, "b"));
  CHECK(fitting(*store, put("a", "2", version)) > version);
}

TEST_CASE("a write whose answer was lost on the way is made once and answered") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  postgres_proxy proxy{shared_postgres().folder().path().string()};
  const auto direct = schema.open();
  const auto store =
      value_of(open_postgres(proxy.conninfo(), fixed_clock, {.schema = schema.name()}));
  const auto first = fitting(*store, put("a", "1"));
  proxy.swallow_commit();
  const auto second = fitting(*store, put("a", "2", first));
  CHECK(proxy.swallowed());
  CHECK(row_of(*direct, "a") == core::registry_row{"lease", "a", "2", second});
}

TEST_CASE("a registry whose connection the server ended goes on") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  const auto version = fitting(*store, put("a", "1"));
  schema.raw().run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'agentpool'"
      " AND pid <> pg_backend_pid()");
  if (GENERATE(true, false)) CHECK(row_of(*store, "a")->value == "1");
  CHECK(fitting(*store, put("a", "2", version)) > version);
}

}  // namespace agentpool::stores
