#include <numeric>
#include <stdexcept>

#include "actors/remote/kit.hpp"
#include "agentpool/actors/watch.hpp"
#include "support/catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

namespace {

std::size_t pools_at(cluster& at, const std::string& node) {
  std::size_t found = 0;
  at.client("p").status(node + ":7000", [&](const core::outcome<messages::status_told>& told) {
    REQUIRE(told);
    found = told->pools.size();
  });
  at.settle();
  return found;
}

/// Lets the directory of a node fail once, in the midst of what it does next.
class failing final : public actors::actor_watch {
 public:
  bool now = false;

  void on_spawned(std::uint64_t actor, const actors::actor_label& who) override {
    if (who.role == actors::actor_role::directory) directories_.insert(actor);
  }
  void on_sent(std::uint64_t, const caf::mailbox_element&) override {}
  void on_handling(std::uint64_t actor, const caf::mailbox_element&) override {
    if (directories_.contains(actor) && std::exchange(now, false))
      throw std::runtime_error{"the directory fails"};
  }
  void on_pool(const core::pool_id&, std::function<std::string()>) override {}

 private:
  std::set<std::uint64_t> directories_;
};

}  // namespace

TEST_CASE("a pool that nobody uses is given back, and one whose members may return is not") {
  cluster at{61};
  at.node_limits.grace = 20s;
  at.node_limits.lease = 3s;
  at.node_limits.pool_idle = 10s;
  at.start_node("a");
  at.start_client("p", {"a"});
  at.start_client("q", {"a"});
  at.ask<core::pool_snapshot>("q", core::open_pool{});
  at.ask<core::run_joined>("q", core::join_run{member("one")});
  CHECK(pools_at(at, "a") == 1);
  at.pass(60s);
  CHECK(pools_at(at, "a") == 1);  // Its program is there.
  at.kill_client("q");
  at.pass(19s);
  CHECK(pools_at(at, "a") == 1);  // It may come back.
  at.pass(15s);
  CHECK(pools_at(at, "a") == 0);
  CHECK(members(at).empty());
  CHECK(pools_at(at, "a") == 1);
}

TEST_CASE("a program keeps nothing of pools that nobody opened, nor of those it never reached") {
  cluster at{73};
  at.node_limits.lease = 3s;
  at.node_limits.pool_idle = 10s;
  at.start_node("a");
  at.start_client("p", {"a"});
  auto& engine = at.client("p").pools();
  const auto ask = [&](const std::string& pool) {
    std::vector<core::outcome<core::answer>> answers;
    engine.pool(core::pool_id{pool}).submit(core::list_members{}, [&](auto what) {
      answers.push_back(std::move(what));
    });
    at.pass(at.client_limits.request_wait + 1s);
    REQUIRE(answers.size() == 1);
    REQUIRE_FALSE(answers.front());
    return answers.front().error().kind;
  };
  const auto held = at.pool("p");
  for (int i = 0; i < 20; ++i)
    CHECK(ask("pool." + std::to_string(i)) == core::agent_error_kind::host_configuration_needed);
  CHECK(ask(held.id().text()) == core::agent_error_kind::host_configuration_needed);
  CHECK(engine.pools_in_use().empty());
  CHECK(at.client("p").reports().empty());
  at.pass(60s);
  CHECK(at.node_engine("a").pools_in_use().empty());
  CHECK(pools_at(at, "a") == 0);
  at.kill("a");
  CHECK(ask("pool.far") == core::agent_error_kind::journal_failure);
  CHECK(engine.pools_in_use().empty());
  at.start_node("a");
  std::vector<core::outcome<core::answer>> answers;
  const auto note = [&](auto what) { answers.push_back(std::move(what)); };
  held.submit(core::open_pool{}, note);
  held.submit(core::join_run{member("one")}, note);
  at.pass(30s);
  REQUIRE(answers.size() == 2);
  CHECK(answers.front());
  CHECK(answers.back());
  CHECK(members(at).size() == 1);
}

TEST_CASE("a directory that fails is made anew, and the pools of the one before go on with it") {
  cluster at{67};
  const auto watch = std::make_shared<failing>();
  at.watch = watch;
  open(at);
  watch->now = true;
  at.pass(10s);
  CHECK_FALSE(watch->now);
  CHECK(at.ask<core::message_receipt>("p", message("1", "one", "one")).status ==
        core::message_status::delivered);
  at.pass(60s);
  CHECK(members(at).size() == 1);
  CHECK(pools_at(at, "a") + pools_at(at, "b") == 1);
}

TEST_CASE("what a stream has beyond one message between nodes comes with the next") {
  cluster at{71};
  at.node_limits.answer_bytes_max = 3'000;
  open(at);
  std::optional<actors::subscription> stream;
  at.pool("p").subscribe({}, {}, [&](auto what) { stream.emplace(*what); });
  at.settle();
  for (int i = 0; i < 40; ++i)
    at.ask<core::message_receipt>("p", message(std::to_string(i), "one", "one"));
  std::vector<std::uint64_t> seen;
  std::size_t pages = 0;
  std::function<void()> pull = [&] {
    const std::size_t most = pages % 2 == 0 ? 1'000 : 2;
    stream->pull(most, [&, most](const auto& frames) {
      if (!frames) return;
      CHECK(frames->size() <= most);
      ++pages;
      for (const auto& frame : *frames) seen.push_back(frame.cursor.event_seq);
      pull();
    });
  };
  pull();
  at.settle();
  CHECK(pages > 5);
  REQUIRE(seen.size() > 80);
  std::vector<std::uint64_t> all(seen.size());
  std::iota(all.begin(), all.end(), 1);
  CHECK(seen == all);
}

TEST_CASE("large answers to a program that takes none of them end at untaken_bytes_max") {
  cluster at{73};
  at.node_limits.untaken_bytes_max = 60'000;
  at.client_limits.taken_each = 1'000'000;
  open(at);
  for (int i = 0; i < 40; ++i)
    at.ask<core::run_joined>("p", core::join_run{member("m" + std::to_string(i))});
  std::size_t given = 0;
  std::size_t refused = 0;
  for (int i = 0; i < 100; ++i)
    at.pool("p").submit(core::list_members{}, [&](const core::outcome<core::answer>& what) {
      if (what) {
        ++given;
      } else if (what.error().retry == core::retry_classification::retryable &&
                 what.error().message.find("untaken_bytes_max") != std::string::npos) {
        ++refused;
      }
    });
  at.pass(5s);
  CHECK(given > 1);
  CHECK(refused > 0);
  CHECK(given + refused == 100);
}

TEST_CASE("large answers to a program that takes each go on for ever") {
  cluster at{73};
  at.node_limits.untaken_bytes_max = 60'000;
  open(at);
  for (int i = 0; i < 40; ++i)
    at.ask<core::run_joined>("p", core::join_run{member("m" + std::to_string(i))});
  for (int i = 0; i < 50; ++i) {
    at.pass(60ms);
    CHECK(at.ask<core::member_list>("p", core::list_members{}).members.size() == 41);
  }
}

TEST_CASE("what was done is told as done, however much is on its way to the program") {
  cluster at{73};
  at.node_limits.untaken_bytes_max = 20'000;
  at.client_limits.taken_each = 1'000'000;
  open(at);
  for (int i = 0; i < 40; ++i)
    at.ask<core::run_joined>("p", core::join_run{member("m" + std::to_string(i))});
  std::size_t left = 0;
  for (int i = 0; i < 40; ++i) {
    at.pool("p").submit(core::list_members{}, [](const auto&) {});
    at.pool("p").submit(core::leave_run{run("m" + std::to_string(i))},
                        [&](const core::outcome<core::answer>& what) { left += what ? 1 : 0; });
  }
  at.pass(60s);
  CHECK(left == 40);
}

TEST_CASE("a node that is gone while a program greets it ends") {
  for (int steps = 1; steps <= 40; ++steps) {
    cluster at{83};
    at.start_node("a");
    at.settle();
    at.start_client("p", {"a"});
    at.pool("p").submit(core::open_pool{}, [](const auto&) {});
    at.steps(steps);
    at.kill("a");
    at.settle();
    CHECK(at.client("p").links().at(0).state != actors::remote::link_state::up);
  }
}

TEST_CASE("one process has no more sessions at a node than sessions_each_max") {
  cluster at{79};
  at.node_limits.sessions_each_max = 2;
  at.start_node("a");
  for (const auto* name : {"p", "q", "r"}) at.start_client(name, {"a"});
  at.client_limits.request_wait = 2s;
  at.ask<core::pool_snapshot>("p", core::open_pool{});
  at.ask<core::pool_snapshot>("q", core::open_pool{});
  const auto third = at.outcome_of("r", core::open_pool{});
  REQUIRE(!third);
  CHECK(third.error().retry == core::retry_classification::retryable);
  // One that has gone makes room.
  at.kill_client("q");
  at.pass(30s);
  CHECK(at.outcome_of("r", core::open_pool{}));
}
