// Pools are opened from checkpoints, and what comes of them is what the log says.
#include "actors/scripted_world.hpp"
#include "catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

/// A checkpoint every ten entries; the log is read in small pages.
actors::engine_options often() {
  actors::engine_options options;
  options.limits.checkpoint_records = 10;
  options.limits.page_entries = 5;
  return options;
}

void send(world& at, int from, int to) {
  for (int i = from; i < to; ++i)
    at.ask<core::message_receipt>(core::send_message{message(std::to_string(i), "a", "b")});
}

/// The snapshot that an engine on the log alone gives.
core::pool_snapshot by_the_log(const scripted_world& given) {
  world fresh{std::make_unique<stores::memory_store>(given.log)};
  return fresh.ask<core::pool_snapshot>(core::read_snapshot{});
}

/// Another engine on what `given` left.
world reopened(const scripted_world& given, actors::engine_options options = often()) {
  return world{std::make_unique<scripted_store>(given.does, given.log), 1, std::move(options)};
}

}  // namespace

TEST_CASE("a pool makes checkpoints as it grows: the first whole, the others with what is new") {
  scripted_world given{1, often()};
  given.at.open({"a", "b"});
  send(given.at, 0, 30);
  CHECK(given.does->checkpoints_whole == 1);
  CHECK(given.does->checkpoints_added >= 4);
}

TEST_CASE("with checkpoint_records 0 none is made") {
  auto options = often();
  options.limits.checkpoint_records = 0;
  scripted_world given{1, options};
  given.at.open({"a", "b"});
  send(given.at, 0, 30);
  CHECK_FALSE(given.does->kept);
}

TEST_CASE("a pool opened from a checkpoint reads the log after it alone, and goes on") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    scripted_world given{seed, often()};
    given.at.open({"a", "b"});
    send(given.at, 0, 30);
    given.at.ask<core::inbox_acked>(core::ack_inbox{core::run_id{"run.b"}, 9});
    given.does->entries_read = 0;
    auto again = reopened(given);
    send(again, 20, 40);  // ten of them a second time
    CHECK(given.does->entries_read <= 12);
    const auto inbox = again.ask<core::inbox_page>(core::read_inbox{core::run_id{"run.b"}, 0, 100});
    CHECK(inbox.entries.size() == 40);
    CHECK(again.ask<core::pool_snapshot>(core::read_snapshot{}) == by_the_log(given));
    CHECK(again.ask<core::inbox_page>(unread("b")).entries.front().sequence > 9);
    CHECK(given.does->checkpoints_whole == 1);
  }
}

TEST_CASE("a pool that is closed leaves a checkpoint, unless little came since the last one") {
  scripted_world given{1, often()};
  given.at.open({"a", "b"});
  send(given.at, 0, 3);
  given.at.engine.close();
  given.does->entries_read = 0;
  auto again = reopened(given);
  CHECK(again.ask<core::pool_snapshot>(core::read_snapshot{}) == by_the_log(given));
  CHECK(given.does->entries_read == 0);
  const auto number = given.does->kept->number;
  again.engine.close();
  CHECK(given.does->kept->number == number);
}

TEST_CASE("streams of a pool opened from a checkpoint tell the past and the present") {
  scripted_world given{1, often()};
  given.at.open({"a", "b"});
  send(given.at, 0, 30);
  auto again = reopened(given);
  again.ask<core::member_list>(core::list_members{});
  const inbox_of<std::vector<core::event_frame>> past;
  core::event_filter all;
  all.queue.capacity = 1'000;
  again.pool().read_events(all, {}, past.take());
  again.settle();
  CHECK(past.only()->size() == 63);  // created, two joined, and two of each message
}

TEST_CASE("what waited at a checkpoint waits on after it") {
  scripted_world given{1, often()};
  given.at.open({"a", "b"});
  auto waits = condition("w", "b", core::event_kind::run_message_cancelled);
  waits.timeout_millis = 5'000;
  given.at.ask<core::wake_registration>(core::suspend_until{core::run_id{"run.b"}, waits});
  auto asked = message("asked", "a", "b");
  asked.response_contract = core::response_contract{};
  asked.response_contract->expected_responses = 1;
  asked.response_contract->timeout_millis = 7'000;
  given.at.ask<core::message_receipt>(core::send_message{asked});
  send(given.at, 0, 30);
  auto again = reopened(given);
  again.ask<core::member_list>(core::list_members{});
  again.pass(6s);
  CHECK(again.ask<core::wake_registration>(core::poll_wake{waits.condition_id}).status ==
        core::wake_registration_status::timed_out);
  auto reply = message("reply", "b", "a");
  reply.reply_to = asked.message_id;
  again.ask<core::message_receipt>(core::send_message{reply});
  CHECK(again.ask<core::message_receipt>(core::send_message{asked}).status ==
        core::message_status::responded);
}

TEST_CASE("a checkpoint that is of no use costs time alone") {
  scripted_world given{1, often()};
  given.at.open({"a", "b"});
  send(given.at, 0, 30);
  given.does->kept->what.head += "?";
  auto again = reopened(given);
  CHECK(again.ask<core::pool_snapshot>(core::read_snapshot{}) == by_the_log(given));
  send(again, 30, 60);
  CHECK(given.does->checkpoints_whole == 2);
}

TEST_CASE("no checkpoint is kept of what did not become durable") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    auto options = often();
    options.limits.checkpoint_records = 4;
    scripted_world given{seed, options};
    auto& at = given.at;
    at.open({"a", "b"});
    const inbox_of<core::answer> answers;
    for (int i = 0; i < 40; ++i) {
      given.does->appends_to_fail = i % 5 == 0 ? 1 : 0;
      at.pool().submit(core::send_message{message(std::to_string(i), "a", "b")}, answers.take());
      at.steps(static_cast<int>(seed) % 9);
    }
    at.settle();
    given.does->appends_to_fail = 0;
    auto again = reopened(given);
    CHECK(again.ask<core::pool_snapshot>(core::read_snapshot{}) == by_the_log(given));
  }
}

TEST_CASE("two engines that both make checkpoints never spoil each other's") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    scripted_world given{seed, often()};
    given.at.open({"a", "b"});
    auto other = reopened(given);
    for (int i = 0; i < 40; ++i) {
      send(i % 2 == 0 ? given.at : other, i, i + 1);
      given.at.pass(20ms);
      other.pass(20ms);
    }
    auto again = reopened(given);
    CHECK(again.ask<core::pool_snapshot>(core::read_snapshot{}) == by_the_log(given));
    CHECK(again.ask<core::inbox_page>(core::read_inbox{core::run_id{"run.b"}, 0, 100})
              .entries.size() == 40);
  }
}
