#include <map>
#include <optional>
#include <string>

#include "agentpool/core/json_tree.hpp"
#include "catch.hpp"
#include "kit.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

std::string trace_of(std::uint64_t seed, sim::world_options options = {}) {
  std::string text;
  options.trace = [&](std::string_view line) { text.append(line).push_back('\n'); };
  sim::world at{seed, options};
  ping_pong(at, 5);
  at.run();
  return text;
}

}  // namespace

TEST_CASE("agents of a world talk, end and leave it idle") {
  for (const auto kind : {sim::strategy_kind::fifo, sim::strategy_kind::random,
                          sim::strategy_kind::pct, sim::strategy_kind::replay}) {
    sim::world_options options;
    options.strategy.kind = kind;
    sim::world at{7, options};
    ping_pong(at, 5);
    CHECK(at.run() == sim::world_end::idle);
    const auto runs = at.view().runs();
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].status == actors::run_status::completed);
    CHECK(runs[1].status == actors::run_status::completed);
    CHECK(at.view().ledgers().at(pool()).messages().size() == 10);
  }
}

TEST_CASE("the same seed gives the same trace, byte for byte, and another seed another") {
  const auto first = trace_of(1);
  CHECK(first == trace_of(1));
  CHECK(first != trace_of(2));
  CHECK(sim::run_twice(3, {}, [](sim::world& at) {
          ping_pong(at, 5);
          at.run();
        }).empty());
}

TEST_CASE("running twice tells a program that takes chance from elsewhere") {
  int run = 0;
  const auto difference = sim::run_twice(3, {}, [&](sim::world& at) {
    ping_pong(at, 2 + run++);
    at.run();
  });
  CHECK(difference.find("line ") == 0);
}

TEST_CASE("every line of a trace is JSON, and tells what caused what was sent in a step") {
  std::map<std::uint64_t, std::string> handled_by;  // by step
  const auto text = trace_of(1);
  std::size_t begin = 0;
  std::size_t caused = 0;
  while (begin < text.size()) {
    const auto end = text.find('\n', begin);
    const auto tree = core::parse_json(text.substr(begin, end - begin));
    REQUIRE(tree);
    begin = end + 1;
    const auto line = tree->root();
    if (line.find("trace")) continue;
    const auto to = line.find("to");
    const auto step = std::stoull(std::string{line.find("step")->text()});
    if (to) handled_by[step] = to->text();
    const auto cause = line.find("cause");
    if (!cause || !to) continue;
    ++caused;
    const auto causing = std::stoull(std::string{cause->text()});
    CHECK(causing < step);
    CHECK(handled_by.at(causing) == line.find("from")->text());
  }
  CHECK(caused > 50);
}

TEST_CASE("time is virtual: agents that think for an hour take no time, and act an hour later") {
  sim::world_options options;
  options.thinking = sim::constant_latency{3'600'000'000};
  sim::world at{1, options};
  ping_pong(at, 2);
  CHECK(at.run() == sim::world_end::idle);
  CHECK(at.elapsed() >= std::chrono::hours{4});
  CHECK(at.elapsed() < std::chrono::hours{5});
}

TEST_CASE("a wake times out by itself when its time has passed") {
  sim::world at{1};
  at.open(pool());
  std::optional<core::wake_registration_status> ended;
  register_agent(at, "waiter", [&](scripted_agent& agent) {
    agent.start = [](actors::run_context& context) {
      actors::condition_draft waits;
      waits.name = "never";
      waits.filter.kinds.include = {core::event_kind::tool_completed};
      waits.timeout = 10min;
      context.suspend(waits);
    };
    agent.wake = [&](actors::run_context& context, const core::wake_notice& notice) {
      ended = notice.status;
      context.finish();
    };
  });
  start(at, "waiter", "waiter");
  CHECK(at.run() == sim::world_end::idle);
  CHECK(ended == core::wake_registration_status::timed_out);
  CHECK(at.elapsed() >= 10min);
}

TEST_CASE("a world refuses options that make no sense, and says where") {
  sim::world_options options;
  options.faults.faults = {sim::fail_append{0, 1, 1}, sim::lose_answer{3, 1}};
  CHECK_THROWS_WITH((sim::world{1, options}),
                    "world_options.faults.faults[1].engine: there are 1, counted from 0");
}
