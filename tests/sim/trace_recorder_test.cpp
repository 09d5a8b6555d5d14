#include "agentpool/sim/trace_recorder.hpp"

#include <algorithm>
#include <latch>
#include <stdexcept>
#include <thread>

#include "agentpool/core/addressing.hpp"
#include "catch.hpp"
#include "live_kit.hpp"

#include "agentpool/sim/trace_catch.hpp"
#include "agentpool/sim/trace_why.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

core::pool_member member(const std::string& name) {
  return {core::run_id{"run." + name}, core::agent_id{"agent.x"}, {}, {}};
}

/// A pool in which run.a and run.b are members.
actors::pool_handle pool_of_two(recorded_engine& at) {
  auto opened = at.engine->open_pool(pool()).value();
  for (const auto* name : {"a", "b"}) REQUIRE(opened.join(member(name)));
  return opened;
}

/// The one line that the pattern means.
sim::trace_line the(const sim::trace& what, const sim::trace_pattern& pattern) {
  std::vector<sim::trace_line> found;
  for (const auto& line : what.lines())
    if (!pattern.match(line).empty()) found.push_back(line);
  REQUIRE(found.size() == 1);
  return found.front();
}

/// Each cause is a step of the sender's, and whoever has none is no actor of the engine.
void check_causes(const sim::trace& what) {
  for (std::size_t i = 0; i < what.size(); ++i) {
    const auto& line = what.lines()[i];
    if (line.is_note()) continue;
    INFO(sim::to_text(line));
    const bool outside = line.from == "world" || line.from == "clock";
    CHECK(line.cause.has_value() != outside);
    if (!line.cause) continue;
    REQUIRE(what.cause(i));
    CHECK(what.actors()[what.place(*what.cause(i)).actor] == line.from);
  }
}

/// The numbers that the actor was told under that name, in the order of steps.
std::vector<std::uint64_t> numbers(const sim::trace& what, const std::string& to,
                                   const std::string& message, const std::string& key) {
  std::vector<std::uint64_t> all;
  for (const auto& line : what.lines())
    if (line.to == to && line.message == message)
      for (const auto& value : line.values(key)) all.push_back(std::stoull(value));
  return all;
}

}  // namespace

TEST_CASE("what a live engine's actors told each other is a trace that the matchers read") {
  recorded_engine at;
  talk(at, 50);
  const auto seen = at.trace();
  check_causes(seen);
  CHECK_THAT(seen, sim::catch2::exactly(100, "send_message where message=*"));
  CHECK_THAT(seen, sim::catch2::in_order({"send_message where message=$m", "append_records",
                                          "records_appended", "entries_handed where message=$m"}));
  CHECK_THAT(seen,
             sim::catch2::followed_by("send_message where message=$m and run=$r",
                                      "message_receipt where message=$m and status=delivered"));
  CHECK_THAT(seen, sim::catch2::followed_by("send_message where message=$m",
                                            "entries_handed where message=$m"));
  CHECK_THAT(seen, sim::catch2::exactly(2, "run_gone where run=*"));
  CHECK(seen.lines().size() == at.recorder->recorded());
  CHECK(at.recorder->dropped() == 0);
  CHECK(at.text.find("unknown") == std::string::npos);
}

TEST_CASE("an actor's steps ascend in the order in which it handled its messages") {
  recorded_engine at;
  const auto to = pool_of_two(at);
  constexpr int threads = 4;
  constexpr int sends = 200;
  {
    std::vector<std::jthread> senders;
    senders.reserve(threads);
    for (int thread = 0; thread < threads; ++thread)
      senders.emplace_back([&to, thread] {
        for (int i = 0; i < sends; ++i)
          to.submit(core::send_message{message_from_outside(
                        std::to_string(thread) + "." + std::to_string(1'000 + i), "a", "b")},
                    [](const auto&) {});
      });
  }
  const auto seen = at.trace();
  check_causes(seen);
  // What one thread asks is handled in that order, and so is what pool and store tell each other.
  std::vector<std::vector<std::string>> asked(threads);
  for (const auto& line : seen.lines())
    if (line.is_called("send_message") && line.to == "pool:pool.test") {
      const auto& id = line.values("message").at(0);
      asked.at(id.at(8) - '0').push_back(id);
    }
  for (const auto& ids : asked) {
    CHECK(ids.size() == sends);
    CHECK(std::is_sorted(ids.begin(), ids.end()));
  }
  for (const auto* message : {"append_records", "records_appended"}) {
    const auto* to_whom =
        std::string_view{message} == "append_records" ? "store" : "pool:pool.test";
    const auto all = numbers(seen, to_whom, message, "number");
    CHECK(all.size() > 3);
    CHECK(std::is_sorted(all.begin(), all.end()));
  }
}

TEST_CASE("why a live message was handed over leads back to the request that sent it") {
  recorded_engine at;
  talk(at, 3);
  const auto seen = at.trace();
  const auto story = sim::why(seen, "message.8.run.ping.1");
  REQUIRE(story);
  std::vector<std::string> told;
  for (const auto& step : story->steps) told.push_back(sim::to_text(seen.lines()[step.line]));
  const auto tells = [&](const std::string& what) {
    return std::any_of(told.begin(), told.end(),
                       [&](const auto& line) { return line.find(what) != std::string::npos; });
  };
  CHECK(
      tells("run:run.ping -> pool:pool.test pool_asked ask=send_message "
            "message=message.8.run.ping.1"));
  // Further back a step may come from another request: from run.pong's readiness, for which its
  // first message waited, or from an acknowledgement that the store wrote in the same batch.
  CHECK(tells("pool:pool.test -> run:run.pong entries_handed"));
  CHECK(tells("made"));
  CHECK(story->waits.empty());
  // A run asks to join while it is made.
  const auto join = the(seen, "join_run where run=run.ping");
  REQUIRE(join.cause);
  const auto& made = seen.lines().at(*seen.find(*join.cause));
  CHECK(made.message == "made");
  CHECK(made.to == "run:run.ping");
}

TEST_CASE("what is asked from outside has no cause, what a callback asks comes from its pool") {
  recorded_engine at;
  const auto to = pool_of_two(at);
  std::latch answered{1};
  to.submit(core::send_message{message_from_outside("1", "a", "b")}, [&](const auto&) {
    to.submit(core::send_message{message_from_outside("2", "a", "b")},
              [&](const auto&) { answered.count_down(); });
  });
  answered.wait();
  REQUIRE(to.send(message_from_outside("3", "a", "b")));
  const auto seen = at.trace();
  check_causes(seen);
  CHECK(the(seen, "send_message where message=message.1").from == "world");
  CHECK(the(seen, "send_message where message=message.2").from == "pool:pool.test");
  CHECK(the(seen, "send_message where message=message.3").from == "world");
}

TEST_CASE("two engines of one process, each recorded, do not mix their causes") {
  recorded_engine one;
  recorded_engine other;
  const auto there = pool_of_two(other);
  REQUIRE(one.engine->open_pool(pool()));
  // Whoever acts in one engine asks the other on the same thread, and the answer's thread asks
  // back.
  std::latch answered{40};
  const auto here = one.engine->pool(pool());
  REQUIRE(here.join(member("a")));
  one.register_agent("relay", [&](scripted_agent& agent) {
    agent.message = [&](actors::run_context& context, const core::inbox_entry& entry) {
      context.acknowledge(entry.sequence);
      const auto name = entry.message.message_id.text();
      there.submit(core::send_message{message_from_outside("by." + name, "a", "b")},
                   [&, name](const auto&) {
                     here.submit(core::send_message{message_from_outside("re." + name, "a", "a")},
                                 [&](const auto&) { answered.count_down(); });
                   });
    };
  });
  const auto relay = one.start("relay");
  for (int i = 0; i < 40; ++i)
    REQUIRE(here.send(message_from_outside(std::to_string(i), "a", "relay")));
  answered.wait();
  const auto seen = one.trace();
  const auto seen_there = other.trace();
  check_causes(seen);
  check_causes(seen_there);
  CHECK_THAT(seen, sim::catch2::exactly(40, "send_message where message=message.re.*"));
  CHECK_THAT(seen, sim::catch2::never("send_message where message=message.re.* and from!=world"));
  CHECK_THAT(seen_there, sim::catch2::exactly(40, "send_message where from=world"));
}

TEST_CASE("an engine goes on where its trace cannot be written as fast, and the trace says so") {
  std::latch written{1};
  std::string text;
  sim::recorder_options options;
  options.waiting_bytes_max = 4'000;
  options.write_every = std::chrono::milliseconds{1};
  options.write = [&](std::string_view more) -> core::outcome<void> {
    if (!text.empty()) written.wait();
    text += more;
    return {};
  };
  recorded_engine at{std::move(options)};
  const auto to = pool_of_two(at);
  int sent = 0;
  for (int i = 0; i < 300; ++i)
    sent += to.send(message_from_outside(std::to_string(i), "a", "b")) ? 1 : 0;
  written.count_down();
  CHECK(sent == 300);
  REQUIRE(at.close());
  const auto seen = sim::read_trace(text, "live");
  REQUIRE(seen);
  std::uint64_t lines = 0;
  for (const auto& line : seen->lines())
    if (line.message == "trace_dropped") {
      CHECK(line.is_note());
      lines += std::stoull(line.values("lines").at(0));
    }
  CHECK(lines > 100);
  CHECK(lines == at.recorder->dropped());
}

TEST_CASE("an engine goes on where its trace cannot be written at all; closing tells why") {
  int calls = 0;
  sim::recorder_options options;
  options.write_every = std::chrono::milliseconds{1};
  options.write = [&](std::string_view) -> core::outcome<void> {
    if (++calls == 1) return {};
    return core::store_unavailable("the disk is full");
  };
  recorded_engine at{std::move(options)};
  talk(at, 20);
  for (int twice = 0; twice < 2; ++twice) {
    const auto closed = at.close();
    REQUIRE(!closed);
    CHECK(closed.error().message == "the disk is full");
  }
  CHECK(calls == 2);
}
