// A store file that another program writes to by plain SQL.
#include <filesystem>
#include <fstream>

#include "agentpool/core/json.hpp"
#include "agentpool/stores/sqlite.hpp"
#include "backends.hpp"
#include "catch.hpp"
#include "environment.hpp"
#include "raw_file.hpp"
#include "samples.hpp"
#include "temporary_directory.hpp"

namespace agentpool::stores {
namespace {

const core::pool_id pool{"pool.shared"};

/// A file, a clock that shows 5000, and the rows that the other program would write.
struct shared_file {
  support::temporary_directory folder;
  std::string path = folder.file("pools.sqlite");
  samples::set_clock clock{5'000};

  [[nodiscard]] std::unique_ptr<core::store_backend> open(bool read_only = false) const {
    return value_of(open_sqlite(path, clock, {.read_only = read_only}));
  }
};

void insert(raw_file& file, int seq, const char* kind, const core::store_payload& payload) {
  file.insert(pool.text(), seq, kind, core::to_json(payload));
}

void insert_three(raw_file& file) {
  insert(file, 1, "pool_opened", samples::opened());
  insert(file, 2, "pool_created", samples::created());
  insert(file, 3, "member_joined", samples::joined("run.a"));
}

std::uint64_t time_of(core::store_backend& store, std::uint64_t sequence) {
  return value_of(store.fetch(pool, {&sequence, 1})).at(0)->recorded_at_millis;
}

}  // namespace

TEST_CASE("rows in tables that another program made first are taken up") {
  const shared_file file;
  raw_file other{file.path};
  other.make_shared_tables();
  insert_three(other);
  const auto store = file.open();
  CHECK(value_of(store->list_pools()) == std::vector{pool});
  const auto log = whole_log(*store, pool);
  REQUIRE(log.size() == 3);
  CHECK(log[2]->record()->payload == samples::joined("run.a"));
  CHECK(append(*store, samples::records(pool, {3, 0})) == core::log_position{4, 0});
}

TEST_CASE("what we append is what the other program would have written") {
  const shared_file file;
  raw_file other{file.path};
  other.make_shared_tables();
  append(*file.open(), {pool, {}, {samples::record(pool, 1, samples::opened())}, {}});
  CHECK(other.value("SELECT kind FROM agent_pool_records") == "pool_opened");
  CHECK(other.value("SELECT payload_json FROM agent_pool_records") ==
        core::to_json(samples::opened()));
}

TEST_CASE("the other program goes on counting events where we stopped") {
  const shared_file file;
  const auto store = file.open();
  raw_file other{file.path};
  const std::string count = "SELECT seq FROM agent_pool_event_seq WHERE pool_id = 'pool.shared'";
  append(*store, samples::records(pool, {}, 1));
  CHECK(other.value(count) == "0");
  append(*store, samples::records(pool, {1, 0}, 2));
  CHECK(other.value(count) == "2");
  insert(other, 4, "member_joined", samples::joined("run.a"));
  append(*store, samples::records(pool, {4, 0}, 1));
  CHECK(other.value(count) == "4");
  append(*store, samples::host_event(pool, {5, 0}));
  CHECK(other.value(count) == "4");
}

TEST_CASE("a row of another program gets the time of its first reading, once and for all") {
  shared_file file;
  const auto store = file.open();
  raw_file other{file.path};
  insert_three(other);
  CHECK(whole_log(*store, pool, 2).at(0)->recorded_at_millis == 5'000);
  file.clock.set(9'000);
  CHECK(time_of(*store, 3) == 5'000);
  CHECK(whole_log(*file.open(), pool).at(2)->recorded_at_millis == 5'000);
  insert(other, 4, "member_left", samples::left("run.a"));
  CHECK(time_of(*store, 4) == 9'000);
  CHECK(time_of(*store, 1) == 5'000);
}

TEST_CASE("a read-only handle reads a file without our columns and changes nothing in it") {
  const shared_file file;
  raw_file other{file.path};
  other.make_shared_tables();
  insert_three(other);
  const std::string schema = other.value("SELECT group_concat(sql) FROM sqlite_schema");
  const auto store = file.open(true);
  const auto log = whole_log(*store, pool);
  REQUIRE(log.size() == 3);
  CHECK(log[0]->recorded_at_millis == 0);
  CHECK(value_of(store->head(pool)) == core::log_position{3, 0});
  CHECK(value_of(store->read_acks(pool, 0, 10)).acks.empty());
  CHECK(other.value("SELECT group_concat(sql) FROM sqlite_schema") == schema);
}

TEST_CASE("a read-only handle follows what is appended and refuses to append") {
  const shared_file file;
  const auto writer = file.open();
  append(*writer, samples::records(pool, {}, 1));
  const auto store = file.open(true);
  append(*writer, samples::records(pool, {1, 0}, 1));
  CHECK(value_of(store->changed_pools()) == std::vector{pool});
  CHECK(whole_log(*store, pool).size() == 2);
  const auto request = samples::records(pool, {2, 0}, 1);
  const auto refused = store->append({&request, 1});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == core::agent_error_kind::journal_failure);
}

TEST_CASE("opening a file that is not there read-only makes none") {
  const shared_file file;
  const auto store = open_sqlite(file.path, file.clock, {.read_only = true});
  REQUIRE_FALSE(store.ok());
  CHECK(store.error().kind == core::agent_error_kind::journal_failure);
  CHECK_FALSE(std::filesystem::exists(file.path));
}

TEST_CASE("rows that are inserted by plain SQL are noticed") {
  const shared_file file;
  const auto store = file.open();
  raw_file other{file.path};
  CHECK(value_of(store->changed_pools()).empty());
  insert_three(other);
  CHECK(value_of(store->changed_pools()) == std::vector{pool});
  CHECK(value_of(store->changed_pools()).empty());
  append(*store, samples::records(pool, {3, 0}, 1));
  CHECK(value_of(store->changed_pools()).empty());
  insert(other, 5, "member_left", samples::left("run.a"));
  CHECK(value_of(store->changed_pools()) == std::vector{pool});
}

TEST_CASE("changes are noticed across a VACUUM that renumbers the rows") {
  const shared_file file;
  const auto store = file.open();
  append(*store, samples::records(pool, {}, 3));
  raw_file other{file.path};
  other.run(
      "INSERT INTO agent_pool_records(rowid, pool_id, seq, kind, payload_json)"
      " SELECT 1000, 'pool.gone', 1, kind, payload_json FROM agent_pool_records LIMIT 1");
  CHECK(value_of(store->changed_pools()) == std::vector{core::pool_id{"pool.gone"}});
  other.run("DELETE FROM agent_pool_records WHERE pool_id = 'pool.gone'");
  other.run("VACUUM");
  insert(other, 4, "member_joined", samples::joined("run.a"));
  CHECK(value_of(store->changed_pools()) == std::vector{pool});
  CHECK(value_of(store->head(pool)) == core::log_position{4, 0});
}

TEST_CASE("an append that does not know a row of the other program is a conflict") {
  const shared_file file;
  const auto store = file.open();
  append(*store, samples::records(pool, {}, 1));
  raw_file other{file.path};
  insert(other, 2, "pool_created", samples::created());
  const auto late = samples::records(pool, {1, 0}, 1);
  const auto results = value_of(store->append({&late, 1}));
  CHECK(results.at(0).what == core::append_result::kind::conflict);
  CHECK(results.at(0).head == core::log_position{2, 0});
}

TEST_CASE("a file in the other program's journal mode is turned to write-ahead logging") {
  const shared_file file;
  raw_file other{file.path};
  other.make_shared_tables();
  CHECK(other.value("PRAGMA journal_mode") == "delete");
  const auto store = file.open();
  insert(other, 1, "pool_opened", samples::opened());
  CHECK(other.value("PRAGMA journal_mode") == "wal");
  CHECK(whole_log(*store, pool).size() == 1);
}

TEST_CASE("records that the other implementation wrote are appended and read back equal") {
  const auto folder = support::wire_samples();
  if (!folder) return support::skip("AGENTPOOL_WIRE_SAMPLES names no folder of samples");
  const shared_file file;
  const auto store = file.open();
  memory_store memory;
  std::uint64_t sequence = 0;
  for (const auto& sample : std::filesystem::directory_iterator{*folder}) {
    if (!sample.path().filename().string().starts_with("store-record.")) continue;
    INFO(sample.path().filename().string());
    std::ifstream in{sample.path()};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const auto read = value_of(core::from_json<core::store_record>(text));
    const core::pool_id wire{"pool.of.samples"};
    ++sequence;
    const core::append_request request{
        wire, {sequence - 1, 0}, {samples::record(wire, sequence, read.payload)}, {}};
    append(*store, request);
    append(memory, request);
    CHECK(*value_of(store->fetch(wire, {&sequence, 1})).at(0) == *request.entries[0]);
  }
  CHECK(sequence >= 10);
  const core::pool_id wire{"pool.of.samples"};
  CHECK(same_entries(whole_log(*store, wire), whole_log(memory, wire)));
}

}  // namespace agentpool::stores
