#include <algorithm>

#include "actors/scripted_world.hpp"
#include "catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

std::vector<std::string> inbox_of_run(world& at, const std::string& name) {
  std::vector<std::string> ids;
  for (const auto& entry : at.ask<core::inbox_page>(unread(name)).entries)
    ids.push_back(entry.message.message_id.text());
  return ids;
}

std::size_t log_size(world& at) {
  return at.ask<core::pool_snapshot>(core::read_snapshot{}).cursor->sequence;
}

}  // namespace

TEST_CASE("every other operation on a pool that was never opened needs host configuration") {
  world at{std::make_unique<stores::memory_store>()};
  const auto joined = at.outcome_of(core::join_run{member("a")});
  CHECK(joined.error().kind == core::agent_error_kind::host_configuration_needed);
  const inbox_of<actors::subscription> subscribed;
  at.pool().subscribe({}, {}, subscribed.take());
  const inbox_of<std::vector<core::journal_record>> journal;
  at.pool().journal({}, 0, UINT64_MAX, journal.take());
  at.settle();
  CHECK(subscribed.only().error().kind == core::agent_error_kind::host_configuration_needed);
  CHECK(journal.only().error().kind == core::agent_error_kind::host_configuration_needed);
}

TEST_CASE("nothing that is not durable is answered, published, handed out or read") {
  scripted_world given;
  auto& at = given.at;
  at.open({"a", "b"});
  const inbox_of<core::answer> sent;
  const inbox_of<core::answer> again;
  const inbox_of<core::answer> refused;
  const inbox_of<core::answer> inbox;
  const inbox_of<std::vector<core::event_frame>> events;
  at.hold_store(true);
  at.pool().submit(core::send_message{message("1", "a", "b")}, sent.take());
  at.pool().submit(core::send_message{message("1", "a", "b")}, again.take());
  auto other = message("1", "a", "b");
  other.content_ref = core::content_ref{"content.other"};
  at.pool().submit(core::send_message{other}, refused.take());
  at.pool().submit(unread("b"), inbox.take());
  at.pool().read_events(kinds({core::event_kind::run_message_delivered}), {}, events.take());
  at.pass(1s);
  CHECK((sent.empty() && again.empty() && refused.empty() && inbox.empty() && events.empty()));
  at.hold_store(false);
  at.settle();
  const auto& receipt = std::get<core::message_receipt>(*sent.only());
  CHECK(receipt.status == core::message_status::delivered);
  CHECK(std::get<core::message_receipt>(*again.only()) == receipt);
  CHECK(refused.only().error().retry == core::retry_classification::not_retryable);
  CHECK(std::get<core::inbox_page>(*inbox.only()).entries.size() == 1);
  CHECK(events.only()->size() == 1);
}

TEST_CASE("what is asked while appends are under way shares the next one") {
  scripted_world given;
  auto& at = given.at;
  at.open({"a", "b"});
  given.does->batches.clear();
  at.hold_store(true);
  const inbox_of<core::answer> answers;
  for (int i = 0; i < 10; ++i)
    at.pool().submit(core::send_message{message(std::to_string(i), "a", "b")}, answers.take());
  at.settle();
  at.hold_store(false);
  at.settle();
  // Two appends of one send each were under way: they share a transaction, the others the next.
  CHECK(given.does->batches == std::vector<std::size_t>{4, 16});
  CHECK(answers.all->size() == 10);
  CHECK(inbox_of_run(at, "b").size() == 10);
}

TEST_CASE("what was only gathered when an append failed is decided again and succeeds") {
  scripted_world given;
  auto& at = given.at;
  at.open({"a", "b"});
  at.hold_store(true);
  const inbox_of<core::answer> answers;
  for (int i = 0; i < 10; ++i)
    at.pool().submit(core::send_message{message(std::to_string(i), "a", "b")}, answers.take());
  at.settle();
  given.does->appends_to_fail = 1;
  at.hold_store(false);
  at.settle();
  // The two appends under way shared the transaction that failed.
  CHECK(std::count_if(answers.all->begin(), answers.all->end(),
                      [](const auto& what) { return !what; }) == 2);
  CHECK(inbox_of_run(at, "b").size() == 8);
}

TEST_CASE("a transaction holds no more requests than its bound") {
  actors::engine_options options;
  options.limits.batch_requests_max = 4;
  scripted_world given{1, options};
  given.at.open({"a", "b"});
  given.does->batches.clear();
  given.at.hold_store(true);
  const inbox_of<core::answer> answers;
  for (int i = 0; i < 10; ++i)
    given.at.pool().submit(core::send_message{message(std::to_string(i), "a", "b")},
                           answers.take());
  given.at.settle();
  given.at.hold_store(false);
  given.at.settle();
  CHECK(given.does->batches == std::vector<std::size_t>{4, 8, 8});
  CHECK(answers.all->size() == 10);
}

TEST_CASE("if the append fails the caller gets the error and none of it happened") {
  const auto seed = GENERATE(1, 2, 3, 4, 5, 6, 7, 8);
  CAPTURE(seed);
  scripted_world given{static_cast<std::uint64_t>(seed)};
  auto& at = given.at;
  at.open({"a", "b"});
  const auto before = log_size(at);
  given.does->appends_to_fail = 1;
  at.hold_store(true);
  const inbox_of<core::answer> sent;
  const inbox_of<core::answer> read;
  at.pool().submit(core::send_message{message("1", "a", "b")}, sent.take());
  at.pool().submit(core::send_message{message("2", "a", "b")}, sent.take());
  at.pool().submit(unread("b"), read.take());
  at.settle();
  at.hold_store(false);
  at.settle();
  REQUIRE(sent.all->size() == 2);
  CHECK(sent.all->at(0).error().kind == core::agent_error_kind::journal_failure);
  CHECK(sent.all->at(1).error().retry == core::retry_classification::retryable);
  CHECK(std::get<core::inbox_page>(*read.only()).entries.empty());
  CHECK(log_size(at) == before);
  CHECK(at.ask<core::message_receipt>(core::send_message{message("1", "a", "b")}).status ==
        core::message_status::delivered);
  CHECK(inbox_of_run(at, "b") == std::vector<std::string>{"message.1"});
}

TEST_CASE("a store that throws fails the request and not the engine") {
  scripted_world given;
  given.at.open({"a", "b"});
  given.does->throws = true;
  const auto sent = given.at.outcome_of(core::send_message{message("1", "a", "b")});
  CHECK(sent.error().kind == core::agent_error_kind::journal_failure);
  given.does->throws = false;
  CHECK(given.at.outcome_of(core::send_message{message("1", "a", "b")}).ok());
}

TEST_CASE("what was stored although its append failed is there when the same key comes again") {
  scripted_world given;
  auto& at = given.at;
  at.open({"a", "b"});
  given.does->appends_to_lose = 1;
  CHECK_FALSE(at.outcome_of(core::send_message{message("1", "a", "b")}).ok());
  const auto size = log_size(at);
  const auto receipt = at.ask<core::message_receipt>(core::send_message{message("1", "a", "b")});
  CHECK(receipt.status == core::message_status::delivered);
  CHECK(log_size(at) == size);
  CHECK(inbox_of_run(at, "b") == std::vector<std::string>{"message.1"});
}

TEST_CASE("a pool whose log cannot be read answers the error and goes on once it can") {
  scripted_world given;
  given.does->reads_to_fail = 1;
  const auto opened = given.at.outcome_of(core::open_pool{});
  CHECK(opened.error().kind == core::agent_error_kind::journal_failure);
  CHECK(given.at.outcome_of(core::open_pool{}).ok());
}

TEST_CASE("beyond its bounds a pool answers overloaded and records nothing") {
  actors::engine_options options;
  options.limits.in_flight_max = 2;
  options.limits.requests_max = 5;
  scripted_world given{1, options};
  auto& at = given.at;
  at.open({"a", "b"});
  at.hold_store(true);
  const inbox_of<core::answer> answers;
  for (int i = 0; i < 7; ++i)
    at.pool().submit(core::send_message{message(std::to_string(i), "a", "b")}, answers.take());
  at.settle();
  REQUIRE(answers.all->size() == 2);
  CHECK(answers.all->at(0).error().kind == core::agent_error_kind::timeout);
  CHECK(answers.all->at(1).error().retry == core::retry_classification::retryable);
  at.hold_store(false);
  at.settle();
  CHECK(answers.all->size() == 7);
  CHECK(inbox_of_run(at, "b").size() == 5);
}

TEST_CASE("two engines on one store never fork a pool and each sees what the other did") {
  const auto seed = GENERATE(1, 2, 3, 4, 5, 6, 7, 8);
  CAPTURE(seed);
  auto log = std::make_shared<stores::memory_log>();
  world one{std::make_unique<stores::memory_store>(log), static_cast<std::uint64_t>(seed)};
  world two{std::make_unique<stores::memory_store>(log), static_cast<std::uint64_t>(seed) + 99};
  one.open({"a", "b"});
  two.ask<core::pool_snapshot>(core::open_pool{});
  one.hold_store(true);
  const inbox_of<core::answer> ones;
  for (int i = 0; i < 5; ++i)
    one.pool().submit(core::send_message{message("one." + std::to_string(i), "a", "b")},
                      ones.take());
  const inbox_of<core::answer> same;
  one.pool().submit(core::send_message{message("same", "a", "b")}, same.take());
  one.settle();
  for (int i = 0; i < 3; ++i)
    two.ask<core::message_receipt>(
        core::send_message{message("two." + std::to_string(i), "b", "a")});
  const auto receipt =
      two.ask<core::message_receipt>(core::send_message{message("same", "a", "b")});
  one.hold_store(false);
  one.settle();
  REQUIRE(ones.all->size() == 5);
  for (const auto& answer : *ones.all) CHECK(answer.ok());
  CHECK(std::get<core::message_receipt>(*same.only()) == receipt);
  two.pass(50ms);
  CHECK(one.ask<core::pool_snapshot>(core::read_snapshot{}) ==
        two.ask<core::pool_snapshot>(core::read_snapshot{}));
  CHECK(inbox_of_run(two, "b").size() == 6);
}

TEST_CASE("another process's append is noticed within 50 ms") {
  auto log = std::make_shared<stores::memory_log>();
  world one{std::make_unique<stores::memory_store>(log)};
  world two{std::make_unique<stores::memory_store>(log)};
  one.open({"a", "b"});
  two.ask<core::pool_snapshot>(core::open_pool{});
  const inbox_of<core::answer> entry;
  const inbox_of<core::answer> wake;
  two.ask<core::wake_registration>(core::suspend_until{
      core::run_id{"run.b"}, condition("1", "b", core::event_kind::run_message_delivered)});
  two.pool().submit(unread("b"), 10s, entry.take());
  two.pool().submit(core::read_wake{core::wake_condition_id{"condition.1"}}, 10s, wake.take());
  two.settle();
  one.pass(50ms);
  one.ask<core::message_receipt>(core::send_message{message("1", "a", "b")});
  CHECK(entry.empty());
  two.pass(50ms);
  CHECK(std::get<core::inbox_page>(*entry.only()).entries.size() == 1);
  CHECK(std::get<core::wake_report>(*wake.only()).registration.status ==
        core::wake_registration_status::triggered);
}

TEST_CASE("an old message is deduped although its record is no longer in memory") {
  actors::engine_options options;
  options.pool_limits.recent_records = 4;
  options.pool_limits.recent_events = 4;
  scripted_world given{1, options};
  auto& at = given.at;
  at.open({"a", "b"});
  const auto first = at.ask<core::message_receipt>(core::send_message{message("0", "a", "b")});
  for (int i = 1; i < 10; ++i)
    at.ask<core::message_receipt>(core::send_message{message(std::to_string(i), "a", "b")});
  CHECK(at.ask<core::message_receipt>(core::send_message{message("0", "a", "b")}) == first);
  CHECK(inbox_of_run(at, "b").size() == 10);
}
