// What a store does when its file or its disk fails it.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "agentpool/core/json.hpp"
#include "agentpool/stores/sqlite.hpp"
#include "backends.hpp"
#include "catch.hpp"
#include "full_disk.hpp"
#include "raw_file.hpp"
#include "samples.hpp"
#include "temporary_directory.hpp"

namespace agentpool::stores {
namespace {

using namespace std::chrono_literals;

const core::pool_id pool{"pool.a"};

struct faulty_file {
  support::temporary_directory folder;
  std::string path = folder.file("pools.sqlite");
  samples::set_clock clock{5'000};

  [[nodiscard]] auto try_open(sqlite_options options = {.busy_wait_max = 20ms}) const {
    return open_sqlite(path, clock, options);
  }
  [[nodiscard]] auto open() const { return value_of(try_open()); }
};

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
  return results.error();
}

/// Acts as a user without special rights as long as it lives.
class plain_user {
 public:
  plain_user() : was_root_{geteuid() == 0} {
    if (was_root_ && seteuid(65534) != 0) throw std::runtime_error{"cannot drop rights"};
  }
  ~plain_user() {
    if (was_root_ && seteuid(0) != 0) std::abort();
  }
  plain_user(const plain_user&) = delete;
  plain_user& operator=(const plain_user&) = delete;

 private:
  bool was_root_;
};

}  // namespace

TEST_CASE("a lock held past the wait makes the store unavailable until it is let go") {
  const faulty_file file;
  const auto store = file.open();
  append(*store, samples::records(pool, {}, 2));
  raw_file other{file.path};
  other.run("BEGIN IMMEDIATE");
  const auto error = refusal(*store, samples::records(pool, {2, 0}, 1));
  CHECK(is_unavailable(error));
  CHECK(names(error, "pool.a, sequence 3"));
  CHECK(names(error, "lock"));
  CHECK(whole_log(*store, pool).size() == 2);
  other.run("ROLLBACK");
  CHECK(append(*store, samples::records(pool, {2, 0}, 1)) == core::log_position{3, 0});
}

TEST_CASE("a full disk fails an append wholly, wherever it strikes, and the handle goes on") {
  const faulty_file file;
  const auto store = file.open();
  auto head = append(*store, samples::records(pool, {}, 1));
  int failures = 0;
  for (;; ++failures) {
    REQUIRE(failures < 1'000);
    auto request = samples::records(pool, head, 8);
    request.acks = {samples::ack("run.a", head.sequence)};
    {
      const full_disk full{failures};
      const auto results = store->append({&request, 1});
      if (results.ok()) break;
      CHECK(is_unavailable(results.error()));
      CHECK(names(results.error(), "pool.a, sequence"));
      CHECK(names(results.error(), "the disk is full"));
    }
    CHECK(value_of(store->head(pool)) == head);
    CHECK(value_of(file.open()->head(pool)) == head);
    head = append(*store, request);
  }
  CHECK(failures >= 3);
  CHECK(whole_log(*file.open(), pool).size() == head.sequence + 8);
}

TEST_CASE("what others appended before a failed append is told of nevertheless") {
  const faulty_file file;
  const auto store = file.open();
  append(*store, samples::records(pool, {}, 1));
  const core::pool_id other_pool{"pool.b"};
  append(*file.open(), samples::records(other_pool, {}, 1));
  {
    const full_disk full{0};
    refusal(*store, samples::records(pool, {1, 0}, 1));
  }
  CHECK(value_of(store->changed_pools()) == std::vector{other_pool});
}

TEST_CASE("a full disk at the first opening is a typed error and the next try succeeds") {
  const faulty_file file;
  {
    const full_disk full{0};
    const auto store = file.try_open();
    REQUIRE_FALSE(store.ok());
    CHECK(is_unavailable(store.error()));
  }
  CHECK(append(*file.open(), samples::records(pool, {}, 1)) == core::log_position{1, 0});
}

TEST_CASE("a file that must not be written cannot be opened for writing") {
  const faulty_file file;
  append(*file.open(), samples::records(pool, {}, 1));
  chmod(file.folder.path().c_str(), 0755);
  chmod(file.path.c_str(), 0444);
  const plain_user user;
  const auto store = file.try_open();
  REQUIRE_FALSE(store.ok());
  CHECK(is_unavailable(store.error()));
  CHECK(names(store.error(), "read-only"));
}

TEST_CASE("a folder that must not be written makes the store unavailable") {
  const faulty_file file;
  append(*file.open(), samples::records(pool, {}, 1));
  chmod(file.path.c_str(), 0666);
  chmod(file.folder.path().c_str(), 0555);
  {
    const plain_user user;
    const auto store = file.try_open();
    REQUIRE_FALSE(store.ok());
    CHECK(is_unavailable(store.error()));
  }
  chmod(file.folder.path().c_str(), 0755);
}

TEST_CASE("a folder that does not exist makes the store unavailable") {
  samples::set_clock clock{1};
  const support::temporary_directory folder;
  const auto store = open_sqlite(folder.file("nowhere/pools.sqlite"), clock);
  REQUIRE_FALSE(store.ok());
  CHECK(is_unavailable(store.error()));
}

TEST_CASE("a truncated file is corrupt, wherever it was cut") {
  const faulty_file file;
  append(*file.open(), samples::records(pool, {}, 200));
  const auto bytes = std::filesystem::file_size(file.path);
  const std::uint64_t cut = GENERATE(50, 100, 4096, 4100, 20'000, 80'000);
  INFO("cut at byte " << cut << " of " << bytes);
  REQUIRE(cut < bytes);
  std::filesystem::resize_file(file.path, cut);
  auto store = file.try_open();
  if (store.ok()) {
    const auto page = (*store)->read(pool, {}, 1'000);
    REQUIRE_FALSE(page.ok());
    CHECK(is_corrupt(page.error()));
    return;
  }
  CHECK(is_corrupt(store.error()));
}

TEST_CASE("a file that is no database is corrupt and stays as it is") {
  const faulty_file file;
  const std::string text(5'000, 'x');
  std::ofstream{file.path} << text;
  const auto store = file.try_open();
  REQUIRE_FALSE(store.ok());
  CHECK(is_corrupt(store.error()));
  CHECK(std::filesystem::file_size(file.path) == text.size());
}

TEST_CASE("tables of other columns are not taken for a store") {
  const faulty_file file;
  raw_file other{file.path};
  other.run("CREATE TABLE agent_pool_records(pool_id TEXT, something TEXT)");
  const auto store = file.try_open();
  REQUIRE_FALSE(store.ok());
  CHECK(is_corrupt(store.error()));
}

TEST_CASE("a corrupt row is refused with its pool and sequence, and never with its content") {
  struct damage {
    const char* name;
    const char* sql;
  };
  const std::string row = " WHERE seq = 3";
  const auto [name, sql] = GENERATE(values<damage>({
      {"no JSON", "payload_json = '{secret body'"},
      {"cut JSON", "payload_json = substr(payload_json, 1, 90)"},
      {"not an object", "payload_json = '[\"secret body\"]'"},
      {"no type", "payload_json = '{\"secret body\": 1}'"},
      {"an unknown type", "payload_json = '{\"type\": \"secret body\"}'"},
      {"a missing field", "payload_json = '{\"type\": \"run_message\"}'"},
      {"a wrong identifier",
       "payload_json = '{\"type\":\"member_left\",\"member\":{\"run_id\":\"\",\"agent_id\":1}}'"},
      {"deep nesting", "payload_json = replace(hex(zeroblob(5000)), '00', '[')"},
      {"no payload", "payload_json = NULL"},
      {"a number", "payload_json = 17"},
      {"bytes that are no text", "payload_json = x'ff00fe'"},
      {"another kind", "kind = 'pool_created'"},
      {"no kind", "kind = NULL"},
      {"a trigger that is none", "trigger_json = '{\"summary\": \"secret body\"}'"},
  }));
  INFO(name);
  const faulty_file file;
  const auto store = file.open();
  append(*store, samples::records(pool, {}, 5));
  raw_file{file.path}.run("UPDATE agent_pool_records SET " + std::string{sql} + row);
  const auto page = store->read(pool, {}, 10);
  REQUIRE_FALSE(page.ok());
  CHECK(is_corrupt(page.error()));
  CHECK(names(page.error(), "pool.a, sequence 3"));
  CHECK_FALSE(names(page.error(), "secret body"));
  const std::uint64_t third = 3;
  CHECK(is_corrupt(store->fetch(pool, {&third, 1}).error()));
  CHECK(value_of(store->read(pool, {}, 2)).entries.size() == 2);
  CHECK(value_of(store->read(pool, {3, 0}, 10)).entries.size() == 2);
}

TEST_CASE("a gap in the log is corrupt and named") {
  const faulty_file file;
  const auto store = file.open();
  append(*store, samples::records(pool, {}, 5));
  raw_file{file.path}.run("DELETE FROM agent_pool_records WHERE seq = 4");
  const auto page = store->read(pool, {}, 10);
  REQUIRE_FALSE(page.ok());
  CHECK(is_corrupt(page.error()));
  CHECK(names(page.error(), "pool.a, sequence 4"));
}

TEST_CASE("a host event without its predecessor or its record is corrupt") {
  const faulty_file file;
  const auto store = file.open();
  auto head = append(*store, samples::records(pool, {}, 2));
  head = append(*store, samples::host_event(pool, head));
  append(*store, samples::host_event(pool, head));
  raw_file other{file.path};
  const auto* sql = GENERATE("DELETE FROM agentpool_host_events WHERE number = 1",
                             "UPDATE agentpool_host_events SET after_sequence = 9",
                             "UPDATE agentpool_host_events SET event_json = '{}'");
  other.run(sql);
  const auto page = store->read(pool, {}, 10);
  REQUIRE_FALSE(page.ok());
  CHECK(is_corrupt(page.error()));
  CHECK(names(page.error(), "pool.a, sequence"));
}

TEST_CASE("a pool id that breaks the rules of identifiers is corrupt, and other pools go on") {
  const faulty_file file;
  const auto store = file.open();
  append(*store, samples::records(pool, {}, 1));
  raw_file{file.path}.insert("bad\tid", 1, "pool_created", R"({"type":"pool_created"})");
  const auto pools = store->list_pools();
  REQUIRE_FALSE(pools.ok());
  CHECK(is_corrupt(pools.error()));
  CHECK(value_of(store->changed_pools()).empty());
  CHECK(append(*store, samples::records(pool, {1, 0}, 1)) == core::log_position{2, 0});
}

TEST_CASE("a row that cannot be given its time now is not handed out without one") {
  const faulty_file file;
  const auto store = file.open();
  raw_file other{file.path};
  other.insert("pool.a", 1, "pool_created", R"({"type":"pool_created"})");
  other.run("BEGIN IMMEDIATE");
  const auto page = store->read(pool, {}, 10);
  REQUIRE_FALSE(page.ok());
  CHECK(is_unavailable(page.error()));
  other.run("ROLLBACK");
  CHECK(value_of(store->read(pool, {}, 10)).entries.at(0)->recorded_at_millis == 5'000);
}

TEST_CASE("a sequence that is no number is corrupt") {
  const faulty_file file;
  const auto store = file.open();
  append(*store, samples::records(pool, {}, 1));
  raw_file{file.path}.run(
      "INSERT INTO agent_pool_records(pool_id, seq, kind, payload_json)"
      " VALUES('pool.a', 'two', 'pool_created', '{\"type\":\"pool_created\"}')");
  const auto page = store->read(pool, {}, 10);
  REQUIRE_FALSE(page.ok());
  CHECK(is_corrupt(page.error()));
}

}  // namespace agentpool::stores
