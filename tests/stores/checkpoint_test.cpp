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

/// A store file with ten records, and two handles on it.
struct checkpointed_file {
  fresh_store file{backend::sqlite_with_two_connections};
  core::store_backend& one = file.one();
  core::store_backend& other = file.other();

  checkpointed_file() { append(one, samples::records(pool_a, {}, 10)); }
};

}  // namespace

TEST_CASE("a memory store keeps no checkpoints and says so") {
  fresh_store store{backend::memory};
  CHECK_FALSE(store.one().keeps_checkpoints());
  CHECK_FALSE(value_of(store.one().keep_checkpoint(request(0, "head", {}))));
  CHECK_FALSE(value_of(store.one().read_checkpoint(pool_a)));
}

TEST_CASE("a checkpoint is read back as it was kept, by any handle") {
  checkpointed_file given;
  CHECK(given.one.keeps_checkpoints());
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
  checkpointed_file given;
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
  checkpointed_file given;
  const auto first = value_of(given.one.keep_checkpoint(request(4, "h1", {"a"})));
  REQUIRE(value_of(given.other.keep_checkpoint(request(6, "h2", {"b"}))));
  CHECK_FALSE(value_of(given.one.keep_checkpoint(request(8, "h3", {"c"}, first))));
  CHECK(value_of(given.one.read_checkpoint(pool_a)).value().what.head == "h2");
}

TEST_CASE("a checkpoint beyond the end of its log is neither kept nor read") {
  checkpointed_file given;
  CHECK_FALSE(value_of(given.one.keep_checkpoint(request(11, "h", {}))));
  REQUIRE(value_of(given.one.keep_checkpoint(request(10, "h", {}))));
  support::temporary_directory folder;
  const auto clock = samples::set_clock{1};
  const auto path = (folder.path() / "copy.sqlite").string();
  auto copy = value_of(open_sqlite(path, clock));
  append(*copy, samples::records(pool_a, {}, 3));
  raw_file{path}.run("INSERT INTO agentpool_checkpoints VALUES('pool.a', 1, 10, 0, x'00')");
  CHECK_FALSE(value_of(copy->read_checkpoint(pool_a)));
}

TEST_CASE("keeping a checkpoint is no change that others have to read") {
  checkpointed_file given;
  static_cast<void>(value_of(given.other.changed_pools()));
  REQUIRE(value_of(given.one.keep_checkpoint(request(4, "h1", {"a"}))));
  CHECK(value_of(given.other.changed_pools()).empty());
  CHECK(append(given.other, samples::records(pool_a, {10, 0})) == core::log_position{11, 0});
}

}  // namespace agentpool::stores
