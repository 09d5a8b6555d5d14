#include <caf/actor_registry.hpp>
#include <set>

#include "actors/remote/kit.hpp"
#include "support/catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

TEST_CASE("a program sends through a node to a run that lives in another program") {
  cluster at{7};
  open(at);
  at.start_client("q", {"b"});
  diary got;
  start_run(at, "q", "two", got);
  const auto receipt = at.ask<core::message_receipt>("p", message("1", "one", "two"));
  CHECK(receipt.status == core::message_status::delivered);
  at.settle();
  CHECK(got.messages == std::vector<std::string>{"message.1"});
}

TEST_CASE("one node has a pool, and the other says so") {
  cluster at{3};
  open(at);
  at.pass(2s);
  at.start_client("q", {"a"});
  at.start_client("r", {"b"});
  CHECK(at.ask<core::member_list>("q", core::list_members{}).members.size() == 1);
  CHECK(at.ask<core::member_list>("r", core::list_members{}).members.size() == 1);
  std::size_t pools = 0;
  for (const auto* node : {"a:7000", "b:7000"})
    at.client("p").status(node, [&](const core::outcome<messages::status_told>& told) {
      REQUIRE(told);
      pools += told->pools.size();
      CHECK(told->nodes.size() == 2);
    });
  at.settle();
  CHECK(pools == 1);
}

TEST_CASE("a send whose node dies before it answers is answered once by the next node") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    cluster at{seed};
    open(at);
    at.start_client("q", {"a", "b"});
    diary got;
    start_run(at, "q", "two", got);
    const auto [has_it, other] = holder(at);
    std::vector<core::outcome<core::answer>> answers;
    at.pool("p").submit(message("1", "one", "two"),
                        [&](auto what) { answers.push_back(std::move(what)); });
    at.steps(static_cast<int>(seed));
    at.kill(has_it);
    at.pass(20s);
    INFO("seed " << seed);
    REQUIRE(answers.size() == 1);
    REQUIRE(answers[0]);
    CHECK(std::get<core::message_receipt>(*answers[0]).status == core::message_status::delivered);
    CHECK(got.messages == std::vector<std::string>{"message.1"});
    CHECK(members(at).size() == 2);
  }
}

TEST_CASE("a connection that is lost and made again loses no message and repeats none") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    cluster at{seed};
    open(at);
    at.start_client("q", {"a", "b"});
    diary got;
    got.acknowledges = seed % 2 == 0;
    start_run(at, "q", "two", got);
    const auto has_it = holder(at).first;
    std::size_t answered = 0;
    for (int i = 0; i < 30; ++i) {
      at.pool("p").submit(message(std::to_string(i), "one", "two"),
                          [&](const auto& what) { answered += what ? 1 : 0; });
      at.steps(5);
      if (i % 7 == 3) at.net.reset("q", has_it);
      if (i % 11 == 5) at.net.reset("p", has_it);
    }
    at.pass(10s);
    INFO("seed " << seed);
    CHECK(answered == 30);
    CHECK(got.messages.size() == 30);
    CHECK(std::set<std::string>(got.messages.begin(), got.messages.end()).size() == 30);
    CHECK(std::is_sorted(got.sequences.begin(), got.sequences.end()));
  }
}

TEST_CASE("a run whose program is gone leaves its pool after its time of grace, which wakes") {
  cluster at{5};
  open(at);
  at.start_client("q", {"a", "b"});
  at.start_client("r", {"a", "b"});
  diary waiting;
  waiting.suspends = true;
  diary gone;
  start_run(at, "r", "three", waiting);
  start_run(at, "q", "two", gone);
  at.kill_client("q");
  at.pass(29s);
  CHECK(members(at).size() == 3);
  // Until then a message waits for it.
  CHECK(at.ask<core::message_receipt>("p", message("1", "one", "two")).status ==
        core::message_status::delivered);
  CHECK(waiting.wakes.empty());
  at.pass(2s);
  CHECK(members(at) == std::vector<core::run_id>{run("one"), run("three")});
  CHECK(waiting.wakes == std::vector<std::string>{"triggered"});
  CHECK(at.ask<core::message_receipt>("p", message("2", "one", "two")).status ==
        core::message_status::failed);
}

TEST_CASE("a run that comes back within its time of grace stays, also when its node died") {
  cluster at{11};
  open(at);
  at.start_client("q", {"a", "b"});
  diary got;
  start_run(at, "q", "two", got);
  at.kill(holder(at).first);
  at.pass(90s);
  CHECK(members(at).size() == 2);
  CHECK(at.ask<core::message_receipt>("p", message("1", "one", "two")).status ==
        core::message_status::delivered);
  at.settle();
  CHECK(got.messages.size() == 1);
}

TEST_CASE("runs whose program died together with the node are sent away by the next node") {
  cluster at{13};
  open(at);
  at.start_client("q", {"a", "b"});
  diary got;
  start_run(at, "q", "two", got);
  at.kill(holder(at).first);
  at.kill_client("q");
  at.ask<core::member_list>("p", core::list_members{});
  at.pass(40s);
  CHECK(members(at) == std::vector<core::run_id>{run("one")});
}

TEST_CASE("who has no token may not act as a run, and the refusal is an event of the pool") {
  cluster at{17};
  open(at);
  at.start_client("thief", {"a", "b"});
  const auto refused = [&](core::command ask) {
    const auto what = at.outcome_of("thief", std::move(ask));
    UNSCOPED_INFO((what ? std::string{"fine"} : core::to_text(what.error())));
    return !what && what.error().kind == core::agent_error_kind::policy_denial;
  };
  CHECK(refused(message("stolen", "one", "one")));
  CHECK(refused(core::join_run{member("one")}));
  CHECK(refused(core::leave_run{run("one")}));
  CHECK(refused(core::ack_inbox{run("one"), 1}));
  CHECK(refused(core::read_inbox{run("one"), {}, 10}));
  CHECK(refused(suspend("stolen", "one", core::event_kind::run_completed)));
  at.ask<core::wake_registration>("p", suspend("own", "one", core::event_kind::run_completed));
  CHECK(refused(core::cancel_wake{core::wake_condition_id{"condition.own"}}));
  at.client("thief").present(core::pool_id{"pool.test"}, run("one"), std::string(40, 'x'));
  CHECK(refused(message("stolen", "one", "one")));
  CHECK(members(at).size() == 1);

  std::vector<core::event_frame> frames;
  at.pool("p").read_events({}, {}, [&](auto what) { frames = *what; });
  at.settle();
  std::size_t denied = 0;
  for (const auto& frame : frames)
    denied += frame.event->envelope.event_kind == core::event_kind::extension_action_denied;
  CHECK(denied >= 2);
}

TEST_CASE("a program that has a run's token takes the run over") {
  cluster at{19};
  open(at);
  at.start_client("q", {"a", "b"});
  diary first;
  start_run(at, "q", "two", first);
  const auto token = at.client("q").token(core::pool_id{"pool.test"}, run("two"));
  REQUIRE(token);
  at.start_client("r", {"a", "b"}).present(core::pool_id{"pool.test"}, run("two"), *token);
  diary second;
  start_run(at, "r", "two", second);
  at.ask<core::message_receipt>("p", message("1", "one", "two"));
  at.settle();
  CHECK(first.messages.empty());
  CHECK(second.messages.size() == 1);
}

TEST_CASE("a wake that became final while its run was not reached is told once") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    cluster at{seed};
    open(at);
    at.start_client("q", {"a", "b"});
    diary waiting;
    waiting.suspends = true;
    start_run(at, "q", "two", waiting);
    at.ask<core::run_joined>("p", core::join_run{member("four")});
    at.net.cut("q", "a");
    at.net.cut("q", "b");
    at.settle();
    at.ask<core::run_left>("p", core::leave_run{run("four")});
    at.pass(1s);
    CHECK(waiting.wakes.empty());
    at.net.heal("q", "a");
    at.net.heal("q", "b");
    at.pass(10s);
    CHECK(waiting.wakes == std::vector<std::string>{"triggered"});
  }
}

namespace {

/// Subscribes to everything in the pool and keeps the numbers of what comes.
struct reader {
  std::vector<std::uint64_t> seen;
  std::optional<actors::subscription> stream;

  explicit reader(cluster& at) {
    at.pool("p").subscribe({}, {}, [this](auto what) { stream.emplace(*what); });
    at.settle();
    pull();
  }
  void pull() {
    stream->pull(4, [this](const auto& frames) {
      if (!frames) return;
      for (const auto& frame : *frames) seen.push_back(frame.cursor.event_seq);
      pull();
    });
  }
  void check_whole() const {
    for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == i + 1);
  }
};

}  // namespace

TEST_CASE("a subscription goes on over the death of its node without gap or repeat") {
  cluster at{23};
  open(at);
  reader events{at};
  for (int i = 0; i < 5; ++i)
    at.ask<core::message_receipt>("p", message("x" + std::to_string(i), "one", "one"));
  at.kill(holder(at).first);
  for (int i = 0; i < 5; ++i)
    at.ask<core::message_receipt>("p", message("y" + std::to_string(i), "one", "one"));
  at.settle();
  REQUIRE(events.seen.size() > 20);
  events.check_whole();
}

TEST_CASE("a subscription goes on without gap or repeat while requests wait for a leave") {
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    cluster at{seed};
    open(at);
    at.ask<core::run_joined>("p", core::join_run{member("two")});
    reader events{at};
    const auto node = holder(at).first;
    std::size_t answers = 0;
    const auto count = [&](const auto&) { ++answers; };
    const auto send = [&](const std::string& id) {
      at.pool("p").submit(message(id, "one", "one"), count);
    };
    send("before");
    at.pool("p").submit(core::leave_run{run("two")}, count);
    for (int i = 0; i < 4; ++i) send("after" + std::to_string(i));
    at.steps(static_cast<int>(seed % 40));
    at.net.reset("p", node);
    at.pass(10s);
    CHECK(answers == 6);
    CHECK(events.seen.size() == 14);
    events.check_whole();
  }
}

TEST_CASE("a request that no node answers fails once its time is over") {
  cluster at{29};
  at.client_limits.request_wait = 5s;
  open(at);
  at.kill("a");
  at.kill("b");
  std::vector<core::outcome<core::answer>> answers;
  at.pool("p").submit(message("1", "one", "one"),
                      [&](auto what) { answers.push_back(std::move(what)); });
  at.pass(4s);
  CHECK(answers.empty());
  at.pass(2s);
  REQUIRE(answers.size() == 1);
  REQUIRE(!answers[0]);
  CHECK(answers[0].error().retry == core::retry_classification::retryable);
  CHECK(answers[0].error().message.find("request_wait") != std::string::npos);
}

TEST_CASE("a node that stops gives up its pools at once") {
  cluster at{31};
  open(at);
  const auto [has_it, other] = holder(at);
  at.stop_node(has_it);
  CHECK(at.ask<core::message_receipt>("p", message("1", "one", "one"), 300ms).status ==
        core::message_status::delivered);
}

TEST_CASE("a program that greets a node while that stops is told, and the node ends") {
  std::size_t told = 0;
  for (int count = 0; count < 12; ++count) {
    INFO("after " << count << " steps");
    cluster at{static_cast<std::uint64_t>(count)};
    at.start_node("a");
    at.settle();
    at.start_client("p", {"a"}).status("a:7000", [](const auto&) {});
    at.steps(count);
    at.node("a").close(0ms);
    at.settle();
    // The store alone ends with its engine.
    CHECK(at.node_engine("a").system().registry().running() == 1);
    for (const auto& link : at.client("p").links())
      if (link.last_error.find("stops") != std::string::npos) ++told;
  }
  CHECK(told > 0);
}

TEST_CASE("a node that was frozen for longer than its lease gives up what others took meanwhile") {
  cluster at{37};
  open(at);
  const auto [has_it, other] = holder(at);
  at.freeze(has_it, true);
  at.net.reset("p", has_it);
  at.net.cut("p", has_it);
  CHECK(at.ask<core::message_receipt>("p", message("1", "one", "one")).status ==
        core::message_status::delivered);
  at.pass(5s);
  at.freeze(has_it, false);
  at.pass(5s);
  at.net.heal("p", has_it);
  at.start_client("q", {has_it});
  CHECK(at.ask<core::member_list>("q", core::list_members{}).members.size() == 1);
  std::size_t pools = 0;
  at.client("p").status(has_it + ":7000", [&](const auto& told) { pools = told->pools.size(); });
  at.settle();
  CHECK(pools == 0);
}

TEST_CASE("a program knows how its connections and pools are") {
  cluster at{41};
  at.start_node("a");
  at.start_client("p", {"a"});
  at.ask<core::pool_snapshot>("p", core::open_pool{});
  REQUIRE(at.client("p").links().size() == 1);
  CHECK(at.client("p").links()[0].node == "a");
  CHECK(at.client("p").links()[0].state == actors::remote::link_state::up);
  CHECK(at.client("p").reports().at(0).state == actors::remote::pool_state::ready);
  CHECK(at.client("p").reports().at(0).runs == 0);
  at.ask<core::run_joined>("p", core::join_run{member("x")});
  CHECK(at.client("p").reports().at(0).runs == 1);
  at.ask<core::run_left>("p", core::leave_run{core::run_id{"run.x"}});
  CHECK(at.client("p").reports().at(0).runs == 0);
}

TEST_CASE("what a program asks takes effect in that order, also after a join") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    cluster at{seed};
    open(at);
    std::vector<std::size_t> counts;
    for (int i = 0; i < 4; ++i) {
      at.pool("p").submit(core::join_run{member("m" + std::to_string(i))}, [](const auto&) {});
      at.pool("p").submit(core::list_members{}, [&](const core::outcome<core::answer>& what) {
        counts.push_back(std::get<core::member_list>(*what).members.size());
      });
    }
    at.settle();
    CHECK(counts == std::vector<std::size_t>{2, 3, 4, 5});
  }
}
