#include <algorithm>
#include <functional>

#include "actors/world.hpp"
#include "catch.hpp"

using namespace agentpool;
using namespace agentpool::testing;
using actors::run_context;
using actors::run_status;

namespace {

/// An agent made of functions.
struct scripted_agent final : actors::agent {
  std::function<void(run_context&)> start;
  std::function<void(run_context&, const core::inbox_entry&)> message;
  std::function<void(run_context&, const core::wake_notice&)> wake;

  void on_start(run_context& context) override {
    if (start) start(context);
  }
  void on_message(run_context& context, const core::inbox_entry& entry) override {
    if (message) message(context, entry);
  }
  void on_wake(run_context& context, const core::wake_notice& notice) override {
    if (wake) wake(context, notice);
  }
};

actors::run_handle start(world& at, const std::string& name,
                         const std::function<void(scripted_agent&)>& fill) {
  at.engine.register_agent(core::agent_id{"agent." + name}, [fill](const core::run_id&) {
    auto made = std::make_unique<scripted_agent>();
    fill(*made);
    return made;
  });
  const inbox_of<actors::run_handle> started;
  at.engine.start_run(
      {at.pool().id(), core::run_id{"run." + name}, core::agent_id{"agent." + name}, {}, {}},
      started.take());
  at.settle();
  return *started.only();
}

std::size_t count(world& at, core::event_kind kind) {
  const inbox_of<std::vector<core::event_frame>> frames;
  at.pool().read_events(kinds({kind}), {}, frames.take());
  at.settle();
  return frames.only()->size();
}

void send(world& at, int first, int last, const std::string& to) {
  for (int i = first; i < last; ++i)
    at.ask<core::message_receipt>(core::send_message{message(std::to_string(i), "host", to)});
}

}  // namespace

TEST_CASE("start_run joins the run, and its start and end are events of family run") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"host"});
  auto run = start(at, "a", [](scripted_agent& agent) {
    agent.message = [](run_context& context, const core::inbox_entry& entry) {
      context.acknowledge(entry.sequence);
      context.finish();
    };
  });
  CHECK(run.status() == run_status::running);
  CHECK(at.ask<core::member_list>(core::list_members{}).members.size() == 2);
  send(at, 0, 1, "a");
  CHECK(run.status() == run_status::completed);
  CHECK(at.ask<core::member_list>(core::list_members{}).members.size() == 1);
  CHECK(count(at, core::event_kind::run_started) == 1);
  CHECK(count(at, core::event_kind::run_completed) == 1);
}

TEST_CASE("an unknown agent needs host configuration, and a run id in use is refused") {
  world at{std::make_unique<stores::memory_store>()};
  at.open();
  start(at, "a", [](scripted_agent&) {});
  const inbox_of<actors::run_handle> again;
  const inbox_of<actors::run_handle> unknown;
  at.engine.start_run({at.pool().id(), core::run_id{"run.a"}, core::agent_id{"agent.a"}, {}, {}},
                      again.take());
  at.engine.start_run({at.pool().id(), core::run_id{"run.b"}, core::agent_id{"agent.b"}, {}, {}},
                      unknown.take());
  at.settle();
  CHECK(again.only().error().retry == core::retry_classification::not_retryable);
  CHECK(unknown.only().error().kind == core::agent_error_kind::host_configuration_needed);
}

TEST_CASE("an agent that throws fails its run and nothing else") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"host"});
  auto other = start(at, "b", [](scripted_agent&) {});
  auto run = start(at, "a", [](scripted_agent& agent) {
    agent.message = [](run_context&, const core::inbox_entry&) {
      throw std::runtime_error{"boom"};
    };
  });
  send(at, 0, 2, "a");
  CHECK(run.status() == run_status::failed);
  REQUIRE(run.failure());
  CHECK(run.failure()->message == "the agent threw: boom");
  CHECK(other.status() == run_status::running);
  CHECK(count(at, core::event_kind::run_failed) == 1);
  CHECK(at.ask<core::member_list>(core::list_members{}).members.size() == 2);
}

TEST_CASE("an action that is refused and has no continuation fails the run") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"host"});
  auto run = start(at, "a", [](scripted_agent& agent) {
    agent.start = [](run_context& context) { context.acknowledge(100'000); };
  });
  CHECK(run.status() == run_status::failed);
  bool told = false;
  auto careful = start(at, "b", [&](scripted_agent& agent) {
    agent.start = [&](run_context& context) {
      context.acknowledge(100'000, [&](run_context&, const auto& what) { told = !what; });
    };
  });
  CHECK(careful.status() == run_status::running);
  CHECK(told);
}

TEST_CASE("cancel ends a run with run_cancelled") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"host"});
  auto run = start(at, "a", [](scripted_agent&) {});
  at.hold_store(true);
  run.cancel();
  at.settle();
  CHECK(run.status() == run_status::cancelling);
  at.hold_store(false);
  at.settle();
  CHECK(run.status() == run_status::cancelled);
  CHECK(count(at, core::event_kind::run_cancelled) == 1);
}

TEST_CASE("after a crash a run gets again what it had not acknowledged, never out of order") {
  const auto seed = GENERATE(1, 2, 3, 4);
  CAPTURE(seed);
  auto log = std::make_shared<stores::memory_log>();
  actors::engine_options options;
  options.limits.run_window = 4;
  std::vector<std::uint64_t> first;
  std::vector<std::uint64_t> second;
  const auto listen = [](std::vector<std::uint64_t>& got, std::size_t acknowledge) {
    return [&got, acknowledge](scripted_agent& agent) {
      agent.message = [&got, acknowledge](run_context& context, const core::inbox_entry& entry) {
        got.push_back(entry.sequence);
        if (got.size() <= acknowledge) context.acknowledge(entry.sequence);
      };
    };
  };
  {
    world at{std::make_unique<stores::memory_store>(log), static_cast<std::uint64_t>(seed),
             options};
    at.open({"host"});
    start(at, "a", listen(first, 7));
    send(at, 0, 30, "a");
  }
  REQUIRE(first.size() == 30);
  world at{std::make_unique<stores::memory_store>(log), static_cast<std::uint64_t>(seed), options};
  at.open();
  start(at, "a", listen(second, 1000));
  send(at, 30, 40, "a");
  REQUIRE(second.size() == 33);
  CHECK(std::is_sorted(second.begin(), second.end()));
  CHECK(std::equal(first.begin() + 7, first.end(), second.begin()));
}

TEST_CASE("the run gets a wake notice with what resume_with asks for") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"host"});
  std::vector<core::wake_notice> notices;
  auto run = start(at, "a", [&](scripted_agent& agent) {
    agent.start = [](run_context& context) {
      context.suspend(
          {.name = "started", .filter = kinds({core::event_kind::run_started}), .timeout = 1h});
      context.suspend({.name = "late",
                       .filter = kinds({core::event_kind::run_failed}),
                       .timeout = 2s,
                       .resume_with = core::resume_input_policy::none});
    };
    agent.wake = [&](run_context&, const core::wake_notice& notice) { notices.push_back(notice); };
  });
  at.pass(5s);
  REQUIRE(notices.size() == 2);
  CHECK(notices[0].status == core::wake_registration_status::triggered);
  CHECK(notices[0].resume_input.event_id);
  CHECK(notices[1].status == core::wake_registration_status::timed_out);
  CHECK(run.status() == run_status::running);
}

TEST_CASE("a wake that is final while its run still starts is told all the same") {
  const auto seed = GENERATE(range(1, 60));
  CAPTURE(seed);
  world at{std::make_unique<stores::memory_store>(), static_cast<std::uint64_t>(seed)};
  at.open({"host", "peer"});
  std::vector<core::wake_notice> notices;
  at.engine.register_agent(core::agent_id{"agent.a"}, [&](const core::run_id&) {
    auto made = std::make_unique<scripted_agent>();
    made->start = [&](run_context& context) {
      context.suspend({.name = "x", .filter = kinds({core::event_kind::run_message_delivered})});
    };
    made->wake = [&](run_context&, const core::wake_notice& told) { notices.push_back(told); };
    return made;
  });
  const inbox_of<actors::run_handle> started;
  at.engine.start_run({at.pool().id(), core::run_id{"run.a"}, core::agent_id{"agent.a"}, {}, {}},
                      started.take());
  for (int i = 0; i < 30; ++i) {
    at.pool().submit(core::send_message{message(std::to_string(i), "host", "peer")}, [](auto) {});
    at.steps(3);
  }
  at.settle();
  CHECK(notices.size() == 1);
}

TEST_CASE("a restarted run that waits again is told what became final before") {
  auto log = std::make_shared<stores::memory_log>();
  std::vector<core::wake_notice> notices;
  const auto fill = [&](scripted_agent& agent) {
    agent.start = [](run_context& context) {
      context.suspend({.name = "x", .filter = kinds({core::event_kind::run_message_failed})});
    };
    agent.wake = [&](run_context&, const core::wake_notice& notice) { notices.push_back(notice); };
  };
  for (int life = 1; life <= 3; ++life) {
    world at{std::make_unique<stores::memory_store>(log)};
    at.open({"host"});
    start(at, "a", fill);
    if (life == 1)
      at.ask<core::message_receipt>(core::send_message{message("1", "host", "nobody")});
    CHECK(notices.size() == static_cast<std::size_t>(life));
  }
}

TEST_CASE("a restarted run that sends again under the same name sends once") {
  auto log = std::make_shared<stores::memory_log>();
  for (int life = 0; life < 2; ++life) {
    world at{std::make_unique<stores::memory_store>(log)};
    at.open({"host"});
    start(at, "a", [&](scripted_agent& agent) {
      agent.start = [](run_context& context) {
        context.send({.name = "hello",
                      .to = core::to_run{core::run_id{"run.host"}},
                      .content_ref = core::content_ref{"content.hello"}});
      };
    });
    CHECK(at.ask<core::inbox_page>(unread("host")).entries.size() == 1);
  }
}

TEST_CASE("a run gets messages as fast as what it does for them is answered") {
  actors::engine_options options;
  options.limits.run_window = 8;
  options.limits.run_actions_max = 20;
  options.limits.requests_max = 10;
  options.limits.beyond_requests = actors::beyond_limit::hold;  // replies stand behind what is held
  world at{std::make_unique<stores::memory_store>(), 1, options};
  at.open({"host"});
  std::size_t got = 0;
  auto run = start(at, "a", [&](scripted_agent& agent) {
    agent.message = [&](run_context& context, const core::inbox_entry& entry) {
      ++got;
      context.reply(entry, core::content_ref{"content.answer"});
    };
  });
  for (int i = 0; i < 200; ++i)
    at.pool().submit(core::send_message{message(std::to_string(i), "host", "a")}, [](auto) {});
  at.settle();
  CHECK(run.status() == run_status::running);
  CHECK(got == 200);
  auto replies = unread("host");
  replies.max = 1'000;
  CHECK(at.ask<core::inbox_page>(replies).entries.size() == 200);
}

/// Sends message i, again whenever it is refused.
void send_at_any_cost(run_context& context, int i, std::vector<core::agent_error>& refusals) {
  context.send({.name = std::to_string(i),
                .to = core::to_run{core::run_id{"run.host"}},
                .content_ref = core::content_ref{"content.hello"}},
               [i, &refusals](run_context& next, const auto& receipt) {
                 if (receipt) return;
                 refusals.push_back(receipt.error());
                 send_at_any_cost(next, i, refusals);
               });
}

TEST_CASE("an agent that repeats at once what is refused has its way once there is room") {
  actors::engine_options options;
  options.limits.run_actions_max = 20;
  world at{std::make_unique<stores::memory_store>(), 1, options};
  at.open({"host"});
  std::vector<core::agent_error> refusals;
  auto run = start(at, "a", [&](scripted_agent& agent) {
    agent.start = [&](run_context& context) {
      for (int i = 0; i < 300; ++i) send_at_any_cost(context, i, refusals);
      CHECK(refusals.empty());  // told later, not inside the call
    };
  });
  CHECK(run.status() == run_status::running);
  CHECK(refusals.size() >= 280);
  CHECK(refusals.front().message.find("run_actions_max 20") != std::string::npos);
  auto sent = unread("host");
  sent.max = 2'000;
  CHECK(at.ask<core::inbox_page>(sent).entries.size() == 300);
}

TEST_CASE("beyond what may wait to be told, an agent that repeats at once fails its run") {
  actors::engine_options options;
  options.limits.run_actions_max = 2;
  world at{std::make_unique<stores::memory_store>(), 1, options};
  at.open({"host"});
  std::vector<core::agent_error> refusals;
  auto run = start(at, "a", [&](scripted_agent& agent) {
    agent.start = [&](run_context& context) {
      for (int i = 0; i < 1'000; ++i) send_at_any_cost(context, i, refusals);
    };
  });
  CHECK(run.status() == run_status::failed);
  REQUIRE(run.failure());
  CHECK(run.failure()->message.find("run_actions_max 2") != std::string::npos);
}

TEST_CASE("an agent that repeats for ever what an ending run refuses is told 32 times") {
  world at{std::make_unique<stores::memory_store>()};
  at.open({"host"});
  std::vector<core::agent_error> refusals;
  auto run = start(at, "a", [&](scripted_agent& agent) {
    agent.start = [&](run_context& context) {
      context.finish();
      send_at_any_cost(context, 1, refusals);
    };
  });
  CHECK(run.status() == run_status::completed);
  CHECK(refusals.size() == 32);
}

TEST_CASE("beyond runs_max a run is refused until another has ended") {
  actors::engine_options options;
  options.limits.runs_max = 2;
  options.limits.requests_max = 1;  // what runs ask is held, and never refused
  world at{std::make_unique<stores::memory_store>(), 1, options};
  at.open();
  auto first = start(at, "a", [](scripted_agent&) {});
  auto second = start(at, "b", [](scripted_agent&) {});
  const auto start_third = [&] {
    const inbox_of<actors::run_handle> started;
    at.engine.start_run({at.pool().id(), core::run_id{"run.c"}, core::agent_id{"agent.a"}, {}, {}},
                        started.take());
    at.settle();
    return started.only();
  };
  const auto refused = start_third();
  REQUIRE(!refused);
  CHECK(refused.error().message.find("runs_max 2") != std::string::npos);
  first.cancel();
  at.settle();
  CHECK(first.status() == run_status::cancelled);
  CHECK(start_third().ok());
}

TEST_CASE("two runs talk: a question with a response contract and its reply") {
  const auto seed = GENERATE(1, 2, 3, 4, 5, 6);
  CAPTURE(seed);
  world at{std::make_unique<stores::memory_store>(), static_cast<std::uint64_t>(seed)};
  at.open({"host"});
  auto answers = start(at, "answers", [](scripted_agent& agent) {
    agent.message = [](run_context& context, const core::inbox_entry& entry) {
      context.reply(entry, core::content_ref{"content.answer"});
      context.acknowledge(entry.sequence);
      context.finish();
    };
  });
  auto asks = start(at, "asks", [](scripted_agent& agent) {
    agent.start = [](run_context& context) {
      context.send({.name = "question",
                    .to = core::to_agent{core::agent_id{"agent.answers"}},
                    .content_ref = core::content_ref{"content.question"},
                    .response_contract = core::response_contract{1, 60'000}});
    };
    agent.message = [](run_context& context, const core::inbox_entry& entry) {
      if (entry.message.reply_to) context.finish();
    };
  });
  CHECK(answers.status() == run_status::completed);
  CHECK(asks.status() == run_status::completed);
  CHECK(count(at, core::event_kind::run_message_responded) == 1);
}
