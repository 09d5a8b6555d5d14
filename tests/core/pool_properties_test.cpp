// What holds of a pool whatever is asked of it, and whatever fails between deciding and storing.
// RC_PARAMS="max_success=1500 max_size=150" looks longer; "seed=…" looks again.
#include <rapidcheck.h>

#include <functional>

#include "catch.hpp"
#include "pool_oracle.hpp"
#include "pool_records.hpp"
#include "pool_steps.hpp"
#include "pool_world.hpp"

namespace core = agentpool::core;
using namespace agentpool::support;

namespace {

void require_nothing(const std::string& wrong) {
  if (!wrong.empty()) RC_FAIL(wrong);
}

/// Lives through random steps and checks what came of it.
void holds(const std::string& what,
           const std::function<void(pool_world&, const pool_oracle&)>& check) {
  CHECK(rc::check(what, [&] {
    const auto taken = *some_steps();
    pool_world world;
    live(world, taken);
    check(world, {world.pool().id(), world_config(), world.published()});
  }));
}

}  // namespace

TEST_CASE("replaying the log gives the state of the pool that lived through it") {
  holds("replay", [](pool_world& world, const pool_oracle&) {
    RC_ASSERT(replay(world.log(), world.pool().id())->fingerprint() == world.pool().fingerprint());
  });
}

TEST_CASE("taking back what did not become durable restores the state before") {
  holds("take back",
        [](pool_world& world, const pool_oracle&) { require_nothing(world.faults()); });
}

TEST_CASE("what is published while living equals what the log gives, but for live events") {
  holds("published", [](pool_world& world, const pool_oracle&) {
    auto replayed = world.log().replayed();
    auto expected = replayed.begin();
    for (const auto& what : world.published()) {
      const auto* host = what.entry->host();
      if (host != nullptr && host->number == 0) continue;
      RC_ASSERT(expected != replayed.end());
      RC_ASSERT(core::project_event(world.pool().id(), what) ==
                core::project_event(world.pool().id(), *expected));
      RC_ASSERT(what.at == expected->at);
      RC_ASSERT(what.in_scope == expected->in_scope);
      ++expected;
    }
    RC_ASSERT(expected == replayed.end());
  });
}

TEST_CASE("a message gets at most one final status, and statuses only move forward") {
  holds("statuses",
        [](pool_world&, const pool_oracle& oracle) { require_nothing(oracle.wrong_statuses()); });
}

TEST_CASE("a message that got its replies in time is responded right after the last of them") {
  holds("responses",
        [](pool_world&, const pool_oracle& oracle) { require_nothing(oracle.wrong_responses()); });
}

TEST_CASE("a wake ends once, by the first matching event after its start or without one") {
  holds("wakes",
        [](pool_world&, const pool_oracle& oracle) { require_nothing(oracle.wrong_wakes()); });
}

TEST_CASE("every delivered message is in exactly its recipients' inboxes, in log order") {
  holds("inboxes", [](pool_world& world, const pool_oracle& oracle) {
    auto expected = oracle.inboxes();
    for (const auto& run : world.runs()) {
      const auto verdict = world.ask(core::read_inbox{run, 0, 1000});
      std::string inbox;
      if (const auto* decided = std::get_if<core::decision>(&verdict))
        for (const auto& entry : std::get<core::inbox_page>(decided->reply).entries)
          inbox += std::to_string(entry.sequence) + ":" + entry.message.message_id.text() + " ";
      RC_ASSERT(inbox == expected[run]);
    }
  });
}

TEST_CASE("recipients are those whom the address names and the policies allow") {
  holds("recipients",
        [](pool_world&, const pool_oracle& oracle) { require_nothing(oracle.wrong_recipients()); });
}

TEST_CASE("journal, events and records agree one to one, numbered without gaps") {
  holds("numbers", [](pool_world& world, const pool_oracle& oracle) {
    require_nothing(oracle.wrong_numbers(world.log().entries()));
  });
}

TEST_CASE("no event of a run that is not observable is ever in scope") {
  holds("scopes",
        [](pool_world&, const pool_oracle& oracle) { require_nothing(oracle.wrong_scopes()); });
}

TEST_CASE("sending any earlier message again appends nothing and gives its latest receipt") {
  holds("dedupe", [](pool_world& world, const pool_oracle& oracle) {
    const auto stored = oracle.messages();
    for (const auto& message : world.messages()) {
      const auto first = stored.find(message.message_id);
      if (first == stored.end() || first->second.message != message) continue;
      const auto verdict = world.ask(core::send_message{message});
      const auto& decided = std::get<core::decision>(verdict);
      RC_ASSERT(decided.stores_nothing());
      RC_ASSERT(std::get<core::message_receipt>(decided.reply) == first->second.receipt);
    }
  });
}

TEST_CASE("waiting again and again with one filter visits every matching event once, in order") {
  holds("visits", [](pool_world& world, const pool_oracle& oracle) {
    const auto& members = world.pool().members().members();
    for (const auto& [run, agent, policies, topics] : core::member_set{members}) {
      const auto filter = pool_world::filter(static_cast<std::uint8_t>(run.text().back()));
      const auto expected = oracle.unseen(run, filter);
      std::vector<core::event_id> visited;
      while (true) {
        const auto id = "again." + run.text() + std::to_string(visited.size());
        const auto verdict = world.ask(suspend(id, run.text(), filter));
        const auto& decided = std::get<core::decision>(verdict);
        world.pool().try_out(decided);
        if (!decided.entries.back()->triggered_by) break;
        visited.push_back(decided.entries.back()->triggered_by->event_id);
        RC_ASSERT(visited.size() <= expected.size());
      }
      RC_ASSERT(visited == expected);
    }
  });
}

TEST_CASE("a small window of history gives the same answers when the log supplies the rest") {
  CHECK(rc::check("window", [] {
    const auto taken = *some_steps();
    pool_world whole{{.limits = {}, .live_events = false}};
    pool_world small{{.limits = {.recent_records = 8, .recent_events = 8}, .live_events = false}};
    live(whole, taken);
    live(small, taken);
    RC_ASSERT(small.transcript() == whole.transcript());
    require_nothing(small.faults());
    RC_ASSERT(small.pool().fingerprint() == whole.pool().fingerprint());
  }));
}

namespace {

/// What the log from `place` on published, as the pool tells it, up to what it has in memory.
std::vector<core::published> past_from(const core::pool& pool, core::past_place place,
                                       const std::vector<core::entry_ptr>& log) {
  std::vector<core::published> out;
  core::log_position at;
  for (const auto& entry : log) {
    const auto before = at;
    at = core::after(*entry, at);
    if (before < place.position) continue;
    if (place.event_seq >= pool.events_floor().event_seq) break;
    pool.step_past(place, entry, out);
  }
  while (!out.empty() && out.back().at > pool.events_floor()) out.pop_back();
  return out;
}

/// From every place on the log says what was published, up to what is in memory.
void require_past(pool_world& world) {
  const auto& pool = world.pool();
  const auto all = world.log().replayed();
  for (std::uint64_t after = 0; after <= pool.events_floor().event_seq; ++after) {
    const auto place = pool.place_before({after, 0});
    RC_ASSERT(place.event_seq <= after);
    if (place.event_seq > 0) RC_ASSERT(after - place.event_seq < 10U);
    const auto past = past_from(pool, place, world.log().entries());
    if (after < pool.events_floor().event_seq) {
      RC_ASSERT(!past.empty());
      RC_ASSERT(past.back().at.event_seq == pool.events_floor().event_seq);
    }
    for (const auto& what : past) {
      const auto& published = all.at(what.at.event_seq - 1);
      RC_ASSERT(what.entry == published.entry);
      RC_ASSERT(what.number == published.number);
      RC_ASSERT(what.run_id == published.run_id);
      RC_ASSERT(what.in_scope == published.in_scope);
      if (what.in_scope) RC_ASSERT(what.agent_id == published.agent_id);
    }
  }
}

constexpr core::pool_limits forgetful{.recent_records = 8, .recent_events = 8, .events_a_place = 5};

}  // namespace

TEST_CASE("what the log says of events beyond memory is what was published, from any place on") {
  CHECK(rc::check("past", [] {
    const auto taken = *some_steps();
    pool_world small{{.limits = forgetful}};
    live(small, taken);
    require_past(small);
  }));
}

TEST_CASE("a pool made from checkpoints and the log after them goes on as if it had never ended") {
  CHECK(rc::check("checkpoints", [] {
    const auto taken = *some_steps();
    pool_world whole{{.limits = {}, .live_events = false}};
    pool_world again{{.limits = forgetful, .live_events = false}};
    live(whole, {});
    live(again, {});
    for (const auto& step : taken) {
      whole.take(step);
      again.take(step);
      if (step.c % 4 == 0) again.keep();
      if (step.d % 8 != 0) continue;
      whole.settle();
      again.settle();
      again.reopen();
    }
    whole.come_to_rest();
    again.come_to_rest();
    RC_ASSERT(again.transcript() == whole.transcript());
    require_nothing(again.faults());
    RC_ASSERT(again.pool().fingerprint() == whole.pool().fingerprint());
    require_past(again);
  }));
}
