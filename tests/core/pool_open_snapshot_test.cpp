#include "agentpool/core/run_event.hpp"
#include "catch.hpp"
#include "pool_bench.hpp"
#include "pool_records.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;

namespace {

core::pool_snapshot open_snapshot(pool_bench& bench) {
  core::read_snapshot ask;
  ask.open = true;
  return bench.get<core::pool_snapshot>(ask);
}

std::vector<std::string> ids(const core::pool_snapshot& snapshot) {
  std::vector<std::string> all;
  for (const auto& stored : snapshot.messages) all.push_back(stored.message->message_id.text());
  return all;
}

/// What nobody here does, so that whoever waits for it waits.
core::event_filter never() {
  core::event_filter filter;
  filter.kinds.include = std::vector{core::event_kind::run_failed};
  return filter;
}

/// run.a, run.b and run.c are members; records are hardly kept in memory.
pool_bench three(std::size_t recent_records) {
  core::pool_limits limits;
  limits.recent_records = recent_records;
  auto bench = pool_bench::opened({}, limits);
  for (const auto* run : {"run.a", "run.b", "run.c"}) bench.get<core::run_joined>(join(run));
  return bench;
}

}  // namespace

TEST_CASE("what is under way is what somebody has not acknowledged or still waits for") {
  for (const std::size_t recent : {1U, 1'000U}) {
    INFO(recent << " records in memory");
    auto bench = three(recent);
    bench.get<core::message_receipt>(core::send_message{message("m.1", "run.a", "run.b")});
    bench.get<core::message_receipt>(core::send_message{message("m.2", "run.a", "run.c")});
    auto asking = message("m.3", "run.a", "run.c");
    asking.response_contract = core::response_contract{1, {}};
    bench.get<core::message_receipt>(core::send_message{asking});
    bench.get<core::wake_registration>(suspend("w", "run.b", never()));
    auto now = open_snapshot(bench);
    CHECK(now.members.size() == 3);
    CHECK(ids(now) == std::vector<std::string>{"m.1", "m.2", "m.3"});
    REQUIRE(now.inboxes.size() == 2);
    CHECK(now.inboxes[0].run_id.text() == "run.b");
    CHECK(now.inboxes[0].unacknowledged == 1);
    CHECK(now.inboxes[1].unacknowledged == 2);
    // Acknowledged, m.3 still waits for its reply.
    const auto head = now.cursor->sequence;
    bench.get<core::inbox_acked>(core::ack_inbox{core::run_id{"run.c"}, head});
    bench.get<core::inbox_acked>(core::ack_inbox{core::run_id{"run.b"}, head});
    now = open_snapshot(bench);
    CHECK(ids(now) == std::vector<std::string>{"m.3"});
    CHECK(now.inboxes.empty());
  }
}

TEST_CASE("registered wakes are under way, final ones are not") {
  auto bench = three(1);
  bench.get<core::wake_registration>(suspend("w.2", "run.a", never()));
  bench.get<core::wake_registration>(suspend("w.1", "run.b", never()));
  CHECK(open_snapshot(bench).wakes.size() == 2);
  bench.get<core::wake_registration>(core::cancel_wake{core::wake_condition_id{"w.2"}});
  const auto left = open_snapshot(bench).wakes;
  REQUIRE(left.size() == 1);
  CHECK(left[0].condition.condition_id.text() == "w.1");
}

TEST_CASE("one message or one wake is told by its id, without the members, and unknown ones not") {
  auto bench = three(1);
  bench.get<core::message_receipt>(core::send_message{message("m", "run.a", "run.b")});
  bench.get<core::wake_registration>(suspend("w", "run.a", never()));
  core::read_snapshot ask;
  ask.message_id = core::message_id{"m"};
  auto one = bench.get<core::pool_snapshot>(ask);
  CHECK(ids(one) == std::vector<std::string>{"m"});
  CHECK(one.members.empty());
  CHECK(one.wakes.empty());
  ask.message_id = core::message_id{"other"};
  CHECK(bench.get<core::pool_snapshot>(ask).messages.empty());
  core::read_snapshot wake;
  wake.condition_id = core::wake_condition_id{"w"};
  one = bench.get<core::pool_snapshot>(wake);
  REQUIRE(one.wakes.size() == 1);
  CHECK(one.wakes[0].registration.run_id.text() == "run.a");
  CHECK(one.messages.empty());
}

TEST_CASE("a bare snapshot has the pool's end and nothing in it") {
  auto bench = three(1);
  core::read_snapshot ask;
  ask.bare = true;
  const auto bare = bench.get<core::pool_snapshot>(ask);
  CHECK(bare.members.empty());
  CHECK(bare.cursor->sequence == bench.pool().position().sequence);
}

TEST_CASE("a message is the same whatever trace context it travels with") {
  auto bench = three(1'000);
  const auto traced = [](const std::string& parent, const std::string& other) {
    auto sent = message("m", "run.a", "run.b");
    sent.correlation.entries = {
        {core::correlation_key{"traceparent"}, core::correlation_value{parent}},
        {core::correlation_key{"ticket"}, core::correlation_value{other}}};
    return sent;
  };
  const auto first = bench.get<core::message_receipt>(core::send_message{traced("00-1", "7")});
  const auto records = bench.log().entries().size();
  CHECK(bench.get<core::message_receipt>(core::send_message{traced("00-2", "7")}) == first);
  CHECK(bench.get<core::message_receipt>(core::send_message{[&] {
    auto bare = traced("00-1", "7");
    bare.correlation.entries.erase(bare.correlation.entries.begin());
    return bare;
  }()}) == first);
  CHECK(bench.log().entries().size() == records);
  CHECK_FALSE(bench.ask(core::send_message{traced("00-1", "8")}));
}

TEST_CASE("a message is the same whoever a server says carried it") {
  auto bench = three(1'000);
  const auto carried = [](const std::string& name) {
    auto sent = message("m", "run.a", "run.b");
    sent.correlation.entries = {
        {core::correlation_key{"sender.on_behalf_of"}, core::correlation_value{name}}};
    return sent;
  };
  const auto first = bench.get<core::message_receipt>(core::send_message{carried("Ada")});
  CHECK(bench.get<core::message_receipt>(core::send_message{carried("Bob")}) == first);
}

TEST_CASE("a denial is an event of the run that was meant, told apart by its number") {
  const core::pool_member meant{core::run_id{"run.a"}, core::agent_id{"agent.x"}, {}, {}};
  const auto now = core::instant{std::chrono::milliseconds{1'000}};
  const auto event = core::denial_event(meant, "source.sdk.serve", now, 3);
  CHECK(event.envelope.event_kind == core::event_kind::extension_action_denied);
  CHECK(event.envelope.run_id == meant.run_id);
  CHECK(event.envelope.event_id.text() == "event.denied.run.a.1000.3");
  CHECK(event.envelope.source.id.text() == "source.sdk.serve");
}
