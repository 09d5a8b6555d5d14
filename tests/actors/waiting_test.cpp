#include "actors/world.hpp"
#include "catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

core::suspend_until suspend(const std::string& id, const std::string& of,
                            std::optional<std::uint64_t> timeout = {}) {
  auto waits = condition(id, of, core::event_kind::run_message_delivered);
  waits.timeout_millis = timeout;
  return {waits.run_id, waits};
}

core::wake_registration poll(world& at, const std::string& id) {
  return at.ask<core::wake_registration>(
      core::poll_wake{core::wake_condition_id{"condition." + id}});
}

std::size_t events_of(world& at, core::event_kind kind) {
  const inbox_of<std::vector<core::event_frame>> frames;
  at.pool().read_events(kinds({kind}), {}, frames.take());
  at.settle();
  return frames.only()->size();
}

}  // namespace

TEST_CASE("what is asked as a member is denied once the run is another one, also when it waits") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a", "b"});
  const core::run_id run{"run.b"};
  const auto joined = at.ask<core::member_list>(core::list_members{run}).joined;
  const inbox_of<core::answer> waits;
  at.pool().submit_as({run, joined}, unread("b"), std::chrono::hours{1}, waits.take());
  at.settle();
  CHECK(waits.all->empty());
  core::read_snapshot open;
  open.open = true;
  CHECK(at.ask<core::pool_snapshot>(open).inbox_waits == std::vector{run});
  at.ask<core::run_left>(core::leave_run{run});
  at.ask<core::run_joined>(core::join_run{member("b")});
  at.ask<core::message_receipt>(core::send_message{message("1", "a", "b")});
  REQUIRE(waits.all->size() == 1);
  CHECK(waits.only().error().kind == core::agent_error_kind::policy_denial);
  const inbox_of<core::answer> late;
  at.pool().submit_as({run, joined}, core::leave_run{run}, {}, late.take());
  at.settle();
  CHECK(late.only().error().kind == core::agent_error_kind::policy_denial);
  CHECK(at.ask<core::member_list>(core::list_members{}).members.size() == 2);
  CHECK(at.ask<core::pool_snapshot>(open).inbox_waits.empty());
}

TEST_CASE("timeout_millis passed makes a wake timed out by itself, exactly once") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a", "b"});
  at.ask<core::wake_registration>(suspend("1", "b", 500));
  at.pass(499ms);
  CHECK(poll(at, "1").status == core::wake_registration_status::registered);
  at.pass(1ms);
  CHECK(poll(at, "1").status == core::wake_registration_status::timed_out);
  at.pass(10s);
  CHECK(events_of(at, core::event_kind::wake_condition_timed_out) == 1);
}

TEST_CASE("after a restart a wake has what was left of its time") {
  auto log = std::make_shared<stores::memory_log>();
  core::instant restarted;
  {
    world at{std::make_unique<stores::memory_store>(log)};
    at.open({"a", "b"});
    at.ask<core::wake_registration>(suspend("1", "b", 1000));
    at.ask<core::wake_registration>(suspend("2", "b", 100'000));
    at.pass(600ms);
    restarted = at.now();
  }
  world at{std::make_unique<stores::memory_store>(log), 1, {}, restarted};
  at.open();
  at.pass(399ms);
  CHECK(poll(at, "1").status == core::wake_registration_status::registered);
  at.pass(2ms);
  CHECK(poll(at, "1").status == core::wake_registration_status::timed_out);
  CHECK(poll(at, "2").status == core::wake_registration_status::registered);
}

TEST_CASE("a message whose replies do not come in time is timed out") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a", "b"});
  auto asked = message("1", "a", "b");
  asked.response_contract = core::response_contract{1, 300};
  at.ask<core::message_receipt>(core::send_message{asked});
  at.pass(299ms);
  CHECK(events_of(at, core::event_kind::run_message_timed_out) == 0);
  at.pass(1s);
  CHECK(events_of(at, core::event_kind::run_message_timed_out) == 1);
}

TEST_CASE("many timeouts are recorded each once, in whatever order they were asked for") {
  world at{std::make_unique<stores::memory_store>(), 7};
  at.open({"a", "b"});
  for (std::uint64_t i = 0; i < 100; ++i)
    at.ask<core::wake_registration>(suspend(std::to_string(i), "b", 10 + i * 37 % 100));
  at.pass(200ms);
  for (int i = 0; i < 100; ++i)
    CHECK(poll(at, std::to_string(i)).status == core::wake_registration_status::timed_out);
}

TEST_CASE("an inbox that is waited for answers as soon as there is an entry") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a", "b"});
  const inbox_of<core::answer> entry;
  const inbox_of<core::answer> none;
  at.pool().submit(unread("b"), 10s, entry.take());
  at.pool().submit(unread("a"), 1s, none.take());
  at.pass(999ms);
  CHECK((entry.empty() && none.empty()));
  at.ask<core::message_receipt>(core::send_message{message("1", "a", "b")});
  CHECK(std::get<core::inbox_page>(*entry.only()).entries.size() == 1);
  at.pass(2ms);
  CHECK(std::get<core::inbox_page>(*none.only()).entries.empty());
}

TEST_CASE("requests that wait do not hold up the next") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a", "b"});
  const inbox_of<core::answer> waiting;
  at.pool().submit(unread("b"), 1h, waiting.take());
  CHECK(at.ask<core::member_list>(core::list_members{}).members.size() == 2);
  CHECK(waiting.empty());
}

TEST_CASE("a wake that is waited for is answered with its notice once it is final") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"a", "b"});
  at.ask<core::wake_registration>(suspend("1", "b"));
  at.ask<core::wake_registration>(suspend("2", "b", 60'000));
  const inbox_of<core::answer> triggered;
  const inbox_of<core::answer> not_yet;
  at.pool().submit(core::read_wake{core::wake_condition_id{"condition.1"}}, 1min, triggered.take());
  at.settle();
  at.pool().submit(core::cancel_wake{core::wake_condition_id{"condition.2"}}, [](auto) {});
  at.settle();
  at.ask<core::wake_registration>(suspend("3", "a"));
  at.pool().submit(core::read_wake{core::wake_condition_id{"condition.3"}}, 100ms, not_yet.take());
  at.pass(100ms);
  CHECK_FALSE(std::get<core::wake_report>(*not_yet.only()).notice);
  at.ask<core::message_receipt>(core::send_message{message("1", "a", "b")});
  const auto& report = std::get<core::wake_report>(*triggered.only());
  CHECK(report.registration.status == core::wake_registration_status::triggered);
  REQUIRE(report.notice);
  CHECK(report.notice->matched_event_id);
  CHECK(poll(at, "2").status == core::wake_registration_status::cancelled);
}
