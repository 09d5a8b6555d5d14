// Contents that outlive their program, its connection and the version that made its tables, and
// what is told when they do not.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "agentpool/stores/sqlite.hpp"
#include "backends.hpp"
#include "catch.hpp"
#include "content_kit.hpp"
#include "full_disk.hpp"
#include "postgres_kit.hpp"
#include "postgres_proxy.hpp"
#include "raw_file.hpp"

namespace agentpool::stores {
namespace {

using contents::get;
using contents::made;
using contents::put;
using contents::put_all;
using core::content_kept;

const core::pool_id pool{"pool.a"};
const samples::set_clock fixed_clock{5'000};
using opener = std::function<std::unique_ptr<core::store_backend>()>;

struct store_file {
  support::temporary_directory folder;
  std::string path = folder.file("pools.sqlite");

  [[nodiscard]] std::unique_ptr<core::store_backend> open(sqlite_options options = {}) const {
    return value_of(open_sqlite(path, fixed_clock, options));
  }
};

/// Takes the tables of contents away: what is left is a store of the version before them.
void make_older(raw_file& file) {
  file.run("DROP TABLE agentpool_contents; DROP TABLE agentpool_content_total");
}
void make_older(raw_database& database) {
  database.run("DROP TABLE agentpool_contents");
  database.run("DROP TABLE agentpool_content_total");
  database.run("DELETE FROM agentpool_schema_version WHERE version > 2");
}

std::string body(int number) {
  return std::string(static_cast<std::size_t>(number * 997 % 50'000), '\xfe') +
         std::to_string(number);
}

/// Keeps one content after the other and tells of each that is durable, until it is killed.
[[noreturn]] void keep_for_ever(const opener& open, int out) {
  try {
    const auto store = open();
    for (int number = 0;; ++number) {
      put(*store, body(number));
      if (::write(out, "+", 1) != 1) _exit(1);
    }
  } catch (const std::exception&) {
    _exit(2);
  }
}

/// What was told as durable is there after a kill, whole, and the total is of what is there.
void kept_through_a_kill(const opener& open, int before_kill) {
  static_cast<void>(open());  // the tables
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const auto child = fork();
  REQUIRE(child >= 0);
  if (child == 0) keep_for_ever(open, ends[1]);
  close(ends[1]);
  int told = 0;
  char byte = 0;
  while (told < before_kill && ::read(ends[0], &byte, 1) == 1) ++told;
  kill(child, SIGKILL);
  while (::read(ends[0], &byte, 1) == 1) ++told;
  close(ends[0]);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  const auto store = open();
  std::uint64_t total = 0;
  int there = 0;
  while (const auto found = get(*store, core::content_name(body(there)))) {
    CHECK(*found == body(there++));
    total += found->size();
  }
  CHECK(there >= told);
  CHECK(there <= told + 1);
  CHECK(put_all(*store, {}).total_bytes == total);
  CHECK(put(*store, body(0)).added == 0);
}

}  // namespace

TEST_CASE("contents of a program killed in the middle are there, each whole and counted: a file") {
  const store_file file;
  kept_through_a_kill([&] { return file.open(); }, GENERATE(1, 10, 60));
}

TEST_CASE(
    "contents of a program killed in the middle are there, each whole and counted: a server") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  kept_through_a_kill([&] { return schema.open(); }, GENERATE(1, 40));
}

TEST_CASE("a file of the version before contents gets their tables and keeps its logs") {
  const store_file file;
  append(*file.open(), samples::records(pool, {}, 3));
  raw_file raw{file.path};
  make_older(raw);
  const auto looking = file.open({.read_only = true});
  CHECK_FALSE(get(*looking, core::content_name("abc")));
  const auto store = file.open();
  CHECK(put(*store, "abc") == content_kept{1, 3});
  CHECK(whole_log(*store, pool).size() == 3);
}

TEST_CASE("a schema of the version before contents gets their tables and keeps its logs") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  append(*schema.open(), samples::records(pool, {}, 3));
  auto raw = schema.raw();
  make_older(raw);
  const auto looking = schema.open({.read_only = true});
  CHECK_FALSE(get(*looking, core::content_name("abc")));
  const auto store = schema.open();
  CHECK(put(*store, "abc") == content_kept{1, 3});
  CHECK(whole_log(*store, pool).size() == 3);
}

TEST_CASE("a read-only handle reads contents of a file and keeps none") {
  const store_file file;
  put(*file.open(), "abc");
  const auto looking = file.open({.read_only = true});
  CHECK(get(*looking, core::content_name("abc")) == "abc");
  const auto refused = looking->put_content(made({"de"}));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().retry == core::retry_classification::retryable);
  CHECK_FALSE(get(*looking, core::content_name("de")));
}

TEST_CASE("a read-only handle reads contents on a server and keeps none") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  put(*schema.open(), "abc");
  const auto looking = schema.open({.read_only = true});
  CHECK(get(*looking, core::content_name("abc")) == "abc");
  CHECK_FALSE(looking->put_content(made({"de"})).ok());
}

TEST_CASE("another program goes on writing to a file that has contents") {
  const store_file file;
  raw_file other{file.path};
  other.make_shared_tables();
  const auto store = file.open();
  put(*store, "abc");
  other.insert("pool.a", 1, "pool_opened",
               R"({"type":"pool_opened","idempotency_key":"k","opened_at_millis":1})");
  CHECK(value_of(store->changed_pools()) == std::vector{pool});
  CHECK(put(*store, "de") == content_kept{1, 5});
  CHECK(value_of(store->head(pool)) == core::log_position{1, 0});
}

TEST_CASE("bytes that are not those of their name are told as corrupt, with the name alone") {
  const auto name = core::content_name("secret words");
  core::outcome<std::optional<std::string>> found{std::optional<std::string>{}};
  const store_file file;
  SECTION("in a file") {
    const auto store = file.open();
    put_all(*store, {"secret words", "others"});
    raw_file{file.path}.run("UPDATE agentpool_contents SET bytes = 'secret wordz'");
    found = store->get_content(name);
  }
  SECTION("on a server") {
    if (!has_postgres()) return;
    const fresh_schema schema;
    const auto store = schema.open();
    put(*store, "secret words");
    schema.raw().run("UPDATE agentpool_contents SET bytes = 'secret wordz'");
    found = store->get_content(name);
  }
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().kind == core::agent_error_kind::recovery_repair_needed);
  CHECK(found.error().message.find(name.text()) != std::string::npos);
  CHECK(found.error().message.find("secret") == std::string::npos);
}

TEST_CASE("a full disk fails the keeping of contents wholly, wherever it strikes") {
  int failed = 0;
  for (int writes_left = 0; writes_left < 40; ++writes_left) {
    const store_file file;
    const auto store = file.open();
    core::outcome<content_kept> kept = content_kept{};
    {
      const full_disk full{writes_left};
      kept = store->put_content(made({std::string(30'000, 'a'), std::string(30'000, 'b')}));
    }
    if (kept) break;
    ++failed;
    CHECK(kept.error().retry == core::retry_classification::retryable);
    CHECK_FALSE(get(*store, core::content_name(std::string(30'000, 'a'))));
    CHECK(put_all(*store, {"c"}) == content_kept{1, 1});
  }
  CHECK(failed > 0);
  CHECK(failed < 40);
}

TEST_CASE("contents whose commit's answer is lost are kept once, and that is told") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  postgres_proxy proxy{shared_postgres().folder().path().string()};
  const auto direct = schema.open();
  const auto store =
      value_of(open_postgres(proxy.conninfo(), fixed_clock, {.schema = schema.name()}));
  put(*store, "a");
  proxy.swallow_commit();
  CHECK(put(*store, "bc").total_bytes == 3);
  CHECK(proxy.swallowed());
  CHECK(get(*direct, core::content_name("bc")) == "bc");
  CHECK(put_all(*direct, {"a", "bc"}) == content_kept{0, 3});
}

TEST_CASE("contents go on when the server ended the connection") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open();
  put(*store, "a");
  schema.raw().run(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'agentpool'"
      " AND pid <> pg_backend_pid()");
  if (GENERATE(true, false)) CHECK(get(*store, core::content_name("a")) == "a");
  CHECK(put(*store, "b") == content_kept{1, 2});
}

TEST_CASE("a server on which another holds the total past the wait makes keeping unavailable") {
  if (!has_postgres()) return;
  const fresh_schema schema;
  const auto store = schema.open({.lock_wait_max = std::chrono::milliseconds{50}});
  put(*store, "a");
  auto raw = schema.raw();
  raw.run("BEGIN");
  raw.run("SELECT 1 FROM agentpool_content_total FOR UPDATE");
  const auto refused = store->put_content(made({"b"}));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().retry == core::retry_classification::retryable);
  CHECK(get(*store, core::content_name("a")) == "a");
  raw.run("ROLLBACK");
  CHECK(put(*store, "b") == content_kept{1, 2});
}

}  // namespace agentpool::stores
