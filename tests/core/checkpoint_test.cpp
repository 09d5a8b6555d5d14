// What is not a checkpoint, or not of this log, is refused and harms nobody.
#include "agentpool/core/checkpoint.hpp"

#include "catch.hpp"
#include "pool_bench.hpp"
#include "pool_records.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;

namespace {

/// A pool in which a message waits for a reply and a wake for an event.
pool_bench waiting_pool() {
  auto bench = pool_bench::opened();
  for (const auto* run : {"run.a", "run.b"}) bench.must(join(run));
  auto asked = message("m.1", "run.a", "run.b");
  asked.response_contract = core::response_contract{};
  asked.response_contract->expected_responses = 1;
  bench.must(core::send_message{asked});
  bench.must(suspend("w.1", "run.b", of_kinds({core::event_kind::tool_completed})));
  return bench;
}

/// "taken up", or the error's message.
std::string restored(const core::checkpoint& from, const pool_log& log) {
  core::pool pool{core::pool_id{"pool.p"}, {}};
  const auto wanted = pool.restore(from);
  if (!wanted) return wanted.error().message;
  std::vector<core::entry_ptr> records;
  for (const auto& [sequence, entry] : log.read({*wanted, {}}).records) records.push_back(entry);
  const auto taken = pool.restore_records(records);
  return taken ? "taken up" : taken.error().message;
}

const std::string of_no_use = "the pool's checkpoint is of no use: ";

}  // namespace

TEST_CASE("a checkpoint names the records of what waits, and is whole with them") {
  auto bench = waiting_pool();
  const auto made = bench.pool().make_checkpoint(true).value();
  CHECK(made.at == bench.pool().position());
  core::pool pool{core::pool_id{"pool.p"}, {}};
  auto wanted = pool.restore(made).value();
  CHECK(wanted == std::vector<std::uint64_t>{6, 7});
  CHECK(restored(made, bench.log()) == "taken up");
}

TEST_CASE("a checkpoint that follows another holds only what came since") {
  auto bench = waiting_pool();
  const auto whole = bench.pool().make_checkpoint(true).value();
  CHECK(bench.pool().make_checkpoint(false).value().parts.empty());
  bench.must(core::send_message{message("m.2", "run.a", "run.b")});
  const auto more = bench.pool().make_checkpoint(false).value();
  REQUIRE(more.parts.size() == 1);
  CHECK(more.parts[0].size() < whole.parts[0].size());
}

TEST_CASE("every byte of a checkpoint counts: one that changed is refused, wherever it stands") {
  auto bench = waiting_pool();
  const auto made = bench.pool().make_checkpoint(true).value();
  for (std::size_t i = 0; i < made.head.size(); ++i) {
    auto broken = made;
    broken.head[i] = static_cast<char>(broken.head[i] + 1);
    CHECK(restored(broken, bench.log()).starts_with(of_no_use));
  }
  for (std::size_t i = 0; i < made.parts[0].size(); ++i) {
    auto broken = made;
    broken.parts[0][i] = static_cast<char>(broken.parts[0][i] + 1);
    CHECK(restored(broken, bench.log()).starts_with(of_no_use));
  }
  for (std::size_t size = 0; size < made.head.size(); ++size) {
    auto cut = made;
    cut.head.resize(size);
    CHECK(restored(cut, bench.log()).starts_with(of_no_use));
  }
}

TEST_CASE("a checkpoint without its parts, or with one twice, is refused") {
  auto bench = waiting_pool();
  auto made = bench.pool().make_checkpoint(true).value();
  made.parts.push_back(made.parts[0]);
  CHECK(restored(made, bench.log()) == of_no_use + "an inbox has a gap");
}

TEST_CASE("records that are not those which the checkpoint names are refused") {
  auto bench = waiting_pool();
  const auto made = bench.pool().make_checkpoint(true).value();
  core::pool pool{core::pool_id{"pool.p"}, {}};
  REQUIRE(pool.restore(made));
  const auto taken = pool.restore_records(std::vector{bench.log().entries()[4]});
  REQUIRE_FALSE(taken);
  CHECK(taken.error().message == of_no_use + "a record that it names is another");
}
