// Checkpoints of a store file: kept whole or added to, and never of a log that is not there.
#include "agentpool/core/checkpoint.hpp"

#include "agentpool/stores/sqlite.hpp"
#include "backends.hpp"
#include "catch.hpp"
#include "raw_file.hpp"
#include "temporary_directory.hpp"

namespace agentpool::stores {
namespace {

using parts = std::vector<std::string>;

const core::pool_id pool_a{"pool.a"};

core::checkpoint_request request(std::uint64_t sequence, std::string head, parts added,
                                 std::optional<std::uint64_t> follows = {}) {
  return {pool_a, {{sequence, 0}, std::move(head), std::move(added)}, follows};
}

/// A store with ten records, and two handles on it.
struct checkpointed_store {
  fresh_store store{GENERATE(from_range(backends_with_two()))};
  core::store_backend& one = store.one();
  core::store_backend& other = store.other();

  checkpointed_store() { append(one, samples::records(pool_a, {}, 10)); }
};

}  // namespace

TEST_CASE("a memory store keeps checkpoints only for who asks") {
  fresh_store store{backend::memory};
  CHECK_FALSE(store.one().keeps_checkpoints());
}

TEST_CASE("a checkpoint is read back as it was kept, by any handle") {
  checkpointed_store given;
  CHECK_FALSE(value_of(given.one.read_checkpoint(pool_a)));
  const std::string bytes{"\0\xff'\n", 4};
  const auto number = value_of(given.one.keep_checkpoint(request(4, bytes, {"one", bytes})));
  REQUIRE(number);
  const auto kept = value_of(given.other.read_checkpoint(pool_a));
  REQUIRE(kept);
  CHECK(kept->number == *number);
  CHECK(kept->what.at == core::log_position{4, 0});
  CHECK(kept->what.head == bytes);
  CHECK(kept->what.parts == parts{"one", bytes});
  CHECK_FALSE(value_of(given.one.read_checkpoint(core::pool_id{"pool.b"})));
}

TEST_CASE("what follows a checkpoint adds to its parts, what stands for itself replaces them") {
  checkpointed_store given;
  const auto first = value_of(given.one.keep_checkpoint(request(4, "h1", {"a"})));
  const auto second = value_of(given.one.keep_checkpoint(request(6, "h2", {"b", "c"}, first)));
  const auto third = value_of(given.one.keep_checkpoint(request(8, "h3", {}, second)));
  const auto added = value_of(given.one.read_checkpoint(pool_a)).value();
  CHECK(added.what.head == "h3");
  CHECK(added.what.parts == parts{"a", "b", "c"});
  CHECK(added.number == third);
  REQUIRE(value_of(given.one.keep_checkpoint(request(9, "h4", {"d"}))));
  CHECK(value_of(given.one.read_checkpoint(pool_a)).value().what.parts == parts{"d"});
}

TEST_CASE("what follows a checkpoint that another handle replaced is not kept") {
  checkpointed_store given;
  const auto first = value_of(given.one.keep_checkpoint(request(4, "h1", {"a"})));
  REQUIRE(value_of(given.other.keep_checkpoint(request(6, "h2", {"b"}))));
  CHECK_FALSE(value_of(given.one.keep_checkpoint(request(8, "h3", {"c"}, first))));
  CHECK(value_of(given.one.read_checkpoint(pool_a)).value().what.head == "h2");
}

TEST_CASE("a checkpoint beyond the end of its log is neither kept nor read") {
  checkpointed_store given;
  CHECK_FALSE(value_of(given.one.keep_checkpoint(request(11, "h", {}))));
  REQUIRE(value_of(given.one.keep_checkpoint(request(10, "h", {}))));
}

TEST_CASE("a checkpoint of a longer log than there is is not read") {
  support::temporary_directory folder;
  const auto clock = samples::set_clock{1};
  const auto path = (folder.path() / "copy.sqlite").string();
  auto copy = value_of(open_sqlite(path, clock));
  append(*copy, samples::records(pool_a, {}, 3));
  raw_file{path}.run("INSERT INTO agentpool_checkpoints VALUES('pool.a', 1, 10, 0, x'00')");
  CHECK_FALSE(value_of(copy->read_checkpoint(pool_a)));
}

TEST_CASE("keeping a checkpoint is no change that others have to read") {
  checkpointed_store given;
  awaited_changes(given.other);
  REQUIRE(value_of(given.one.keep_checkpoint(request(4, "h1", {"a"}))));
  CHECK(value_of(given.other.changed_pools()).empty());
  CHECK(append(given.other, samples::records(pool_a, {10, 0})) == core::log_position{11, 0});
}

namespace {

core::horizon horizon_at(core::log_position at) {
  core::horizon begins;
  begins.at = at;
  begins.number = at.sequence - 1;
  begins.event_seq = begins.number + at.host_events;
  begins.roll = "roll";
  return begins;
}

/// Removes what is older than the horizon, and tells how many calls it took.
int drop(core::store_backend& store, std::vector<std::uint64_t> needed, std::size_t most) {
  int calls = 0;
  const core::drop_request request{pool_a, std::move(needed)};
  for (std::optional<std::uint64_t> after = 0; after; ++calls)
    after = value_of(store.drop_records(request, *after, most));
  return calls;
}

/// A log of ten records with a host event after the second and the ninth, that begins after the
/// sixth record.
struct shortened {
  fresh_store store{GENERATE(from_range(every_backend()))};
  std::vector<core::entry_ptr> whole;

  shortened() {
    append(store.one(), samples::records(pool_a, {}, 2));
    append(store.one(), samples::host_event(pool_a, {2, 0}));
    append(store.one(), samples::records(pool_a, {2, 1}, 7));
    append(store.one(), samples::host_event(pool_a, {9, 1}));
    append(store.one(), samples::records(pool_a, {9, 2}, 1));
    whole = whole_log(store.one(), pool_a);
    auto kept = request(8, "h", {});
    kept.what.at = {8, 1};
    kept.begins = horizon_at({6, 1});
    REQUIRE(value_of(store.one().keep_checkpoint(kept)));
  }
};

}  // namespace

TEST_CASE("a horizon is read back as it was kept, and nothing is read from before it") {
  shortened given;
  const auto begins = value_of(given.store.other().read_horizon(pool_a));
  REQUIRE(begins);
  CHECK(begins->at == core::log_position{6, 1});
  CHECK(begins->number == 5);
  CHECK(begins->event_seq == 6);
  CHECK(begins->roll == "roll");
  drop(given.store.one(), {}, 100);
  for (const core::log_position before : {core::log_position{}, {5, 1}, {6, 0}}) {
    const auto page = given.store.one().read(pool_a, before, 100);
    REQUIRE_FALSE(page);
    CHECK(page.error().message ==
          "older than the horizon of pool pool.a, sequence 6: "
          "what was before it is gone");
  }
}

TEST_CASE("what is after the horizon is left as it was, and the log goes on") {
  shortened given;
  const int calls = drop(given.store.one(), {}, GENERATE(1U, 3U, 100U));
  CHECK(calls >= 1);
  const auto page = value_of(given.store.other().read(pool_a, {6, 1}, 100));
  const std::vector<core::entry_ptr> expected(given.whole.begin() + 7, given.whole.end());
  CHECK(same_entries(page.entries, expected));
  CHECK(value_of(given.store.other().head(pool_a)) == core::log_position{10, 2});
  CHECK(append(given.store.other(), samples::records(pool_a, {10, 2})) ==
        core::log_position{11, 2});
}

TEST_CASE("of what is older only what is needed can still be fetched") {
  shortened given;
  drop(given.store.one(), {3, 5}, 2);
  const std::uint64_t needed[] = {3, 5, 7};
  CHECK(value_of(given.store.other().fetch(pool_a, needed)).size() == 3);
  const std::uint64_t gone[] = {4};
  CHECK_FALSE(given.store.other().fetch(pool_a, gone));
  drop(given.store.one(), {5}, 2);
  const std::uint64_t later[] = {3};
  CHECK_FALSE(given.store.other().fetch(pool_a, later));
  const std::uint64_t still[] = {5};
  CHECK(value_of(given.store.other().fetch(pool_a, still)).size() == 1);
}

TEST_CASE("a log whose every record is older than its horizon still knows where it ends") {
  shortened given;
  auto kept = request(10, "h", {});
  kept.what.at = {10, 2};
  kept.begins = horizon_at({10, 2});
  REQUIRE(value_of(given.store.one().keep_checkpoint(kept)));
  drop(given.store.one(), {}, 100);
  CHECK(value_of(given.store.other().head(pool_a)) == core::log_position{10, 2});
  CHECK(value_of(given.store.other().list_pools()) == std::vector{pool_a});
  CHECK(append(given.store.one(), samples::records(pool_a, {10, 2})) == core::log_position{11, 2});
}

TEST_CASE("a pool that was never shortened has no horizon and loses nothing") {
  fresh_store store{GENERATE(from_range(every_backend()))};
  append(store.one(), samples::records(pool_a, {}, 10));
  CHECK_FALSE(value_of(store.one().read_horizon(pool_a)));
  CHECK(drop(store.one(), {}, 100) == 1);
  CHECK(whole_log(store.other(), pool_a).size() == 10);
}

}  // namespace agentpool::stores
