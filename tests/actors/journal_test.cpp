#include "actors/scripted_store.hpp"
#include "actors/world.hpp"
#include "agentpool/core/filter.hpp"
#include "catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

/// A subscription and what it gave so far.
struct reader {
  world& at;
  actors::subscription stream;
  std::vector<core::event_frame> got;
  std::optional<core::agent_error> ended;

  void pull(std::size_t most) {
    stream.pull(most, [this](core::outcome<std::vector<core::event_frame>> frames) {
      if (!frames) ended = frames.error();
      if (frames) got.insert(got.end(), frames->begin(), frames->end());
    });
    at.settle();
  }
  [[nodiscard]] std::vector<std::uint64_t> sequences() const {
    std::vector<std::uint64_t> all;
    for (const auto& frame : got) all.push_back(frame.cursor.event_seq);
    return all;
  }
};

core::outcome<actors::subscription> subscribed(world& at, core::event_filter filter,
                                               std::optional<core::event_cursor> cursor = {}) {
  const inbox_of<actors::subscription> opened;
  at.pool().subscribe(std::move(filter), std::move(cursor), opened.take());
  at.settle();
  return opened.only();
}

reader subscribe(world& at, core::event_filter filter,
                 std::optional<core::event_cursor> cursor = {}) {
  return reader{at, *subscribed(at, std::move(filter), std::move(cursor)), {}, {}};
}

std::vector<core::event_frame> read(world& at, core::event_filter filter,
                                    std::optional<core::event_cursor> cursor = {}) {
  const inbox_of<std::vector<core::event_frame>> frames;
  at.pool().read_events(std::move(filter), std::move(cursor), frames.take());
  at.settle();
  return *frames.only();
}

core::event_filter everything(std::uint64_t capacity = 10'000) {
  core::event_filter filter;
  filter.queue.capacity = capacity;
  filter.queue.overflow = core::subscriber_overflow_policy::drop_non_terminal;
  return filter;
}

void send(world& at, int first, int last) {
  for (int i = first; i < last; ++i)
    at.ask<core::message_receipt>(core::send_message{message(std::to_string(i), "a", "b")});
}

actors::engine_options small_window() {
  actors::engine_options options;
  options.limits.journal_window = 5;
  options.limits.page_entries = 3;
  return options;
}

std::vector<std::uint64_t> one_to(std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t i = 1; i <= last; ++i) all.push_back(i);
  return all;
}

}  // namespace

TEST_CASE("subscribe gives history first and then live events, without gap or repeat") {
  const auto seed = GENERATE(1, 2, 3, 4, 5, 6, 7, 8);
  CAPTURE(seed);
  world at{std::make_unique<stores::memory_store>(), static_cast<std::uint64_t>(seed),
           small_window()};
  at.open({"a", "b"});
  send(at, 0, 20);
  auto reads = subscribe(at, everything());
  for (int i = 20; i < 40; ++i) {
    const inbox_of<core::answer> answer;
    at.pool().submit(core::send_message{message(std::to_string(i), "a", "b")}, answer.take());
    reads.pull(3);
  }
  for (int i = 0; i < 20; ++i) reads.pull(10);
  CHECK(reads.sequences() == one_to(3 + 80));
  send(at, 40, 41);
  CHECK(reads.sequences() == one_to(3 + 82));
}

TEST_CASE("a cursor goes on after its event") {
  world at{std::make_unique<stores::memory_store>(), 1, small_window()};
  at.open({"a", "b"});
  send(at, 0, 10);
  const auto all = read(at, everything());
  REQUIRE(all.size() == 23);
  for (std::size_t i : {0U, 7U, 19U, 22U}) {
    const auto rest = read(at, everything(), all[i].cursor);
    CHECK(rest.size() == 22 - i);
    CHECK((rest.empty() || rest.front().cursor.event_seq == all[i].cursor.event_seq + 1));
  }
}

TEST_CASE("a cursor of another scope is a contract violation") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a"});
  auto cursor = read(at, everything()).front().cursor;
  const auto other = subscribed(at, kinds({core::event_kind::run_started}), cursor);
  CHECK(other.error().retry == core::retry_classification::repair_needed);
  cursor.event_seq = 1000;
  CHECK(subscribed(at, everything(), cursor).error().retry ==
        core::retry_classification::repair_needed);
  cursor.scope = core::whole_scope{};
  CHECK(subscribed(at, everything(), cursor).error().retry ==
        core::retry_classification::repair_needed);
}

TEST_CASE("a stream that was asked is asked no more until it has answered") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a", "b"});
  auto reads = subscribe(at, everything());
  reads.pull(100);
  at.hold_journal(true);
  for (int i = 0; i < 1'000; ++i) reads.pull(100);
  CHECK(at.mailbox("journal") == 1);
  REQUIRE(reads.ended);
  CHECK(reads.ended->retry == core::retry_classification::repair_needed);
  at.hold_journal(false);
  send(at, 0, 1);
  CHECK(reads.sequences() == one_to(5));
}

TEST_CASE("backpressure_caller is refused for live streams") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a"});
  auto filter = everything();
  filter.queue.overflow = core::subscriber_overflow_policy::backpressure_caller;
  CHECK(subscribed(at, filter).error().retry == core::retry_classification::repair_needed);
}

TEST_CASE("a subscriber that lags loses what its policy says and is told of it") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a", "b"});
  auto reads = subscribe(at, everything(4));
  reads.pull(100);
  reads.pull(1);
  send(at, 0, 1);
  const auto before = reads.got.size();
  send(at, 1, 20);
  reads.pull(100);
  reads.pull(100);
  REQUIRE(reads.got.size() > before);
  std::uint64_t dropped = 0;
  for (const auto& frame : reads.got)
    if (frame.overflow) dropped += frame.overflow->dropped_count;
  send(at, 20, 21);
  for (const auto& frame : reads.got)
    if (frame.overflow) dropped += frame.overflow->dropped_count;
  CHECK(dropped > 0);
}

TEST_CASE("a slow or dead subscriber never slows the pool") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a", "b"});
  auto reads = subscribe(at, everything(4));
  reads.pull(100);
  send(at, 0, 200);
  CHECK(at.ask<core::pool_snapshot>(core::read_snapshot{}).messages.size() == 200);
}

TEST_CASE("a read without following answers what the queue of such a subscriber would hold") {
  world at{std::make_unique<stores::memory_store>(), 1, small_window()};
  at.open({"a", "b"});
  send(at, 0, 20);
  const auto frames = read(at, everything(8));
  CHECK(frames.size() <= 8);
  const auto all = read(at, everything());
  CHECK(all.size() == 43);
}

TEST_CASE("watch_pool shows the records after the cursor, then live ones") {
  world at{std::make_unique<stores::memory_store>(), 1, small_window()};
  at.open({"a", "b"});
  send(at, 0, 10);
  const inbox_of<actors::record_stream> opened;
  at.pool().watch({2}, opened.take());
  at.settle();
  auto stream = *opened.only();
  std::vector<std::uint64_t> sequences;
  const auto pull = [&] {
    stream.pull(4, [&](core::outcome<std::vector<core::store_record>> records) {
      if (!records) return;
      for (const auto& record : *records) sequences.push_back(record.cursor.sequence);
    });
    at.settle();
  };
  for (int i = 0; i < 10; ++i) pull();
  send(at, 10, 11);
  pull();
  send(at, 11, 12);
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 3; i <= 4 + 24; ++i) expected.push_back(i);
  CHECK(sequences == expected);
}

TEST_CASE("the journal counts the pool's records but pool_opened from 1") {
  world at{std::make_unique<stores::memory_store>(), 1, small_window()};
  at.open({"a", "b"});
  send(at, 0, 10);
  const auto journal = [&](std::optional<core::run_id> run, std::uint64_t after) {
    const inbox_of<std::vector<core::journal_record>> records;
    at.pool().journal(std::move(run), after, UINT64_MAX, records.take());
    at.settle();
    return *records.only();
  };
  const auto all = journal({}, 0);
  REQUIRE(all.size() == 23);
  for (std::size_t i = 0; i < all.size(); ++i) CHECK(all[i].journal_seq == i + 1);
  CHECK(journal({}, 20).size() == 3);
  CHECK(journal({}, 5).size() == 18);
  CHECK(journal(core::run_id{"run.b"}, 0).size() == 1);
}

TEST_CASE("a read that is full reads no more of the log, however long it is") {
  const auto does = std::make_shared<script>();
  world at{std::make_unique<scripted_store>(does, std::make_shared<stores::memory_log>()), 1,
           small_window()};
  at.open({"a", "b"});
  send(at, 0, 50);
  auto filter = everything(7);
  filter.queue.terminal_reserve = 1;
  filter.queue.overflow = core::subscriber_overflow_policy::fail_subscriber;
  const auto before = does->entries_read;
  CHECK(read(at, filter).size() == 6);
  CHECK(does->entries_read - before < 12);
  const inbox_of<std::vector<core::journal_record>> records;
  at.pool().journal({}, 0, 8, records.take());
  at.settle();
  CHECK(records.only()->size() == 8);
  CHECK(records.only()->back().journal_seq == 8);
  CHECK(does->entries_read - before < 30);
  CHECK(read(at, everything()).size() == 103);
  CHECK(does->entries_read - before > 100);
}

TEST_CASE("a best_effort_live event is published and not stored") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a", "b"});
  auto reads = subscribe(at, everything());
  reads.pull(100);
  auto event = *reads.got.front().event;
  event.envelope.event_family = core::event_family::tool;
  event.envelope.event_kind = core::event_kind::tool_started;
  event.envelope.event_id = core::event_id{"event.live"};
  event.envelope.delivery_semantics = core::event_delivery_semantics::best_effort_live;
  reads.pull(1);
  at.ask<core::event_published>(core::publish_event{event});
  CHECK(reads.sequences() == std::vector<std::uint64_t>{1, 2, 3, 3});
  event.envelope.event_id = core::event_id{"event.stored"};
  event.envelope.delivery_semantics = core::event_delivery_semantics::journal_backed;
  reads.pull(1);
  at.ask<core::event_published>(core::publish_event{event});
  CHECK(reads.sequences() == std::vector<std::uint64_t>{1, 2, 3, 3, 4});
}

TEST_CASE("a closed stream answers an error and asks nothing of its pool") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a"});
  auto reads = subscribe(at, everything());
  reads.pull(10);
  reads.pull(10);
  reads.stream.close();
  at.settle();
  CHECK(reads.ended);
  reads.ended.reset();
  reads.pull(1);
  CHECK(reads.ended);
}
