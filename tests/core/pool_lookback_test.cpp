// Where a wake begins to look, and how it reaches back beyond what is in memory.
#include "agentpool/core/filter.hpp"
#include "catch.hpp"
#include "pool_bench.hpp"
#include "pool_records.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;
using core::event_kind;
using core::publish_event;

namespace {

core::event_filter tools() { return of_kinds({event_kind::tool_completed}); }

pool_bench two_runs(core::pool_limits limits = {}) {
  auto bench = pool_bench::opened({}, limits);
  for (const auto* run : {"run.a", "run.b"}) bench.get<core::run_joined>(join(run));
  return bench;
}

core::event_cursor publish(pool_bench& bench, const core::agent_event& event) {
  return bench.get<core::event_published>(publish_event{event}).cursor;
}

core::suspend_until after(const core::event_cursor& cursor, const char* id) {
  auto made = condition(id, "run.a", tools());
  made.after_cursor = cursor;
  return suspend(std::move(made));
}

constexpr core::pool_limits tiny{.recent_records = 2, .recent_events = 2};

}  // namespace

TEST_CASE("a wake looks back from the run's join: later events match, earlier ones don't") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.b"));
  publish(bench, stored_event("e.before", "run.b"));
  bench.get<core::run_joined>(join("run.a"));
  CHECK(bench.adds(suspend("w.1", "run.a", tools())) == "wake w.1 registered");
  bench.must(core::cancel_wake{core::wake_condition_id{"w.1"}});
  publish(bench, stored_event("e.1", "run.b"));
  publish(bench, stored_event("e.2", "run.b"));
  CHECK(bench.adds(suspend("w.2", "run.a", tools())) ==
        "wake w.2 registered; wake w.2 triggered by e.1");
}

TEST_CASE("a run's own join is not after its starting point") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.a"));
  CHECK(bench.adds(suspend("w", "run.a", any_event())) == "wake w registered");
}

TEST_CASE("joining again moves the starting point to the latest join") {
  auto bench = two_runs();
  publish(bench, stored_event("e", "run.b"));
  bench.get<core::run_joined>(join("run.a"));
  CHECK(bench.adds(suspend("w", "run.a", tools())) == "wake w registered");
}

TEST_CASE("waiting again with the same filter goes on after the event that woke the run") {
  auto bench = two_runs();
  for (const auto* id : {"e.1", "e.2"}) publish(bench, stored_event(id, "run.b"));
  CHECK(bench.adds(suspend("w.1", "run.a", tools())) ==
        "wake w.1 registered; wake w.1 triggered by e.1");
  CHECK(bench.adds(suspend("w.2", "run.a", tools())) ==
        "wake w.2 registered; wake w.2 triggered by e.2");
  CHECK(bench.adds(suspend("w.3", "run.a", tools())) == "wake w.3 registered");
  CHECK(bench.adds(publish_event{stored_event("e.3", "run.b")}) ==
        "event e.3; wake w.3 triggered by e.3");
  CHECK(bench.adds(suspend("w.4", "run.a", tools())) == "wake w.4 registered");
}

TEST_CASE("waiting with another filter, or by another run, starts from its own point") {
  auto bench = two_runs();
  publish(bench, stored_event("e", "run.a"));
  bench.must(suspend("w.1", "run.a", tools()));
  auto wider = of_kinds({event_kind::tool_completed, event_kind::tool_failed});
  CHECK(bench.adds(suspend("w.2", "run.a", wider)) ==
        "wake w.2 registered; wake w.2 triggered by e");
  CHECK(bench.adds(suspend("w.3", "run.b", tools())) ==
        "wake w.3 registered; wake w.3 triggered by e");
}

TEST_CASE("what woke a run is remembered across a restart") {
  auto bench = two_runs();
  for (const auto* id : {"e.1", "e.2"}) publish(bench, stored_event(id, "run.b"));
  bench.must(suspend("w.1", "run.a", tools()));
  const auto again = replay(bench.log(), bench.pool().id());
  const auto verdict = again->decide(suspend("w.2", "run.a", tools()), bench.now());
  CHECK(in_words(*std::get<core::decision>(verdict).entries.back()) == "wake w.2 triggered by e.2");
}

TEST_CASE("after_cursor is the starting point when it is given") {
  auto bench = two_runs();
  const auto first = publish(bench, stored_event("e.1", "run.b"));
  const auto second = publish(bench, stored_event("e.2", "run.b"));
  bench.must(suspend("w.1", "run.a", tools()));
  bench.must(suspend("w.2", "run.a", tools()));
  CHECK(bench.adds(after(first, "w.3")) == "wake w.3 registered; wake w.3 triggered by e.2");
  CHECK(bench.adds(after(second, "w.4")) == "wake w.4 registered");
}

TEST_CASE("after_cursor may reach back before the run's join") {
  auto bench = pool_bench::opened();
  bench.get<core::run_joined>(join("run.b"));
  const auto first = publish(bench, stored_event("e.1", "run.b"));
  publish(bench, stored_event("e.2", "run.b"));
  bench.get<core::run_joined>(join("run.a"));
  CHECK(bench.adds(after(first, "w")) == "wake w registered; wake w triggered by e.2");
}

TEST_CASE("after_cursor of a live event goes on after that very event") {
  auto bench = two_runs();
  const auto first = publish(bench, live_event("l.1", "run.b"));
  const auto second = publish(bench, live_event("l.2", "run.b"));
  CHECK(first.event_seq == second.event_seq);
  CHECK(bench.adds(after(first, "w.1")) == "wake w.1 registered; wake w.1 triggered by l.2");
  CHECK(bench.adds(after(second, "w.2")) == "wake w.2 registered");
}

TEST_CASE("after_cursor past the end of the pool's events is a contract violation") {
  auto bench = two_runs();
  auto cursor = publish(bench, stored_event("e", "run.b"));
  ++cursor.event_seq;
  CHECK(bench.refused(after(cursor, "w")) == "InvalidStateTransition/RepairNeeded");
}

TEST_CASE("live events wake a run, and waiting again visits each once") {
  auto bench = two_runs();
  for (const auto* id : {"l.1", "l.2"}) publish(bench, live_event(id, "run.b"));
  CHECK(bench.adds(suspend("w.1", "run.a", tools())) ==
        "wake w.1 registered; wake w.1 triggered by l.1");
  CHECK(bench.adds(suspend("w.2", "run.a", tools())) ==
        "wake w.2 registered; wake w.2 triggered by l.2");
  CHECK(bench.adds(suspend("w.3", "run.a", tools())) == "wake w.3 registered");
  CHECK(bench.adds(publish_event{live_event("l.3", "run.b")}) == "wake w.3 triggered by l.3");
}

TEST_CASE("between looking back and waiting no event slips through while appends are under way") {
  auto bench = two_runs();
  const auto published = bench.decide(publish_event{stored_event("e", "run.b")});
  bench.pool().try_out(std::get<core::decision>(published));
  const auto verdict = bench.decide(suspend("w", "run.a", tools()));
  CHECK(in_words(*std::get<core::decision>(verdict).entries.back()) == "wake w triggered by e");
  bench.pool().take_back();
  const auto without = bench.decide(suspend("w", "run.a", tools()));
  CHECK(in_words(*std::get<core::decision>(without).entries.back()) == "wake w registered");
}

// ---- beyond the memory window ----------------------------------------------------------------

TEST_CASE("looking back beyond memory asks for a search of the log first") {
  auto bench = two_runs(tiny);
  publish(bench, stored_event("e.1", "run.b"));
  for (const auto* id : {"e.2", "e.3"})
    publish(bench, stored_event(id, "run.b", event_kind::tool_failed));
  const auto verdict = bench.decide(suspend("w", "run.a", tools()));
  const auto& search = std::get<core::missing>(verdict).search;
  REQUIRE(search);
  CHECK(search->filter == tools());
  CHECK(search->after == core::stamp{2, 0});
  CHECK(search->until == 4);
  CHECK(bench.adds(suspend("w", "run.a", tools())) == "wake w registered; wake w triggered by e.1");
}

TEST_CASE("a search that finds nothing goes on with what is in memory") {
  auto bench = two_runs(tiny);
  for (const auto* id : {"e.1", "e.2"}) publish(bench, stored_event(id, "run.b"));
  for (const auto* id : {"e.3", "e.4"})
    publish(bench, stored_event(id, "run.b", event_kind::tool_failed));
  auto tagged = tools();
  tagged.tags.include = {core::event_tag{"tag.of.none"}};
  CHECK(bench.adds(suspend("w", "run.a", tagged)) == "wake w registered");
  CHECK(bench.reads() == 1);
}

TEST_CASE("no search is asked for where no event of these runs and kinds came since") {
  auto bench = two_runs(tiny);
  bench.get<core::run_joined>(join("run.c"));
  publish(bench, stored_event("e.1", "run.b"));
  for (int n = 0; n != 5; ++n)
    publish(bench, stored_event("f." + std::to_string(n), "run.c", event_kind::tool_failed));
  auto of_c = tools();
  of_c.run_ids.include = {core::run_id{"run.c"}};
  CHECK(bench.adds(suspend("w.1", "run.a", of_c)) == "wake w.1 registered");
  CHECK(bench.adds(suspend("w.2", "run.a", of_kinds({event_kind::tool_denied}))) ==
        "wake w.2 registered");
  CHECK(bench.reads() == 0);
  CHECK(bench.adds(suspend("w.3", "run.a", tools())) ==
        "wake w.3 registered; wake w.3 triggered by e.1");
  CHECK(bench.reads() == 1);
  CHECK(bench.adds(suspend("w.4", "run.a", tools())) == "wake w.4 registered");
  CHECK(bench.reads() == 1);
}

TEST_CASE("a search begins near the starting point, not at the log's start") {
  auto bench = two_runs({.recent_records = 2, .recent_events = 2, .events_a_place = 4});
  for (int n = 0; n != 40; ++n)
    publish(bench, stored_event("e." + std::to_string(n), "run.b", event_kind::tool_failed));
  const auto place = bench.pool().place_before({30, 0});
  CHECK(place.event_seq == 28);
  CHECK(place.position == core::log_position{4, 25});
  CHECK(place.number == 3);
  CHECK(bench.pool().place_before({3, 0}).position == core::log_position{});
  CHECK(bench.pool().events_floor() == core::stamp{41, 0});
}

TEST_CASE("a run that comes back as another agent had another agent before") {
  auto bench = two_runs({.recent_records = 2, .recent_events = 2});
  publish(bench, stored_event("e.1", "run.b"));
  bench.must(core::leave_run{core::run_id{"run.b"}});
  auto again = join("run.b");
  again.member.agent_id = core::agent_id{"agent.other"};
  bench.get<core::run_joined>(again);
  for (const auto* id : {"e.2", "e.3", "e.4"}) publish(bench, stored_event(id, "run.b"));
  core::past_place place;
  std::vector<core::published> past;
  for (const auto& entry : bench.log().entries()) {
    if (place.event_seq >= bench.pool().events_floor().event_seq) break;
    bench.pool().step_past(place, entry, past);
  }
  REQUIRE(past.size() == 7);
  CHECK(past[2].agent_id == bench.log().replayed()[2].agent_id);
  CHECK(past[2].agent_id != core::agent_id{"agent.other"});
  CHECK(past[6].agent_id == core::agent_id{"agent.other"});
}

TEST_CASE("evidence of a search that did not go far enough is asked for again") {
  auto bench = two_runs(tiny);
  for (const auto* id : {"e.1", "e.2", "e.3"}) publish(bench, stored_event(id, "run.b"));
  core::evidence stale;
  stale.searched = core::history_search{tools(), {2, 0}, 2};
  const auto verdict = bench.pool().decide(suspend("w", "run.a", tools()), bench.now(), stale);
  CHECK(std::holds_alternative<core::missing>(verdict));
}

TEST_CASE("evidence of a search from another starting point does not count") {
  auto bench = two_runs(tiny);
  for (const auto* id : {"e.1", "e.2", "e.3"}) publish(bench, stored_event(id, "run.b"));
  core::evidence other;
  other.searched = core::history_search{tools(), {1, 0}, 4};
  const auto verdict = bench.pool().decide(suspend("w", "run.a", tools()), bench.now(), other);
  CHECK(std::holds_alternative<core::missing>(verdict));
}

TEST_CASE("a starting point within memory needs no search, nor does timeout 0") {
  auto bench = two_runs(tiny);
  for (const auto* id : {"e.1", "e.2", "e.3"}) publish(bench, stored_event(id, "run.b"));
  const auto last = publish(bench, stored_event("e.4", "run.b"));
  bench.must(after(last, "w.1"));
  auto at_once = condition("w.2", "run.a", tools());
  at_once.timeout_millis = 0;
  bench.must(suspend(at_once));
  CHECK(bench.reads() == 0);
}

TEST_CASE("records beyond memory are asked for by their sequences") {
  auto bench = two_runs(tiny);
  bench.must(core::send_message{message("m", "run.a", "run.b")});
  for (const auto* run : {"run.c", "run.d", "run.e"}) bench.get<core::run_joined>(join(run));
  const auto asked = [&](const core::command& command) {
    const auto verdict = bench.decide(command);
    return std::get<core::missing>(verdict).sequences;
  };
  const std::vector<std::uint64_t> delivery{6};
  CHECK(asked(core::send_message{message("m", "run.a", "run.b")}) == delivery);
  CHECK(asked(core::cancel_message{core::message_id{"m"}}) == delivery);
  CHECK(asked(core::read_inbox{core::run_id{"run.b"}, {}, 9}) == delivery);
  CHECK(asked(core::read_snapshot{}) == delivery);
  CHECK(bench.adds(core::send_message{message("m", "run.a", "run.b")}) == "nothing");
  CHECK(bench.inbox("run.b") == "6:m");
}

TEST_CASE("what may be taken back stays in memory beyond the limits, and nothing more does") {
  auto bench = two_runs(tiny);
  // A pipeline that is never empty: each decision is settled after the next is tried out.
  for (int n = 0; n != 20; ++n) {
    const publish_event ask{stored_event("e." + std::to_string(n), "run.b")};
    bench.pool().try_out(std::get<core::decision>(bench.decide(ask)));
    if (n > 0) bench.pool().settle();
  }
  // e.17 is the last that is no longer in memory: 2 joins' events, then one per publication.
  const auto verdict = bench.decide(suspend("w", "run.a", tools()));
  CHECK(std::get<core::missing>(verdict).search->until == 3 + 18);
  bench.pool().take_back();
  CHECK(bench.pool().position() == core::log_position{4, 19});
}
