#include "actors/remote/kit.hpp"
#include "support/catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;

TEST_CASE("who left and was joined anew by another program may not be acted for by the first") {
  cluster at{43};
  open(at);
  at.start_client("q", {"a", "b"});
  at.ask<core::run_joined>("q", core::join_run{member("two")});
  at.ask<core::run_left>("q", core::leave_run{run("two")});
  at.start_client("r", {"a", "b"});
  at.ask<core::run_joined>("r", core::join_run{member("two")});
  const auto what = at.outcome_of("q", message("1", "two", "one"));
  REQUIRE(!what);
  CHECK(what.error().kind == core::agent_error_kind::policy_denial);
  CHECK(at.ask<core::message_receipt>("r", message("2", "two", "one")).status ==
        core::message_status::delivered);
}

TEST_CASE("a run that leaves and joins without waiting keeps a token that is good") {
  cluster at{47};
  open(at);
  at.pool("p").submit(core::leave_run{run("one")}, [](const auto&) {});
  at.pool("p").submit(core::join_run{member("one")}, [](const auto&) {});
  at.settle();
  CHECK(at.client("p").token(core::pool_id{"pool.test"}, run("one")));
  at.kill(holder(at).first);
  CHECK(at.ask<core::message_receipt>("p", message("1", "one", "one")).status ==
        core::message_status::delivered);
  at.pass(90s);
  CHECK(members(at).size() == 1);
}

TEST_CASE("a program whose run another takes over is told, and its agent ends") {
  cluster at{53};
  open(at);
  at.start_client("q", {"a", "b"});
  diary first, second;
  const auto started = start_run(at, "q", "two", first);
  const auto token = at.client("q").token(core::pool_id{"pool.test"}, run("two"));
  at.start_client("r", {"a", "b"}).present(core::pool_id{"pool.test"}, run("two"), *token);
  start_run(at, "r", "two", second);
  at.settle();
  CHECK(actors::is_final(started->front()->status()));
  at.ask<core::message_receipt>("p", message("1", "one", "two"));
  at.settle();
  CHECK(second.messages.size() == 1);
}

TEST_CASE("acts without a token are answered each time and told of once") {
  cluster at{59};
  open(at);
  at.start_client("thief", {"a", "b"});
  for (int i = 0; i < 20; ++i) {
    at.client("thief").present(core::pool_id{"pool.test"}, run("one"), std::string(40, 'x'));
    CHECK(!at.outcome_of("thief", core::join_run{member("one")}));
  }
  std::size_t denied = 0;
  at.pool("p").read_events({}, {}, [&](auto what) {
    for (const auto& frame : *what)
      denied += frame.event->envelope.event_kind == core::event_kind::extension_action_denied;
  });
  at.settle();
  CHECK(denied == 1);
}
