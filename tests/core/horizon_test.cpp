// What a pool forgets that is older than its horizon, and what it never does.
#include <rapidcheck.h>

#include <algorithm>
#include <utility>

#include "catch.hpp"
#include "pool_bench.hpp"
#include "pool_records.hpp"
#include "pool_steps.hpp"
#include "pool_world.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;

namespace {

/// A pool with two runs, in which messages 0 to 9 went from the one to the other; the mark is after
/// message 4.
struct marked_pool {
  pool_bench bench = pool_bench::opened({}, {.recent_records = 4, .recent_events = 4});
  core::horizon mark;

  marked_pool() {
    for (const auto* run : {"run.a", "run.b"}) bench.must(join(run));
    send(0, 5);
    mark = bench.pool().mark().value();
    send(5, 10);
  }
  void send(int from, int to) {
    for (int i = from; i < to; ++i)
      bench.must(core::send_message{message("m." + std::to_string(i), "run.a", "run.b")});
  }
  void acknowledge(std::uint64_t sequence) {
    bench.must(core::ack_inbox{core::run_id{"run.b"}, sequence});
  }
};

/// Message i is delivered by record 5 + 2 i.
constexpr std::uint64_t delivered(std::uint64_t i) { return 6 + 2 * i; }

}  // namespace

TEST_CASE("acknowledged messages before the horizon are forgotten, and deduped no more") {
  marked_pool given;
  given.acknowledge(delivered(9));
  CHECK(given.bench.pool().forget(given.mark).empty());
  CHECK(given.bench.adds(core::send_message{message("m.7", "run.a", "run.b")}) == "nothing");
  CHECK(given.bench.adds(core::send_message{message("m.2", "run.a", "run.b")}) ==
        "message m.2 accepted to run.b; message m.2 delivered to run.b");
}

TEST_CASE("a message that somebody has not acknowledged stays, and its record is needed") {
  marked_pool given;
  given.acknowledge(delivered(2));
  CHECK(given.bench.pool().forget(given.mark) == std::vector{delivered(3), delivered(4)});
  CHECK(given.bench.inbox("run.b") == "12:m.3 14:m.4 16:m.5 18:m.6 20:m.7 22:m.8 24:m.9");
  CHECK(given.bench.adds(core::send_message{message("m.3", "run.a", "run.b")}) == "nothing");
}

TEST_CASE("an inbox is not read from before the horizon, except what is not acknowledged") {
  marked_pool given;
  given.acknowledge(delivered(2));
  static_cast<void>(given.bench.pool().forget(given.mark));
  CHECK(given.bench.refused(core::read_inbox{core::run_id{"run.b"}, delivered(1), 100}) ==
        "InvalidStateTransition/RepairNeeded");
  CHECK(given.bench.inbox("run.b", delivered(2)).starts_with("12:m.3"));
  CHECK(given.bench.inbox("run.a", 0).empty());
}

TEST_CASE("what waits for replies or for an event is needed, however old it is") {
  auto bench = pool_bench::opened({}, {.recent_records = 4, .recent_events = 4});
  for (const auto* run : {"run.a", "run.b"}) bench.must(join(run));
  auto asked = message("asked", "run.a", "run.b");
  asked.response_contract = core::response_contract{1, {}};
  bench.must(core::send_message{asked});
  bench.must(suspend("w", "run.b", of_kinds({core::event_kind::tool_completed})));
  bench.must(core::ack_inbox{core::run_id{"run.b"}, 6});
  const auto mark = bench.pool().mark().value();
  for (int i = 0; i < 10; ++i)
    bench.must(core::send_message{message("m." + std::to_string(i), "run.a", "run.b")});
  CHECK(bench.pool().forget(mark) == std::vector<std::uint64_t>{6, 7});
  auto reply = message("reply", "run.b", "run.a");
  reply.reply_to = asked.message_id;
  CHECK(bench.adds(core::send_message{reply}) ==
        "message reply accepted to run.a; message reply delivered to run.a; "
        "message asked responded to run.b");
  CHECK(bench.adds(core::publish_event{stored_event("e", "run.a")}) ==
        "event e; wake w triggered by e");
}

TEST_CASE("a wake looks back to the horizon and no further, and says so of an older cursor") {
  marked_pool given;
  const auto sent = of_kinds({core::event_kind::run_message_delivered});
  static_cast<void>(given.bench.pool().forget(given.mark));
  CHECK(given.bench.adds(suspend("w.1", "run.b", sent)).find("triggered") != std::string::npos);
  CHECK(given.bench.get<core::wake_report>(core::read_wake{core::wake_condition_id{"w.1"}})
            .notice->matched_cursor->event_seq == given.mark.event_seq + 2);
  auto older = condition("w.2", "run.b", sent);
  older.after_cursor = core::event_cursor{};
  older.after_cursor->event_seq = given.mark.event_seq - 1;
  older.after_cursor->event_id = core::event_id{"e"};
  CHECK(given.bench.refused(suspend(older)) == "InvalidStateTransition/RepairNeeded");
  older.after_cursor->event_seq = given.mark.event_seq;
  CHECK(given.bench.adds(suspend(older)).find("triggered") != std::string::npos);
}

namespace {

/// The records of a log that are still there after forgetting.
std::vector<core::entry_ptr> left(const pool_log& log, const core::missing& wanted,
                                  const core::horizon& at,
                                  const std::vector<std::uint64_t>& needed) {
  std::vector<core::entry_ptr> records;
  for (const auto& [sequence, entry] : log.read(wanted).records) {
    RC_ASSERT(sequence > at.at.sequence ||
              std::binary_search(needed.begin(), needed.end(), sequence));
    records.push_back(entry);
  }
  return records;
}

std::string unread(const core::pool& pool, const pool_log& log, const core::run_id& run,
                   core::instant now, const core::horizon* at,
                   const std::vector<std::uint64_t>& needed) {
  core::evidence known;
  auto verdict = pool.decide(core::read_inbox{run, {}, 1000}, now, known);
  if (const auto* missing = std::get_if<core::missing>(&verdict)) {
    if (at != nullptr) left(log, *missing, *at, needed);
    verdict = pool.decide(core::read_inbox{run, {}, 1000}, now, log.read(*missing));
  }
  std::string inbox;
  if (const auto* decided = std::get_if<core::decision>(&verdict))
    for (const auto& entry : std::get<core::inbox_page>(decided->reply).entries)
      inbox += std::to_string(entry.sequence) + ":" + entry.message.message_id.text() + " ";
  return inbox;
}

}  // namespace

TEST_CASE("after forgetting everything unread is there, and checkpoints say the same") {
  CHECK(rc::check("forgetting", [] {
    const auto before = *some_steps();
    const auto after = *some_steps();
    pool_world world{{.limits = {.recent_records = 8, .recent_events = 8}, .live_events = false}};
    live(world, before);
    auto& pool = world.pool();
    const auto mark = pool.mark();
    RC_PRE(mark.has_value());
    auto parts = pool.make_checkpoint(true)->parts;
    for (const auto& step : after) world.take(step);
    world.come_to_rest();
    std::map<core::run_id, std::string> inboxes;
    for (const auto& run : world.runs())
      inboxes[run] = unread(pool, world.log(), run, world.now(), nullptr, {});
    const auto needed = pool.forget(*mark);
    for (const auto& run : world.runs())
      RC_ASSERT(unread(pool, world.log(), run, world.now(), &*mark, needed) == inboxes[run]);
    RC_ASSERT(pool.begins().position == mark->at);

    auto added = pool.make_checkpoint(false).value();
    const auto whole = pool.make_checkpoint(true).value();
    added.parts.insert(added.parts.begin(), parts.begin(), parts.end());
    for (const core::checkpoint* from : {&std::as_const(added), &whole}) {
      core::pool again{pool.id(), {}};
      const auto wanted = again.restore(*from).value();
      RC_ASSERT(again.restore_records(left(world.log(), {wanted, {}}, *mark, needed)).ok());
      RC_ASSERT(again.fingerprint() == pool.fingerprint());
      RC_ASSERT(again.begins().position == mark->at);
    }
  }));
}
