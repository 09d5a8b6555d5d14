// A pool's state: who waits for whom, and which waits are part of a cycle.
#include <algorithm>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/filter.hpp"
#include "support/catch.hpp"
#include "tools/serve/cloud_event.hpp"
#include "tools/serve/pool_state.hpp"

namespace {

using namespace agentpool;

core::run_id run(const std::string& name) { return core::run_id{"run." + name}; }

/// A wait of a run for others; for anybody when none is named.
core::stored_wake wait_of(const std::string& waiter, const std::vector<std::string>& on,
                          const std::string& id = {}) {
  core::stored_wake wake;
  wake.condition.run_id = run(waiter);
  wake.condition.condition_id = core::wake_condition_id{"wake." + waiter + id};
  if (!on.empty()) {
    auto& runs = wake.condition.filter.run_ids.include.emplace();
    for (const auto& each : on) runs.push_back(run(each));
  }
  return wake;
}

/// The waiters whose waits are in a cycle, in the order of the waits.
std::vector<std::string> in_cycles(std::vector<core::stored_wake> wakes) {
  core::pool_snapshot open;
  open.pool_id = core::pool_id{"pool.a"};
  open.wakes = std::move(wakes);
  std::vector<std::string> found;
  for (const auto& wait : tools::state_of(open).waits)
    if (wait.in_cycle) found.push_back(wait.condition_id->text().substr(5));
  return found;
}

using names = std::vector<std::string>;

core::event_frame frame(std::uint64_t seq) {
  core::event_frame made;
  made.cursor.event_seq = seq;
  return made;
}

}  // namespace

TEST_CASE("a ring of waits is a cycle, and a tail onto it is none") {
  CHECK(in_cycles({wait_of("a", {"b"}), wait_of("b", {"c"}), wait_of("c", {"a"})}) ==
        names{"a", "b", "c"});
  CHECK(in_cycles({wait_of("x", {"a"}), wait_of("a", {"b"}), wait_of("b", {"a"})}) ==
        names{"a", "b"});
  CHECK(in_cycles({wait_of("a", {"b"}), wait_of("b", {"a", "x"}), wait_of("x", {"y"})}) ==
        names{"a", "b"});
}

TEST_CASE("who waits for itself is a cycle, who waits for anybody or a stranger is none") {
  CHECK(in_cycles({wait_of("a", {"a"})}) == names{"a"});
  CHECK(in_cycles({wait_of("a", {})}).empty());
  CHECK(in_cycles({wait_of("a", {"b"})}).empty());
  CHECK(in_cycles({}).empty());
}

TEST_CASE("of a run's waits those are marked that lead back to it") {
  CHECK(in_cycles({wait_of("a", {"b"}, ".1"), wait_of("a", {"c"}, ".2"), wait_of("b", {"a"}),
                   wait_of("c", {"d"})}) == names{"a.1", "b"});
  CHECK(in_cycles({wait_of("a", {"b"}), wait_of("b", {"c"}, ".1"), wait_of("b", {"a"}, ".2"),
                   wait_of("c", {"x"})}) == names{"a", "b.2"});
}

TEST_CASE("two rings that share nothing, and two that do") {
  CHECK(in_cycles({wait_of("a", {"b"}), wait_of("b", {"a"}), wait_of("c", {"d"}),
                   wait_of("d", {"c"}), wait_of("e", {"a", "c"})}) == names{"a", "b", "c", "d"});
  CHECK(in_cycles({wait_of("a", {"b", "c"}), wait_of("b", {"a"}), wait_of("c", {"a"})}) ==
        names{"a", "b", "c"});
}

TEST_CASE("a chain of 100,000 waits is looked through at once and without recursion") {
  constexpr int length = 100'000;
  std::vector<core::stored_wake> wakes;
  wakes.reserve(length + 1);
  for (int i = 0; i < length; ++i)
    wakes.push_back(wait_of(std::to_string(i), {std::to_string(i + 1)}));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(in_cycles(wakes).empty());
  wakes.push_back(wait_of(std::to_string(length), {"0"}));
  CHECK(in_cycles(wakes).size() == length + 1);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{5});
}

TEST_CASE("a run with very many waits for itself costs what it has, not its square") {
  std::vector<core::stored_wake> wakes;
  wakes.reserve(50'000);
  for (int i = 0; i < 50'000; ++i) wakes.push_back(wait_of("a", {"a"}, "." + std::to_string(i)));
  CHECK(in_cycles(wakes).size() == 50'000);
}

TEST_CASE("what a filter lets through is told in words") {
  core::event_filter filter;
  CHECK(tools::filter_in_words(filter) == "any event");
  filter.terminal_only = true;
  CHECK(tools::filter_in_words(filter) == "an event that ends something");
  filter.kinds.include = std::vector{core::event_kind::run_completed, core::event_kind::run_failed};
  filter.run_ids.include = std::vector{run("b")};
  CHECK(tools::filter_in_words(filter) == "run_completed or run_failed of run.b");
  CHECK(tools::target_in_words(core::to_topic{core::topic_id{"topic.news"}}) == "topic topic.news");
}

TEST_CASE("a place is a number, and the id of an event that was not stored behind it") {
  const core::event_filter filter;
  const auto stored = tools::cursor_at("12", filter);
  REQUIRE(stored);
  CHECK(stored->event_seq == 12);
  CHECK(stored->scope == core::event_stream_scope{core::scope_of(filter)});
  // Identifiers are not empty, wherever the cursor goes.
  CHECK_FALSE(stored->event_id.text().empty());
  const auto live = tools::cursor_at("12.event.live.1", filter);
  REQUIRE(live);
  CHECK(live->event_id.text() == "event.live.1");
  for (const char* const bad :
       {"", "x", "-1", "+1", " 1", "1.", "1,2", "1 ", "12x", "18446744073709551616", "1.\n"}) {
    INFO(bad);
    CHECK_FALSE(tools::cursor_at(bad, filter).has_value());
  }
}

TEST_CASE("frames before a gap are told, those behind it are read again") {
  std::vector<core::event_frame> frames{frame(1), frame(2), frame(5)};
  CHECK(tools::before_gap(frames, 10).size() == 3);
  CHECK(tools::before_gap(frames, 2).size() == 2);
  frames[0].overflow.emplace();
  frames[0].overflow->gap_start = frame(3).cursor;
  CHECK(tools::before_gap(frames, 10).size() == 2);
  frames[0].overflow->gap_start.reset();
  CHECK(tools::before_gap(frames, 10).empty());
  CHECK(tools::before_gap({}, 10).empty());
}
