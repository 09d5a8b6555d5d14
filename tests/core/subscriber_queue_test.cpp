#include "agentpool/core/subscriber_queue.hpp"

#include <string>
#include <vector>

#include "catch.hpp"
#include "support/frames.hpp"

namespace core = agentpool::core;
using frames::frame;
using frames::text_of;
using policy = core::subscriber_overflow_policy;

namespace {

core::subscriber_queue queue(std::uint64_t capacity, std::uint64_t reserve, policy overflow) {
  return std::move(core::subscriber_queue::make({capacity, reserve, overflow}).value());
}

void push_all(core::subscriber_queue& into, const std::string& letters, std::uint64_t first = 1) {
  for (const char letter : letters) into.push(frame(letter, first++));
}

/// The frames taken until the queue is empty: "n1 n2(notice) …".
std::string taken(core::subscriber_queue& from) {
  std::string text;
  while (auto next = from.take()) {
    if (!text.empty()) text += ' ';
    text += next->cursor.event_id.text();
    if (next->overflow) text += '(' + text_of(*next->overflow) + ')';
  }
  return text;
}

}  // namespace

TEST_CASE("a queue that is not full gives every frame in order and no notice") {
  auto subscriber = queue(4, 1, policy::drop_non_terminal);
  push_all(subscriber, "npn");
  CHECK(taken(subscriber) == "n1 p2 n3");
  CHECK_FALSE(subscriber.take());
}

TEST_CASE("places of the terminal reserve stay free of other frames") {
  auto subscriber = queue(4, 2, policy::drop_non_terminal);
  push_all(subscriber, "nnnttt");
  CHECK(taken(subscriber) ==
        "n1(2: n2..n3 from journal.1 kept policy_dropped_non_terminal) t4 t5 t6");
}

TEST_CASE("the newest frames give way, so that going on from the last cursor loses nothing") {
  auto subscriber = queue(3, 1, policy::drop_non_terminal);
  push_all(subscriber, "nnnnn");
  CHECK(taken(subscriber) == "n1(3: n3..n5 from journal.2 kept policy_dropped_non_terminal) n2");
}

TEST_CASE("a terminal frame is dropped only when every place holds a terminal one") {
  auto subscriber = queue(2, 1, policy::drop_non_terminal);
  push_all(subscriber, "nttt");
  CHECK(subscriber.size() == 2);
  CHECK(taken(subscriber) == "t2(2: n1..t4 from journal.0 lost subscriber_queue_full) t3");
}

TEST_CASE("progress gives way before other frames") {
  auto subscriber = queue(4, 1, policy::drop_progress);
  push_all(subscriber, "pnpnn");
  CHECK(taken(subscriber) == "n2(2: p1..p3 from journal.0 kept policy_dropped_progress) n4 n5");
}

TEST_CASE("without progress to drop the newest of the other frames gives way") {
  auto subscriber = queue(3, 1, policy::drop_progress);
  push_all(subscriber, "nnpntt");
  CHECK(taken(subscriber) == "n1(3: n2..n4 from journal.1 kept policy_dropped_non_terminal) t5 t6");
}

TEST_CASE("summarizing collapses what is queued into the notice and goes on") {
  auto subscriber = queue(4, 1, policy::summarize_and_continue);
  push_all(subscriber, "ntpnnn");
  CHECK(taken(subscriber) == "t2(3: n1..n4 from journal.0 kept subscriber_lagged) n5 n6");
}

TEST_CASE("a failing subscriber gets what was queued and then nothing more") {
  auto subscriber = queue(3, 1, policy::fail_subscriber);
  push_all(subscriber, "nn");
  CHECK_FALSE(subscriber.failed());
  push_all(subscriber, "nt", 3);
  CHECK(subscriber.failed());
  CHECK(taken(subscriber) == "n1(2: n3..t4 from journal.2 lost subscriber_queue_full) n2");
  push_all(subscriber, "nt", 5);
  CHECK(taken(subscriber).empty());
}

TEST_CASE("each loss is told once, by the next frame taken") {
  auto subscriber = queue(2, 1, policy::drop_non_terminal);
  push_all(subscriber, "nn");
  CHECK(taken(subscriber) == "n1(1: n2..n2 from journal.1 kept policy_dropped_non_terminal)");
  push_all(subscriber, "nnn", 3);
  CHECK(taken(subscriber) == "n3(2: n4..n5 from journal.3 kept policy_dropped_non_terminal)");
}

TEST_CASE("a reserve of the whole capacity leaves other frames one place") {
  for (const std::uint64_t reserve : {1U, 2U, 1'000'000U}) {
    auto subscriber = queue(1, reserve, policy::drop_non_terminal);
    push_all(subscriber, "n");
    CHECK(taken(subscriber) == "n1");
    push_all(subscriber, "nt", 2);
    CHECK(taken(subscriber) == "t3(1: n2..n2 from journal.1 kept policy_dropped_non_terminal)");
  }
}

TEST_CASE("a gap of events without journal numbers has nowhere to be repaired from") {
  auto subscriber = queue(2, 1, policy::drop_non_terminal);
  push_all(subscriber, "n");
  auto live = frame('n', 2);
  live.cursor.journal_cursor.reset();
  subscriber.push(live);
  CHECK(taken(subscriber) == "n1(1: n2..n2 from nowhere kept policy_dropped_non_terminal)");

  push_all(subscriber, "n", 3);
  subscriber.push(live);
  push_all(subscriber, "n", 5);
  CHECK(taken(subscriber) == "n3(2: n2..n5 from journal.4 kept policy_dropped_non_terminal)");
}

TEST_CASE("the notice names the subscriber's policy") {
  auto subscriber = queue(2, 1, policy::summarize_and_continue);
  push_all(subscriber, "nn");
  CHECK(subscriber.take()->overflow->policy == policy::summarize_and_continue);
}

TEST_CASE("a live stream refuses to hold its publisher up") {
  const auto refused = core::subscriber_queue::make({4, 1, policy::backpressure_caller});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == core::agent_error_kind::invalid_state_transition);
  CHECK(refused.error().retry == core::retry_classification::repair_needed);
  CHECK(refused.error().message.starts_with("queue.overflow: "));
}

TEST_CASE("a queue without a place or without a reserve is refused") {
  CHECK(core::subscriber_queue::make({0, 1, policy::drop_progress}).error().message ==
        "queue.capacity: must be at least 1");
  CHECK(core::subscriber_queue::make({1, 0, policy::drop_progress}).error().message ==
        "queue.terminal_reserve: must be at least 1");
}
