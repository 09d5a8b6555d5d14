#include <atomic>
#include <caf/mailbox_element.hpp>
#include <future>
#include <optional>
#include <thread>

#include "actors/scripted_store.hpp"
#include "actors/world.hpp"
#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/system_clock.hpp"
#include "agentpool/core/content.hpp"
#include "agentpool/messages/protocol.hpp"
#include "agentpool/stores/sqlite.hpp"
#include "catch.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

const core::pool_id pool_name{"pool.test"};

struct echo final : actors::agent {
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    context.reply(entry, core::content_ref{"content.echo"});
    context.acknowledge(entry.sequence);
    if (entry.message.content_ref == core::content_ref{"content.stop"}) context.finish();
  }
};

/// Tells when a pool has put its second append since `arm` into the store's mailbox.
class append_watch final : public actors::actor_watch {
 public:
  void arm() { sent_ = 0; }
  [[nodiscard]] std::future<void> second() { return second_.get_future(); }

  void on_spawned(std::uint64_t actor, const actors::actor_label& who) override {
    if (who.role == actors::actor_role::store) store_ = actor;
    if (who.role == actors::actor_role::pool) pool_ = actor;
  }
  void on_sent(std::uint64_t actor, const caf::mailbox_element& what) override {
    if (actor == store_ && what.content().match_elements<messages::append_records>()) ++sent_;
  }
  void on_handling(std::uint64_t, const caf::mailbox_element&) override {}
  void on_handled(std::uint64_t actor) noexcept override {
    if (actor == pool_ && sent_ == 2 && !told_.exchange(true)) second_.set_value();
  }
  void on_pool(const core::pool_id&, std::function<std::string()>) override {}

 private:
  std::atomic<std::uint64_t> store_{0};
  std::atomic<std::uint64_t> pool_{0};
  std::atomic<int> sent_{-1'000};
  std::atomic<bool> told_{false};
  std::promise<void> second_;
};

}  // namespace

TEST_CASE("what a store has made durable is answered before its next append begins to wait") {
  const auto does = std::make_shared<script>();
  const auto watch = std::make_shared<append_watch>();
  actors::engine_options options;
  options.worker_threads = 2;
  options.watch = watch;
  actors::engine engine{
      std::make_unique<scripted_store>(does, std::make_shared<stores::memory_log>()), options};
  const auto pool = *engine.open_pool(pool_name);
  auto in_mailbox = watch->second();
  std::promise<void> begun;
  std::promise<void> answered;
  auto first = answered.get_future();
  auto in_time = std::future_status::timeout;
  int appends = 0;
  watch->arm();
  does->before_append = [&] {
    ++appends;
    if (appends == 1) {
      begun.set_value();
      in_mailbox.wait();
    }
    if (appends == 2) in_time = first.wait_for(10s);
  };
  std::promise<void> all;
  pool.submit(core::join_run{member("a")}, [&](const auto&) { answered.set_value(); });
  begun.get_future().wait();
  pool.submit(core::join_run{member("b")}, [&](const auto&) { all.set_value(); });
  all.get_future().wait();
  CHECK(appends == 2);
  CHECK(in_time == std::future_status::ready);
}

TEST_CASE("an engine on threads does every operation through blocking handles") {
  actors::engine engine{std::make_unique<stores::memory_store>()};
  const auto pool = *engine.open_pool(pool_name);
  REQUIRE(pool.join(member("a")).ok());
  REQUIRE(pool.join(member("b")).ok());
  CHECK(pool.members()->size() == 2);
  CHECK(pool.send(message("1", "a", "b"))->status == core::message_status::delivered);
  const auto entries = *pool.inbox(unread("b"));
  REQUIRE(entries.size() == 1);
  CHECK(*pool.ack_inbox(core::run_id{"run.b"}, entries[0].sequence) == entries[0].sequence);
  CHECK(pool.inbox(unread("b"))->empty());
  REQUIRE(pool.suspend_until(condition("1", "b", core::event_kind::agent_pool_run_left)).ok());
  REQUIRE(pool.leave(core::run_id{"run.a"}).ok());
  CHECK(pool.await_wake(core::wake_condition_id{"condition.1"}, 10s)->notice);
  CHECK(pool.journal()->size() == pool.records()->size() - 1);
  auto events = *pool.subscribe({});
  const auto frame = *events.next(10s);
  REQUIRE(frame);
  CHECK(frame->event->envelope.event_kind == core::event_kind::agent_pool_created);
  CHECK(*engine.list_pools() == std::vector<core::pool_id>{pool_name});
  CHECK(engine.counters()->messages == 1);
  CHECK(engine.counters()->wakes == 1);
  CHECK(engine.counters()->commits >= 5);
}

TEST_CASE("what a caller's callback throws harms nobody else") {
  actors::engine engine{std::make_unique<stores::memory_store>()};
  const auto pool = *engine.open_pool(pool_name);
  const auto thrown = [](const auto&) { throw std::runtime_error{"a caller's fault"}; };
  engine.put_content("body", thrown);
  engine.get_content(core::content_name("body"), thrown);
  engine.list_pools(thrown);
  engine.read_registry({"space", {}}, thrown);
  pool.submit(core::list_members{}, thrown);
  CHECK(engine.put_content("another").ok());
  CHECK(engine.list_pools()->size() == 1);
  CHECK(pool.join(member("a")).ok());
}

TEST_CASE("a store that stands still holds up nothing that needs no store") {
  std::promise<void> opens;
  auto does = std::make_shared<script>();
  actors::engine_options options;
  options.worker_threads = 1;
  actors::engine engine{
      std::make_unique<scripted_store>(does, std::make_shared<stores::memory_log>()), options};
  const auto pool = *engine.open_pool(pool_name);
  const auto other = *engine.open_pool(core::pool_id{"pool.other"});
  does->gate = opens.get_future().share();
  std::promise<bool> joined;
  pool.submit(core::join_run{member("b")},
              [&](const core::outcome<core::answer>& what) { joined.set_value(what.ok()); });
  for (int asked = 0; asked < 100; ++asked) CHECK(other.members().ok());
  opens.set_value();
  CHECK(joined.get_future().get());
}

TEST_CASE("a thousand requests of one handle take effect in order") {
  actors::engine engine{std::make_unique<stores::memory_store>()};
  const auto pool = *engine.open_pool(pool_name);
  REQUIRE((pool.join(member("a")).ok() && pool.join(member("b")).ok()));
  std::atomic<int> answered{0};
  for (int i = 0; i < 1024; ++i)
    pool.submit(core::send_message{message(std::to_string(i), "a", "b")},
                [&](const core::outcome<core::answer>& what) { answered += what.ok() ? 1 : 0; });
  auto all = unread("b");
  all.max = 1000;
  const auto entries = *pool.inbox(all);
  REQUIRE(entries.size() == 1000);
  for (std::size_t i = 0; i < entries.size(); ++i)
    CHECK(entries[i].message.message_id.text() == "message." + std::to_string(i));
  CHECK(answered == 1024);
}

TEST_CASE("closing an engine answers what waits with an error and hangs nobody") {
  actors::engine engine{std::make_unique<stores::memory_store>()};
  const auto pool = *engine.open_pool(pool_name);
  REQUIRE(pool.join(member("a")).ok());
  std::atomic<int> errors{0};
  const auto note = [&](const core::outcome<core::answer>& what) { errors += what ? 0 : 1; };
  for (int i = 0; i < 10; ++i) pool.submit(unread("a"), 1h, note);
  auto stream = *pool.subscribe(kinds({core::event_kind::run_failed}));
  REQUIRE(pool.suspend_until([] {
                auto waits = condition("1", "a", core::event_kind::run_failed);
                waits.timeout_millis = 3'600'000;
                return waits;
              }())
              .ok());
  std::thread reads{[&] { CHECK_FALSE(stream.next(1h).ok()); }};
  REQUIRE(pool.members().ok());
  engine.close();
  reads.join();
  CHECK(errors == 10);
  CHECK_FALSE(pool.members().ok());
  CHECK_FALSE(engine.open_pool(pool_name).ok());
}

TEST_CASE("runs on threads answer, end, and are waited for") {
  actors::engine engine{std::make_unique<stores::memory_store>()};
  const auto pool = *engine.open_pool(pool_name);
  REQUIRE(pool.join(member("host")).ok());
  engine.register_agent(core::agent_id{"agent.echo"},
                        [](const core::run_id&) { return std::make_unique<echo>(); });
  std::vector<actors::run_handle> runs;
  for (int i = 0; i < 20; ++i)
    runs.push_back(*engine.start_run({pool_name,
                                      core::run_id{"run." + std::to_string(i)},
                                      core::agent_id{"agent.echo"},
                                      {},
                                      {}}));
  auto stop = message("stop", "host", "host");
  stop.to = core::address_of(core::to_agent{core::agent_id{"agent.echo"}});
  stop.content_ref = core::content_ref{"content.stop"};
  CHECK(pool.send(stop)->delivered_to.size() == 20);
  for (const auto& run : runs) CHECK(run.wait(30s) == actors::run_status::completed);
  CHECK(pool.inbox(unread("host"))->size() == 20);
  auto events = *runs[3].events();
  const auto joined = *events.next(10s);
  REQUIRE(joined);
  CHECK(joined->event->envelope.run_id == runs[3].id());
}

TEST_CASE("runs that have not ended when the engine closes stay members") {
  auto log = std::make_shared<stores::memory_log>();
  {
    actors::engine engine{std::make_unique<stores::memory_store>(log)};
    REQUIRE(engine.open_pool(pool_name).ok());
    engine.register_agent(core::agent_id{"agent.echo"},
                          [](const core::run_id&) { return std::make_unique<echo>(); });
    REQUIRE(
        engine.start_run({pool_name, core::run_id{"run.0"}, core::agent_id{"agent.echo"}, {}, {}})
            .ok());
  }
  actors::engine engine{std::make_unique<stores::memory_store>(log)};
  CHECK(engine.open_pool(pool_name)->members()->size() == 1);
}

TEST_CASE("handles that outlive their engine answer errors") {
  std::optional<actors::pool_handle> pool;
  std::optional<actors::run_handle> running;
  std::optional<actors::run_handle> ended;
  std::optional<actors::subscription> stream;
  {
    actors::engine engine{std::make_unique<stores::memory_store>()};
    pool = *engine.open_pool(pool_name);
    engine.register_agent(core::agent_id{"agent.echo"},
                          [](const core::run_id&) { return std::make_unique<echo>(); });
    const auto start = [&](const char* name) {
      return *engine.start_run(
          {pool_name, core::run_id{name}, core::agent_id{"agent.echo"}, {}, {}});
    };
    running = start("run.0");
    ended = start("run.1");
    ended->cancel();
    CHECK(ended->wait(30s) == actors::run_status::cancelled);
    stream = *pool->subscribe({});
  }
  CHECK_FALSE(pool->members().ok());
  CHECK_FALSE(pool->subscribe({}).ok());
  CHECK_FALSE(stream->next(1h).ok());
  CHECK(running->wait(1h) == actors::run_status::running);
  running->cancel();
  ended->cancel();
}

TEST_CASE("two engines on one SQLite file give one sequence and equal views under load") {
  const support::temporary_directory folder;
  const actors::system_clock wall;
  const auto engine_on_file = [&] {
    return std::make_unique<actors::engine>(
        *stores::open_sqlite(folder.file("pools.sqlite"), wall));
  };
  const auto one = engine_on_file();
  const auto two = engine_on_file();
  const auto ones = *one->open_pool(pool_name);
  const auto twos = *two->open_pool(pool_name);
  REQUIRE((ones.join(member("a")).ok() && twos.join(member("b")).ok()));
  std::atomic<int> errors{0};
  const auto load = [&](const actors::pool_handle& pool, const std::string& from,
                        const std::string& to) {
    for (int i = 0; i < 50; ++i)
      pool.submit(core::send_message{message(from + std::to_string(i), from, to)},
                  [&](const core::outcome<core::answer>& what) { errors += what ? 0 : 1; });
    for (int i = 0; i < 20; ++i)
      if (!pool.send(message("same" + std::to_string(i), "a", "b"))) ++errors;
  };
  std::thread other{[&] { load(twos, "b", "a"); }};
  load(ones, "a", "b");
  other.join();
  CHECK(errors == 0);
  const auto all = [](const actors::pool_handle& pool) {
    auto stream = *pool.watch();
    std::vector<core::store_record> records;
    while (records.size() < 1 + 3 + 2 * 120) {
      const auto next = *stream.next(30s);
      if (!next) break;
      records.push_back(*next);
    }
    return records;
  };
  const auto seen = all(ones);
  CHECK(seen.size() == 1 + 3 + 2 * 120);
  CHECK(seen == all(twos));
  CHECK(ones.inbox(unread("b"))->size() == 70);
  CHECK(twos.inbox(unread("a"))->size() == 50);
}
