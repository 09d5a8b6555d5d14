#include <string>
#include <thread>

#include "actors/world.hpp"
#include "catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

actors::engine_options with_pools_max(std::size_t most) {
  actors::engine_options options;
  options.limits.pools_max = most;
  return options;
}

core::pool_id numbered(int i) { return core::pool_id{"pool." + std::to_string(i)}; }

bool was_never_opened(const core::outcome<core::answer>& what) {
  return !what && what.error().kind == core::agent_error_kind::host_configuration_needed;
}

}  // namespace

TEST_CASE("pools that nobody opened make room for others once the questions are answered") {
  // given an engine that may have two pools in use
  world at{std::make_unique<stores::memory_store>(), 1, with_pools_max(2)};
  // when many are asked about that do not exist
  for (int i = 0; i < 50; ++i) {
    const inbox_of<core::answer> answers;
    at.engine.pool(numbered(i)).submit(core::read_snapshot{}, answers.take());
    at.settle();
    REQUIRE(was_never_opened(answers.only()));
  }
  // expected: none of them is in use, and others can be opened
  CHECK(at.engine.pools_in_use().empty());
  at.open({"a"});
  CHECK(at.engine.pools_in_use().size() == 1);
}

TEST_CASE("beyond pools_max opened pools stay and another is refused") {
  world at{std::make_unique<stores::memory_store>(), 1, with_pools_max(2)};
  for (int i = 0; i < 3; ++i) {
    const inbox_of<core::answer> answers;
    at.engine.pool(numbered(i)).submit(core::open_pool{}, answers.take());
    at.settle();
    CHECK(answers.only().ok() == (i < 2));
    if (i == 2) CHECK(answers.only().error().message == "too many pools are in use");
  }
  CHECK(at.engine.pools_in_use().size() == 2);
}

TEST_CASE("a handle goes on when its pool was given back") {
  // given a handle on a pool that nobody opened, asked once
  world at{std::make_unique<stores::memory_store>()};
  const auto held = at.pool();
  CHECK(was_never_opened(at.outcome_of(core::read_snapshot{})));
  REQUIRE(at.engine.pools_in_use().empty());
  // when the pool is opened by way of that handle
  const inbox_of<core::answer> answers;
  held.submit(core::open_pool{}, answers.take());
  at.settle();
  // expected: it is the pool that others have, to act in and to read
  REQUIRE(answers.only());
  CHECK(at.engine.pools_in_use().size() == 1);
  CHECK(at.outcome_of(core::join_run{member("a")}));
  const inbox_of<actors::subscription> streams;
  held.subscribe({}, {}, streams.take());
  at.settle();
  REQUIRE(streams.only());
  auto stream = *streams.only();
  const inbox_of<std::vector<core::event_frame>> frames;
  stream.pull(8, frames.take());
  at.settle();
  CHECK(frames.only()->size() == 2);
  // its load is told, too
  at.hold_store(true);
  at.pool().submit(core::join_run{member("b")}, answers.take());
  CHECK(held.load().under_way == 1);
  at.hold_store(false);
}

TEST_CASE("whatever comes while a pool goes is answered once, in the order of each handle") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    INFO("seed " << seed);
    world at{std::make_unique<stores::memory_store>(), seed};
    std::mt19937_64 chance{seed};
    const auto held = at.pool();
    const inbox_of<core::answer> before;
    const inbox_of<std::vector<core::event_frame>> read;
    const auto pause = [&] { at.steps(static_cast<int>(chance() % 9)); };
    for (int i = 0; i < 12; ++i) {
      held.submit(core::list_members{}, before.take());
      pause();
      at.pool().submit(core::list_members{}, before.take());
      if (i % 3 == 0) held.read_events({}, {}, read.take());
      pause();
    }
    const inbox_of<core::answer> after;
    held.submit(core::open_pool{}, after.take());
    held.submit(core::join_run{member("a")}, after.take());
    pause();
    held.submit(core::list_members{}, after.take());
    at.settle();
    REQUIRE(before.all->size() == 24);
    for (const auto& each : *before.all) CHECK(was_never_opened(each));
    CHECK(read.all->size() == 4);
    REQUIRE(after.all->size() == 3);
    for (const auto& each : *after.all) CHECK(each.ok());
    CHECK(std::get<core::member_list>(*after.all->back()).members.size() == 1);
    CHECK(at.engine.pools_in_use().size() == 1);
  }
}

TEST_CASE("a run begins in a pool that was asked about before it was opened") {
  struct idle final : actors::agent {};
  world at{std::make_unique<stores::memory_store>()};
  CHECK(was_never_opened(at.outcome_of(core::read_snapshot{})));
  at.open({"a"});
  at.engine.register_agent(core::agent_id{"agent.b"},
                           [](const core::run_id&) { return std::make_unique<idle>(); });
  const inbox_of<actors::run_handle> runs;
  at.engine.start_run(
      {core::pool_id{"pool.test"}, core::run_id{"run.b"}, core::agent_id{"agent.b"}}, runs.take());
  at.settle();
  CHECK(runs.only()->status() == actors::run_status::running);
}

TEST_CASE("threads that ask about pools that are not there are all answered") {
  actors::engine engine{std::make_unique<stores::memory_store>(), with_pools_max(64)};
  std::vector<std::jthread> threads;
  std::atomic<int> told = 0;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&engine, &told] {
      const auto held = engine.pool(numbered(0));
      for (int i = 0; i < 300; ++i) {
        told += static_cast<int>(!held.snapshot().ok());
        told += static_cast<int>(!engine.pool(numbered(i % 8)).members().ok());
      }
    });
  threads.clear();
  CHECK(told == 4 * 300 * 2);
  const auto opened = engine.open_pool(numbered(0));
  REQUIRE(opened);
  CHECK(opened->snapshot(true));
}
