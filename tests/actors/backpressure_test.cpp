#include <algorithm>
#include <atomic>
#include <caf/send.hpp>
#include <future>
#include <thread>

#include "actors/journal.hpp"
#include "actors/pool.hpp"
#include "actors/scripted_world.hpp"
#include "actors/store.hpp"
#include "catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;
using actors::beyond_limit;

namespace {

actors::engine_options bounds(std::size_t requests_max, beyond_limit beyond = beyond_limit::refuse,
                              std::size_t held_max = 0) {
  actors::engine_options options;
  options.limits.requests_max = requests_max;
  options.limits.beyond_requests = beyond;
  options.limits.held_max = held_max;
  return options;
}

core::send_message numbered(int i) {
  return core::send_message{message(std::to_string(i), "a", "b")};
}

void submit(world& at, int first, int last, const inbox_of<core::answer>& answers) {
  for (int i = first; i < last; ++i) at.pool().submit(numbered(i), answers.take());
}

/// The ids of the messages that the receipts among the answers are of, in the order of the answers.
std::vector<std::string> receipts(const inbox_of<core::answer>& answers) {
  std::vector<std::string> ids;
  for (const auto& answer : *answers.all)
    if (answer) ids.push_back(std::get<core::message_receipt>(*answer).message_id.text());
  return ids;
}

std::vector<std::string> one_to(int last) {
  std::vector<std::string> ids;
  for (int i = 1; i <= last; ++i) ids.push_back("message." + std::to_string(i));
  return ids;
}

std::vector<std::string> in_inbox(const core::answer& page) {
  std::vector<std::string> ids;
  for (const auto& entry : std::get<core::inbox_page>(page).entries)
    ids.push_back(entry.message.message_id.text());
  return ids;
}

}  // namespace

TEST_CASE("refused: the error says which bound was hit and what it is, and room is used again") {
  scripted_world given{1, bounds(3)};
  auto& at = given.at;
  at.open({"a", "b"});
  at.hold_store(true);
  const inbox_of<core::answer> answers;
  submit(at, 1, 5, answers);
  REQUIRE(answers.all->size() == 1);
  const auto refused = answers.only().error();
  CHECK(refused.kind == core::agent_error_kind::timeout);
  CHECK(refused.retry == core::retry_classification::retryable);
  CHECK(refused.message.find("requests_max 3") != std::string::npos);
  CHECK(at.pool().load().under_way == 3);
  at.hold_store(false);
  at.settle();
  CHECK(at.pool().load().under_way == 0);
  submit(at, 4, 5, answers);
  at.settle();
  CHECK(receipts(answers) == one_to(4));
}

TEST_CASE("held: the answer comes once there is room, in the order of the requests") {
  const auto seed = GENERATE(1, 2, 3, 4, 5, 6, 7, 8);
  CAPTURE(seed);
  scripted_world given{static_cast<std::uint64_t>(seed), bounds(3, beyond_limit::hold, 100)};
  auto& at = given.at;
  at.open({"a", "b"});
  at.hold_store(true);
  const inbox_of<core::answer> answers;
  const inbox_of<core::answer> read;
  submit(at, 1, 21, answers);
  at.pool().submit(unread("b"), 1h, read.take());
  at.settle();
  CHECK(answers.empty());
  CHECK(at.pool().load().under_way == 3);
  CHECK(at.pool().load().held == 18);
  at.hold_store(false);
  at.settle();
  CHECK(receipts(answers) == one_to(20));
  CHECK(in_inbox(*read.only()) == one_to(20));
  CHECK(at.pool().load().held == 0);
}

TEST_CASE("held: beyond held_max the request is refused with both bounds") {
  scripted_world given{1, bounds(3, beyond_limit::hold, 2)};
  auto& at = given.at;
  at.open({"a", "b"});
  at.hold_store(true);
  const inbox_of<core::answer> answers;
  submit(at, 1, 8, answers);
  REQUIRE(answers.all->size() == 2);
  CHECK(answers.only().error().message.find("requests_max 3, held_max 2") != std::string::npos);
  at.hold_store(false);
  at.settle();
  CHECK(receipts(answers) == one_to(5));
}

TEST_CASE("held: what the engine's end finds held is answered with an error") {
  std::promise<void> open_gate;
  std::promise<void> all_refused;
  std::atomic<int> refused = 0;
  std::atomic<int> done = 0;
  const auto does = std::make_shared<script>();
  {
    auto store = std::make_unique<scripted_store>(does, std::make_shared<stores::memory_log>());
    actors::engine engine{std::move(store), bounds(2, beyond_limit::hold, 10)};
    const auto pool = *engine.open_pool(core::pool_id{"pool.test"});
    for (const char* name : {"a", "b"}) REQUIRE(pool.join(member(name)).ok());
    does->gate = open_gate.get_future().share();
    for (int i = 1; i <= 5; ++i)
      pool.submit(numbered(i), [&](const core::outcome<core::answer>& what) {
        if (what) ++done;
        if (!what && ++refused == 3) all_refused.set_value();
      });
    std::thread ending{[&] { engine.close(); }};
    CHECK(all_refused.get_future().wait_for(60s) == std::future_status::ready);
    CHECK(done == 0);
    open_gate.set_value();
    ending.join();
  }
  CHECK(refused == 3);
  CHECK(done == 2);
}

TEST_CASE("requests that wait have a bound of their own and take no room from others") {
  auto options = bounds(1);
  options.limits.waiters_max = 2;
  scripted_world given{1, options};
  auto& at = given.at;
  at.open({"a", "b"});
  const inbox_of<core::answer> waiting;
  for (int i = 0; i < 3; ++i) at.pool().submit(unread("b"), 1h, waiting.take());
  at.settle();
  REQUIRE(waiting.all->size() == 1);
  CHECK(waiting.only().error().message.find("waiters_max 2") != std::string::npos);
  CHECK(at.pool().load().waiting == 2);
  at.ask<core::message_receipt>(numbered(1));
  CHECK(waiting.all->size() == 3);
  CHECK(at.pool().load().waiting == 0);
}

TEST_CASE("a producer that never waits: 100,000 requests leave every queue within its bound") {
  const auto beyond = GENERATE(beyond_limit::refuse, beyond_limit::hold);
  auto options = bounds(64, beyond, 256);
  options.limits.journal_window = 128;
  scripted_world given{1, options};
  auto& at = given.at;
  at.open({"a", "b"});
  const inbox_of<actors::subscription> never_reads;
  at.pool().subscribe({}, {}, never_reads.take());
  at.settle();
  std::size_t answered = 0;
  std::size_t done = 0;
  actors::pool_load most;
  std::size_t mailbox_most = 0;
  constexpr std::size_t asked = 100'000;
  for (std::size_t i = 0; i < asked; ++i) {
    at.pool().submit(numbered(static_cast<int>(i)), [&](const core::outcome<core::answer>& what) {
      ++answered;
      if (what) ++done;
    });
    const auto load = at.pool().load();
    most.under_way = std::max(most.under_way, load.under_way);
    most.held = std::max(most.held, load.held);
    for (const char* kind : {"pool", "journal", "store"})
      mailbox_most = std::max(mailbox_most, at.mailbox(kind));
    if (i % 8 == 0) at.steps(1);
  }
  CHECK(most.under_way == 64);
  CHECK(most.held == (beyond == beyond_limit::hold ? 256 : 0));
  CHECK(mailbox_most <= 64 + 8);
  at.settle();
  CHECK(answered == asked);
  CHECK(done > 1'000);
  CHECK(done < asked);
}

TEST_CASE("a journal that lags by its window holds the pool up, and loses nothing") {
  const auto seed = GENERATE(1, 2, 3, 4, 5, 6, 7, 8);
  CAPTURE(seed);
  actors::engine_options options;
  options.limits.journal_window = 10;
  options.limits.in_flight_max = 4;
  options.limits.page_entries = 3;
  scripted_world given{static_cast<std::uint64_t>(seed), options};
  auto& at = given.at;
  at.open({"a", "b"});
  const inbox_of<actors::subscription> opened;
  core::event_filter filter;
  filter.queue.capacity = 1'000;
  at.pool().subscribe(filter, {}, opened.take());
  at.settle();
  auto stream = *opened.only();
  std::vector<std::uint64_t> sequences;
  const auto pull = [&] {
    stream.pull(1'000, [&](const core::outcome<std::vector<core::event_frame>>& frames) {
      if (!frames) return;
      for (const auto& frame : *frames) sequences.push_back(frame.cursor.event_seq);
    });
    at.settle();
  };
  for (int i = 0; i < 2; ++i) pull();  // what there is; then it waits for what comes
  at.hold_journal(true);
  const inbox_of<core::answer> answers;
  submit(at, 1, 201, answers);
  at.settle();
  // Each send has two events; what was in flight when the window was full goes on.
  CHECK(answers.all->size() <= 10 / 2 + 1 + 4);
  CHECK(at.mailbox("journal") <= 10 + 2 * 4 + 1);
  at.hold_journal(false);
  at.settle();
  CHECK(receipts(answers) == one_to(200));
  for (int i = 0; i < 2; ++i) pull();
  REQUIRE(sequences.size() == 403);
  for (std::size_t i = 0; i < sequences.size(); ++i) CHECK(sequences[i] == i + 1);
}

TEST_CASE("a pool whose journal has ended by a fault goes on without it") {
  world at{std::make_unique<stores::memory_store>()};
  auto& system = at.engine.system();
  const core::pool_id id{"pool.alone"};
  actors::engine_limits limits;
  limits.journal_window = 10;
  auto backend = std::make_shared<std::unique_ptr<core::store_backend>>(
      std::make_unique<stores::memory_store>());
  const auto store = system.spawn(actors::store, backend, limits);
  const auto journal = system.spawn(actors::journal, actors::journal_setup{id, store, limits});
  const auto clock = std::make_shared<virtual_clock>(core::from_millis(1'800'000'000'000));
  const auto pool =
      system.spawn(actors::pool, actors::pool_setup{id, store, journal, clock, limits, {}});
  const auto ask = [&](core::command command, const inbox_of<core::answer>& answers) {
    auto call = std::make_shared<messages::pool_call>();
    call->ask = std::move(command);
    call->back = messages::reply<core::answer>{answers.take()};
    caf::anon_send(pool, messages::pool_asked{std::move(call)});
    at.settle();
  };
  const inbox_of<core::answer> opened;
  ask(core::open_pool{}, opened);
  for (const char* name : {"a", "b"}) ask(core::join_run{member(name)}, opened);
  caf::anon_send_exit(journal, caf::exit_reason::kill);
  const inbox_of<core::answer> answers;
  for (int i = 1; i <= 100; ++i) ask(numbered(i), answers);
  CHECK(receipts(answers) == one_to(100));
  caf::anon_send(pool, messages::closing{});
  at.settle();
  caf::anon_send(store, messages::closing{});
  at.settle();
}

TEST_CASE("catching up with a long log of another engine waits for a journal that lags") {
  auto log = std::make_shared<stores::memory_log>();
  actors::engine_options options;
  options.limits.journal_window = 10;
  options.limits.page_entries = 5;
  world writes{std::make_unique<stores::memory_store>(log)};
  world reads{std::make_unique<stores::memory_store>(log), 1, options};
  writes.open({"a", "b"});
  reads.ask<core::pool_snapshot>(core::open_pool{});
  for (int i = 1; i <= 200; ++i) writes.ask<core::message_receipt>(numbered(i));
  reads.hold_journal(true);
  reads.pass(50ms);
  CHECK(reads.mailbox("journal") > 0);
  CHECK(reads.mailbox("journal") <= 4);
  reads.hold_journal(false);
  reads.settle();
  auto all = unread("b");
  all.max = 1'000;
  CHECK(in_inbox(*reads.outcome_of(all)) == one_to(200));
}
