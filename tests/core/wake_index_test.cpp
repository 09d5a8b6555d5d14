// Where registered wakes hang, and what is kept of them.
#include "core/wake_index.hpp"

#include <rapidcheck.h>

#include <algorithm>
#include <set>

#include "agentpool/core/json.hpp"
#include "catch.hpp"
#include "generators.hpp"
#include "pool_bench.hpp"
#include "pool_records.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;
using core::event_kind;
using core::publish_event;
using core::send_message;

namespace {

core::event_filter of_agents(std::initializer_list<const char*> agents) {
  core::event_filter filter;
  auto& include = filter.agent_ids.include.emplace();
  for (const auto* agent : agents) include.emplace_back(agent);
  return filter;
}

core::event_filter of_agents_and_kinds(std::initializer_list<const char*> agents,
                                       std::vector<event_kind> kinds) {
  auto filter = of_agents(agents);
  filter.kinds.include = std::move(kinds);
  return filter;
}

/// Two runs of agent.x, one of agent.y.
pool_bench three_runs() {
  auto bench = pool_bench::opened();
  for (const auto* run : {"run.1", "run.2"}) bench.must(core::join_run{member_of("agent.x", run)});
  bench.must(core::join_run{member_of("agent.y", "run.3")});
  return bench;
}

core::agent_event event_by(const char* id, const char* run, const char* agent,
                           event_kind kind = event_kind::tool_completed) {
  auto event = stored_event(id, run, kind);
  event.envelope.agent_id = core::agent_id{agent};
  return event;
}

/// The log as a pool that was opened from a checkpoint made at its end.
std::unique_ptr<core::pool> opened_again(pool_bench& bench) {
  const auto kept = bench.pool().make_checkpoint(true).value();
  auto pool = std::make_unique<core::pool>(bench.pool().id());
  const auto wanted = pool->restore(kept).value();
  std::vector<core::entry_ptr> records;
  for (const auto& [sequence, entry] : bench.log().read({wanted, {}}).records)
    records.push_back(entry);
  REQUIRE(pool->restore_records(records));
  return pool;
}

std::string adds(const core::pool::verdict& verdict) {
  std::string text;
  for (const auto& entry : std::get<core::decision>(verdict).entries)
    text += (text.empty() ? "" : "; ") + in_words(*entry);
  return text;
}

}  // namespace

TEST_CASE("a wake for an agent is triggered by every run of that agent and by no other run") {
  auto bench = three_runs();
  bench.must(core::leave_run{core::run_id{"run.2"}});
  bench.must(suspend("w", "run.3", of_agents_and_kinds({"agent.x"}, {event_kind::tool_failed})));
  bench.must(core::join_run{member_of("agent.x", "run.2")});
  CHECK(bench.adds(publish_event{event_by("e.1", "run.3", "agent.y", event_kind::tool_failed)}) ==
        "event e.1");
  CHECK(bench.adds(publish_event{event_by("e.2", "run.2", "agent.x", event_kind::tool_failed)}) ==
        "event e.2; wake w triggered by e.2");
}

TEST_CASE("of a wake for agents and kinds the event must have both") {
  auto bench = three_runs();
  const auto filter = of_agents_and_kinds({"agent.y", "agent.x"}, {event_kind::run_message_failed});
  bench.must(suspend("w", "run.3", filter));
  CHECK(bench.adds(send_message{message("m.1", "run.1", "run.2")}) ==
        "message m.1 accepted to run.2; message m.1 delivered to run.2");
  CHECK(bench.adds(send_message{message("m.2", "run.1", "run.none")}) ==
        "message m.2 failed; wake w triggered by event.agent_pool.pool.p.8");
}

TEST_CASE("a host's event is of the agent that it names, whoever the member's is") {
  auto bench = three_runs();
  bench.must(suspend("w", "run.3", of_agents_and_kinds({"agent.z"}, {event_kind::tool_completed})));
  CHECK(bench.adds(publish_event{event_by("e.1", "run.1", "agent.x")}) == "event e.1");
  CHECK(bench.adds(publish_event{event_by("e.2", "run.1", "agent.z")}) ==
        "event e.2; wake w triggered by e.2");
}

TEST_CASE("wakes under different fields are triggered together, by condition id") {
  auto bench = three_runs();
  const auto failures = of_agents_and_kinds({"agent.x"}, {event_kind::run_message_failed});
  auto of_run = failures;
  of_run.run_ids.include = {core::run_id{"run.1"}, core::run_id{"run.1"}};
  core::event_filter of_family;
  of_family.families.include = {core::event_family::agent_pool};
  of_family.subject_kinds.include = {core::entity_kind::message};
  core::event_filter terminal;
  terminal.terminal_only = true;
  terminal.subject_kinds.include = {core::entity_kind::message};
  bench.must(suspend("w.5", "run.3", failures));
  bench.must(suspend("w.4", "run.3", of_run));
  bench.must(suspend("w.3", "run.3", of_kinds({event_kind::run_message_failed})));
  bench.must(suspend("w.2", "run.3", of_family));
  bench.must(suspend("w.1", "run.3", terminal));
  bench.must(suspend("w.0", "run.3", of_agents({"agent.none"})));
  CHECK(bench.adds(send_message{message("m", "run.1", "run.none")}) ==
        "message m failed; wake w.1 triggered by event.agent_pool.pool.p.11; "
        "wake w.2 triggered by event.agent_pool.pool.p.11; "
        "wake w.3 triggered by event.agent_pool.pool.p.11; "
        "wake w.4 triggered by event.agent_pool.pool.p.11; "
        "wake w.5 triggered by event.agent_pool.pool.p.11");
  CHECK(bench.adds(send_message{message("m.2", "run.1", "run.none")}) == "message m.2 failed");
}

TEST_CASE("what a taken back decision did to wakes of agents is undone") {
  auto bench = three_runs();
  const auto filter = of_agents_and_kinds({"agent.x", "agent.y"}, {event_kind::tool_failed});
  bench.must(suspend("w.1", "run.3", filter));
  const auto before = bench.pool().fingerprint();
  const auto try_out = [&](const core::command& ask) {
    bench.pool().try_out(std::get<core::decision>(bench.decide(ask)));
  };
  try_out(suspend("w.2", "run.2", filter));
  try_out(publish_event{event_by("e.1", "run.1", "agent.x", event_kind::tool_failed)});
  CHECK(bench.pool().fingerprint() != before);
  bench.pool().take_back();
  CHECK(bench.pool().fingerprint() == before);
  CHECK(bench.adds(publish_event{event_by("e.2", "run.3", "agent.y", event_kind::tool_failed)}) ==
        "event e.2; wake w.1 triggered by e.2");
}

TEST_CASE("a wake of agents and its timeout go on in a pool that is opened from a checkpoint") {
  auto bench = three_runs();
  auto timed =
      condition("w.1", "run.3", of_agents_and_kinds({"agent.x"}, {event_kind::tool_failed}));
  timed.timeout_millis = 20;
  bench.must(suspend(timed));
  bench.must(suspend("w.2", "run.1", of_agents_and_kinds({"agent.y"}, {event_kind::tool_failed})));
  const auto again = opened_again(bench);
  CHECK(again->fingerprint() == bench.pool().fingerprint());
  CHECK(again->next_due() == bench.pool().next_due());
  const auto now = bench.now();
  CHECK(adds(again->decide(
            publish_event{event_by("e.1", "run.1", "agent.x", event_kind::tool_failed)}, now)) ==
        "event e.1; wake w.1 triggered by e.1");
  CHECK(adds(again->decide(core::leave_run{core::run_id{"run.1"}}, now)) ==
        "wake w.2 cancelled; left run.1");
}

TEST_CASE("poll and dedupe see a registered wake that is no longer among the recent records") {
  auto bench = pool_bench::opened({}, {.recent_records = 2, .recent_events = 2});
  for (const auto* run : {"run.a", "run.b"}) bench.must(join(run));
  const auto asked = suspend("w", "run.a", of_agents({"agent.none"}));
  const auto registered = bench.get<core::wake_registration>(asked);
  for (const auto* id : {"m.1", "m.2"}) bench.must(send_message{message(id, "run.a", "run.b")});
  CHECK(bench.get<core::wake_registration>(asked) == registered);
  const core::poll_wake poll{core::wake_condition_id{"w"}};
  CHECK(bench.get<core::wake_registration>(poll) == registered);
}

TEST_CASE("what is kept of a registered wake gives back the record that registered it") {
  CHECK(rc::check("any record", [] {
    auto entry = std::make_shared<core::log_entry>();
    entry->recorded_at_millis = *rc::gen::inRange<std::uint64_t>(0, 1'000'000);
    core::stored_wake stored;
    stored.condition = *generators::any<core::wake_condition>();
    stored.compiled_filter = *generators::any<core::compiled_event_filter>();
    stored.registration = *generators::any<core::wake_registration>();
    if (*rc::gen::arbitrary<bool>()) {
      auto& criteria = stored.compiled_filter.criteria;
      const auto other = std::exchange(criteria, stored.condition.filter);
      criteria.run_ids = other.run_ids;
      criteria.payload_access = other.payload_access;
    }
    entry->what = core::store_record{core::pool_id{"pool.p"}, {7}, core::wake_recorded{stored}};
    const core::open_wake kept{*entry};
    RC_ASSERT(kept.id() == stored.condition.condition_id.text());
    RC_ASSERT(kept.run() == stored.condition.run_id.text());
    RC_ASSERT(kept.filter() == stored.condition.filter);
    RC_ASSERT(kept.recorded() == core::wake_recorded{stored});
    RC_ASSERT(*kept.entry(core::pool_id{"pool.p"}) == *entry);
  }));
}

TEST_CASE("an index by hashes finds what was added and not dropped, whatever shares a hash") {
  CHECK(rc::check("like a set of pairs", [] {
    core::hash_index index;
    std::set<std::pair<std::uint64_t, std::uint64_t>> expected;
    const auto steps = *rc::gen::container<std::vector<std::tuple<bool, int, int>>>(
        rc::gen::tuple(rc::gen::arbitrary<bool>(), rc::gen::inRange(0, 4), rc::gen::inRange(0, 8)));
    for (const auto& [add, hash, number] : steps) {
      const std::pair<std::uint64_t, std::uint64_t> one{hash, number};
      if (add && expected.insert(one).second) index.add(one.first, one.second);
      if (add) continue;
      index.drop(one.first, one.second);
      expected.erase(one);
    }
    std::set<std::pair<std::uint64_t, std::uint64_t>> found;
    for (std::uint64_t hash = 0; hash < 4; ++hash)
      index.each(hash,
                 [&](std::uint64_t number) { RC_ASSERT(found.emplace(hash, number).second); });
    RC_ASSERT(found == expected);
  }));
}
