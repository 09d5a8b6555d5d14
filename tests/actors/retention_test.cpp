// Pools that keep the latest part of their log alone: what goes, what stays, and what is said of
// it.
#include "actors/world.hpp"
#include "catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

/// Keeps forty entries at least, and looks every ten.
actors::engine_options brief_memory() {
  actors::engine_options options;
  options.limits.checkpoint_records = 10;
  options.limits.retained_entries = 40;
  options.limits.page_entries = 5;
  options.limits.journal_window = 16;
  options.limits.drop_records_max = 7;
  options.pool_limits.recent_records = 8;
  options.pool_limits.recent_events = 8;
  return options;
}

/// An engine on a log that others can look at.
struct retaining {
  std::shared_ptr<stores::memory_log> log = std::make_shared<stores::memory_log>();
  world at;

  explicit retaining(std::uint64_t seed = 1)
      : at{std::make_unique<stores::memory_store>(log), seed, brief_memory()} {
    at.open({"a", "b"});
  }

  void send(int from, int to, bool acknowledge = true) {
    for (int i = from; i < to; ++i) {
      at.ask<core::message_receipt>(core::send_message{message(std::to_string(i), "a", "b")});
      if (acknowledge) acknowledge_all();
    }
  }
  void acknowledge_all() {
    const auto inbox = at.ask<core::inbox_page>(unread("b"));
    if (inbox.entries.empty()) return;
    at.ask<core::inbox_acked>(
        core::ack_inbox{core::run_id{"run.b"}, inbox.entries.back().sequence});
  }
  [[nodiscard]] core::log_position begins() const {
    stores::memory_store store{log};
    const auto found = store.read_horizon(core::pool_id{"pool.test"}).value();
    return found ? found->at : core::log_position{};
  }
  [[nodiscard]] std::size_t entries() const {
    stores::memory_store store{log};
    const core::pool_id pool{"pool.test"};
    return store.read(pool, begins(), 1'000'000).value().entries.size();
  }
};

}  // namespace

TEST_CASE("a pool keeps as many entries as it is told to, and not many more") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    retaining given{seed};
    for (int round = 0; round < 10; ++round) {
      given.send(round * 30, round * 30 + 30);
      if (round < 2) continue;
      CHECK(given.entries() >= 40);
      CHECK(given.entries() <= 80);
    }
    CHECK(given.begins().sequence > 500);
  }
}

TEST_CASE("what is retained is deduped, what is older counts as new") {
  retaining given;
  given.send(0, 100);
  const auto before = given.at.ask<core::pool_snapshot>(core::read_snapshot{}).cursor->sequence;
  given.send(90, 100);
  CHECK(given.at.ask<core::pool_snapshot>(core::read_snapshot{}).cursor->sequence == before);
  given.send(0, 1);
  CHECK(given.at.ask<core::pool_snapshot>(core::read_snapshot{}).cursor->sequence == before + 2);
}

TEST_CASE("nothing that a run has not acknowledged is lost, whatever its age") {
  retaining given;
  given.send(0, 10);
  given.send(10, 200, false);
  const auto inbox =
      given.at.ask<core::inbox_page>(core::read_inbox{core::run_id{"run.b"}, {}, 1'000});
  REQUIRE(inbox.entries.size() == 190);
  for (int i = 0; i < 190; ++i)
    CHECK(inbox.entries[static_cast<std::size_t>(i)].message.message_id.text() ==
          "message." + std::to_string(i + 10));
}

TEST_CASE("a wake and a contract that wait outlive the records around them") {
  retaining given;
  auto waits = condition("w", "b", core::event_kind::run_message_cancelled);
  given.at.ask<core::wake_registration>(core::suspend_until{core::run_id{"run.b"}, waits});
  auto asked = message("asked", "a", "b");
  asked.response_contract = core::response_contract{1, {}};
  given.at.ask<core::message_receipt>(core::send_message{asked});
  given.send(0, 100);
  auto reply = message("reply", "b", "a");
  reply.reply_to = asked.message_id;
  given.at.ask<core::message_receipt>(core::send_message{reply});
  CHECK(given.at.ask<core::message_receipt>(core::send_message{asked}).status ==
        core::message_status::responded);
  auto cancelled = message("c", "a", "b");
  given.at.ask<core::message_receipt>(core::send_message{cancelled});
  given.at.ask<core::message_receipt>(core::cancel_message{cancelled.message_id});
  CHECK(given.at.ask<core::wake_registration>(core::poll_wake{waits.condition_id}).status ==
        core::wake_registration_status::triggered);
}

TEST_CASE("a look-back under way when its history goes ends at the horizon and waits on") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    retaining given{seed};
    given.send(0, 60);
    const inbox_of<core::answer> waits;
    const inbox_of<core::answer> sends;
    auto tagged = condition("w", "b", core::event_kind::run_message_delivered);
    tagged.filter.tags.include = {core::event_tag{"tag.of.none"}};
    given.at.pool().submit(core::suspend_until{core::run_id{"run.b"}, tagged}, waits.take());
    for (int i = 60; i < 120; ++i) {
      given.at.pool().submit(core::send_message{message(std::to_string(i), "a", "b")},
                             sends.take());
      given.at.steps(static_cast<int>(seed));
    }
    given.at.settle();
    REQUIRE(waits.only());
    CHECK(std::get<core::wake_registration>(*waits.only()).status ==
          core::wake_registration_status::registered);
  }
}

TEST_CASE("a shortened log is opened from its checkpoint, with everything that it retains") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    retaining given{seed};
    given.send(0, 100);
    given.send(100, 130, false);
    const auto inbox = given.at.ask<core::inbox_page>(unread("b"));
    world again{std::make_unique<stores::memory_store>(given.log), seed, brief_memory()};
    const auto same = again.ask<core::inbox_page>(unread("b"));
    CHECK(same.entries == inbox.entries);
    const auto after = again.ask<core::pool_snapshot>(core::read_snapshot{});
    again.ask<core::message_receipt>(core::send_message{message("129", "a", "b")});
    CHECK(again.ask<core::pool_snapshot>(core::read_snapshot{}) == after);
    CHECK(after.members.size() == 2);
  }
}

TEST_CASE("readers begin at the horizon, and are told when they ask for what was before it") {
  retaining given;
  given.send(0, 100);
  const auto begins = given.begins();
  auto& at = given.at;
  core::event_filter all;
  all.queue.capacity = 1'000;
  const inbox_of<std::vector<core::event_frame>> events;
  at.pool().read_events(all, {}, events.take());
  const inbox_of<std::vector<core::store_record>> records;
  at.pool().records({}, records.take());
  const inbox_of<std::vector<core::journal_record>> journal;
  at.pool().journal({}, 0, UINT64_MAX, journal.take());
  at.settle();
  REQUIRE(events.only());
  CHECK(events.only()->front().cursor.event_seq == begins.sequence);  // two of the first three
  REQUIRE(records.only());
  CHECK(records.only()->front().cursor.sequence == begins.sequence + 1);
  REQUIRE(journal.only());
  CHECK(journal.only()->front().journal_seq == begins.sequence);

  auto old = events.only()->front().cursor;
  old.event_seq = 5;
  const inbox_of<std::vector<core::event_frame>> old_events;
  at.pool().read_events(all, old, old_events.take());
  const inbox_of<std::vector<core::store_record>> old_records;
  at.pool().records(core::store_cursor{5}, old_records.take());
  const inbox_of<std::vector<core::journal_record>> old_journal;
  at.pool().journal({}, 5, UINT64_MAX, old_journal.take());
  at.settle();
  for (const auto& error :
       {old_events.only().error(), old_records.only().error(), old_journal.only().error()})
    CHECK(error.message.find("older than this pool's horizon") == 0);
}

TEST_CASE("a shortened log without a usable checkpoint is an error, and no pool goes on from it") {
  retaining given;
  given.send(0, 100);
  stores::memory_store store{given.log};
  const core::pool_id id{"pool.test"};
  auto kept = store.read_checkpoint(id).value().value();
  kept.what.head += "?";
  REQUIRE(store.keep_checkpoint({id, kept.what, {}, {}}).value());
  world again{std::make_unique<stores::memory_store>(given.log), 1, brief_memory()};
  const auto refused = again.outcome_of(core::list_members{});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == core::agent_error_kind::recovery_repair_needed);
}
