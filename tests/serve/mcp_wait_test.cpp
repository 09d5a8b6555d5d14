// Waiting: nothing that happens is lost, before, between and after calls, and lives of the server.
#include "mcp_kit.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

/// A server with two runs, each over a session of its own.
struct pair_of_runs {
  explicit pair_of_runs(served made) : server{std::move(made)}, a{server}, b{server} {}
  json wait(const json& more) { return structured(a.call("pool_wait", also(me, more))); }
  json send(const std::string& text) {
    return structured(b.call("pool_send", also(you, {{"to", {{"run", "run.a"}}}, {"text", text}})));
  }
  void publish(const std::string& id, const std::string& kind) const {
    json event = run_event(id, "run.b", kind);
    event["envelope"]["agent_id"] = "agent.assistant";
    server.result("publish_event", {{"pool_id", "pool.a"}, {"event", event}},
                  {{"Agentpool-Session-Token", you["session_token"]}});
  }
  served server;
  mcp_session a;
  mcp_session b;
  json me = joined(a, "run.a");
  json you = joined(b, "run.b");
};

const json for_message{{"for", {{"message", true}}}};
const json for_checkpoint{{"for", {{"kinds", {"run_checkpointed"}}}}};

}  // namespace

TEST_CASE("who waits is woken once by a message, and not again once it has acknowledged") {
  pair_of_runs runs{served::in_memory()};
  runs.a.begin("pool_wait", also(runs.me, for_message));
  CHECK(runs.a.client().quiet_for(milliseconds{50}));
  runs.send("hello");
  const auto woken = structured(runs.a.answer());
  CHECK(woken["status"] == "woken");
  REQUIRE(woken["messages"].size() == 1);
  CHECK(woken["messages"][0]["text"] == "hello");
  structured(
      runs.a.call("pool_ack", also(runs.me, {{"sequence", woken["messages"][0]["sequence"]}})));
  CHECK(runs.wait(also(for_message, {{"timeout_seconds", 0}}))["status"] == "timed_out");
}

TEST_CASE("a message outlives a SIGKILL between its sending and its acknowledgement") {
  const support::temporary_directory folder;
  auto server = served::on(folder.file("pools.sqlite"));
  json me;
  {
    mcp_session a{server};
    mcp_session b{server};
    me = joined(a, "run.a");
    const auto you = joined(b, "run.b");
    structured(b.call("pool_send", also(you, {{"to", {{"run", "run.a"}}}, {"text", "hello"}})));
    CHECK(structured(a.call("pool_wait", also(me, for_message)))["messages"].size() == 1);
  }
  server.restart();
  mcp_session a{server};
  const auto again = structured(a.call("pool_wait", also(me, for_message)));
  REQUIRE(again["messages"].size() == 1);
  structured(a.call("pool_ack", also(me, {{"sequence", again["messages"][0]["sequence"]}})));
  server.restart();
  mcp_session late{server};
  CHECK(structured(late.call("pool_wait",
                             also(me, also(for_message, {{"timeout_seconds", 0}}))))["status"] ==
        "timed_out");
}

TEST_CASE("a wait for an event is woken after a SIGKILL, too, by its key or its cursor") {
  const support::temporary_directory folder;
  pair_of_runs runs{served::on(folder.file("pools.sqlite"))};
  const auto keyed = also(for_checkpoint, {{"idempotency_key", "wait.1"}});
  runs.a.begin("pool_wait", also(runs.me, keyed));
  const auto end = std::chrono::steady_clock::now() + answer_wait_max;
  while (structured(runs.b.call("pool_status", {{"pool_id", "pool.a"}}))["waits"].empty())
    REQUIRE(std::chrono::steady_clock::now() < end);
  runs.server.restart();
  runs.publish("event.1", "run_checkpointed");
  mcp_session a{runs.server};
  const auto woken = structured(a.call("pool_wait", also(runs.me, keyed)));
  CHECK(woken["status"] == "woken");
  CHECK(woken["event_id"] == "event.1");
  CHECK(woken["event_run"] == "run.b");
  CHECK(structured(a.call("pool_wait", also(runs.me, keyed))) == woken);
}

TEST_CASE("a run's end wakes who waits for it, be it left or completed") {
  pair_of_runs runs{served::in_memory()};
  runs.a.begin("pool_wait", also(runs.me, {{"for", {{"run_end", "run.b"}}}}));
  CHECK(runs.a.client().quiet_for(milliseconds{50}));
  runs.publish("event.end", "run_completed");
  CHECK(structured(runs.a.answer())["event_id"] == "event.end");
  runs.a.begin("pool_wait", also(runs.me, {{"for", {{"run_end", "run.b"}}}}));
  CHECK(runs.a.client().quiet_for(milliseconds{50}));
  structured(runs.b.call("pool_leave", runs.you));
  const auto left = structured(runs.a.answer());
  CHECK(left["event"].get<std::string>().rfind("agent_pool_run_left of run.b", 0) == 0);
}

TEST_CASE("every event wakes once and in order, also those exactly between two calls") {
  pair_of_runs runs{served::in_memory()};
  for (int i = 0; i < 3; ++i) runs.publish("event." + std::to_string(i), "run_checkpointed");
  for (int i = 0; i < 3; ++i)
    CHECK(runs.wait(for_checkpoint)["event_id"] == "event." + std::to_string(i));
  runs.publish("event.3", "run_checkpointed");
  runs.publish("event.4", "run_checkpointed");
  CHECK(runs.wait(for_checkpoint)["event_id"] == "event.3");
  CHECK(runs.wait(for_checkpoint)["event_id"] == "event.4");
  CHECK(runs.wait(also(for_checkpoint, {{"timeout_seconds", 0}}))["status"] == "timed_out");
}

TEST_CASE("a wait times out by itself") {
  pair_of_runs runs{served::in_memory()};
  CHECK(runs.wait(also(for_message, {{"timeout_seconds", 1}}))["status"] == "timed_out");
  CHECK(runs.wait(also(for_checkpoint, {{"timeout_seconds", 1}}))["status"] == "timed_out");
}

TEST_CASE("when the server ends, who waits gets a cursor, and goes on from it at the next one") {
  const support::temporary_directory folder;
  pair_of_runs runs{served::on(folder.file("pools.sqlite"))};
  mcp_session second{runs.server};
  runs.a.begin("pool_wait", also(runs.me, for_checkpoint));
  second.begin("pool_wait", also(runs.me, for_message));
  CHECK(runs.a.client().quiet_for(milliseconds{100}));
  CHECK(second.client().quiet_for(milliseconds{100}));
  CHECK(runs.server.end().exit_code == 0);
  const auto event_wait = structured(runs.a.answer());
  const auto message_wait = structured(second.answer());
  CHECK(event_wait["status"] == "waiting");
  CHECK(message_wait["status"] == "waiting");
  runs.server.restart();
  mcp_session b{runs.server};
  structured(b.call("pool_send", also(runs.you, {{"to", {{"run", "run.a"}}}, {"text", "hello"}})));
  runs.publish("event.1", "run_checkpointed");
  mcp_session a{runs.server};
  const auto go_on = [&](const json& from) {
    return structured(a.call("pool_wait", also(runs.me, {{"cursor", from["cursor"]}})));
  };
  CHECK(go_on(event_wait)["event_id"] == "event.1");
  CHECK(go_on(message_wait)["messages"][0]["text"] == "hello");
}

TEST_CASE("whoever goes on from the messages that it got gets those that came after them") {
  pair_of_runs runs{served::in_memory()};
  runs.send("one");
  const auto first = runs.wait(for_message);
  CHECK(first["messages"].size() == 1);
  runs.send("two");
  const auto second = runs.wait({{"cursor", first["cursor"]}});
  REQUIRE(second["messages"].size() == 1);
  CHECK(second["messages"][0]["text"] == "two");
}

TEST_CASE("what happened in a wait whose answer was lost is told by the same wait again") {
  const support::temporary_directory folder;
  pair_of_runs runs{served::on(folder.file("pools.sqlite"))};
  const auto is_waiting = [&](auto& client) {
    const auto end = std::chrono::steady_clock::now() + answer_wait_max;
    while (structured(client.call("pool_status", {{"pool_id", "pool.a"}}))["waits"].empty())
      REQUIRE(std::chrono::steady_clock::now() < end);
  };
  runs.a.begin("pool_wait", also(runs.me, for_checkpoint));
  is_waiting(runs.b);
  runs.server.restart();
  runs.publish("event.1", "run_checkpointed");
  mcp_session a{runs.server};
  CHECK(structured(a.call("pool_wait", also(runs.me, for_checkpoint)))["event_id"] == "event.1");
  // A client that closes its connection, and one that says it a second time.
  {
    mcp_session gone{runs.server};
    gone.begin("pool_wait", also(runs.me, for_checkpoint));
    is_waiting(a);
  }
  runs.publish("event.2", "run_checkpointed");
  CHECK(structured(a.call("pool_wait", also(runs.me, for_checkpoint)))["event_id"] == "event.2");
  // And one that takes its call back.
  auto other = runs.server.client();
  const json params{{"name", "pool_wait"}, {"arguments", also(runs.me, for_checkpoint)}};
  other.send({"POST", "/mcp", a.headers(), rpc_request(99, "tools/call", params).dump()});
  is_waiting(a);
  a.post(
      {{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", 99}}}});
  runs.publish("event.3", "run_checkpointed");
  CHECK(structured(a.call("pool_wait", also(runs.me, for_checkpoint)))["event_id"] == "event.3");
  CHECK(structured(a.call("pool_wait", also(runs.me, also(for_checkpoint,
                                                          {{"timeout_seconds", 1}}))))["status"] ==
        "timed_out");
}

TEST_CASE("a second request of an id that is under way is refused") {
  pair_of_runs runs{served::in_memory()};
  const json params{{"name", "pool_wait"}, {"arguments", also(runs.me, for_message)}};
  const auto ask = rpc_request("one", "tools/call", params).dump();
  auto waiting = runs.server.client();
  waiting.send({"POST", "/mcp", runs.a.headers(), ask});
  CHECK(waiting.quiet_for(milliseconds{50}));
  auto second = runs.server.client();
  const auto refused = second.ask({"POST", "/mcp", runs.a.headers(), ask}).parsed();
  CHECK(refused["error"]["code"] == -32600);
  runs.send("hello");
  CHECK(structured(waiting.answer().parsed())["messages"].size() == 1);
}

TEST_CASE("joining again forgets nothing that happened since the first join") {
  pair_of_runs runs{served::in_memory()};
  runs.publish("event.1", "run_checkpointed");
  const auto again = structured(runs.a.call("pool_join", runs.me));
  CHECK(again["resumed"] == true);
  CHECK(again["session_token"] == runs.me["session_token"]);
  CHECK(runs.wait(also(for_checkpoint, {{"timeout_seconds", 0}}))["event_id"] == "event.1");
}

TEST_CASE("a wait for a message is seen by who asks who waits") {
  pair_of_runs runs{served::in_memory()};
  runs.a.begin("pool_wait", also(runs.me, for_message));
  const auto end = std::chrono::steady_clock::now() + answer_wait_max;
  json waits;
  while ((waits = structured(runs.b.call("pool_status", {{"pool_id", "pool.a"}}))["waits"]).empty())
    REQUIRE(std::chrono::steady_clock::now() < end);
  CHECK(waits[0]["run_id"] == "run.a");
  CHECK(waits[0]["waits_for"] == "a message in its inbox");
  const auto because =
      structured(runs.b.call("pool_why", {{"pool_id", "pool.a"}, {"run_id", "run.a"}}))["because"];
  CHECK(because[0].get<std::string>().rfind("run.a waits for a message in its inbox", 0) == 0);
}

TEST_CASE("a cursor is good for its run and pool, and after messages came it waits anew") {
  pair_of_runs runs{served::in_memory()};
  runs.send("one");
  const auto first = runs.wait(also(for_message, {{"timeout_seconds", 0}}));
  REQUIRE(first["status"] == "woken");
  const json cursor{{"cursor", first["cursor"]}};
  CHECK(failed(runs.b.call("pool_wait", also(runs.you, cursor))));
  runs.a.begin("pool_wait", also(runs.me, cursor));
  CHECK(runs.a.client().quiet_for(milliseconds{100}));
  runs.send("two");
  CHECK(structured(runs.a.answer())["messages"][0]["text"] == "two");
}

TEST_CASE("a wait for two things at once, or for none, is refused in words") {
  pair_of_runs runs{served::in_memory()};
  for (const json& target :
       {json{{"message", true}, {"run_end", "run.b"}}, json{{"message", true}, {"runs", {"run.b"}}},
        json::object(), json{{"run_end", "run.b"}, {"kinds", {"run_checkpointed"}}}}) {
    const auto answer = runs.a.call("pool_wait", also(runs.me, {{"for", target}}));
    CHECK(failed(answer));
    CHECK(words(answer).rfind("for: ", 0) == 0);
  }
}

TEST_CASE("keys are their run's own") {
  pair_of_runs runs{served::in_memory()};
  const json step{{"idempotency_key", "step-1"}, {"text", "hello"}};
  const auto to = [](const std::string& run) { return json{{"to", {{"run", run}}}}; };
  const auto a = structured(runs.a.call("pool_send", also(runs.me, also(step, to("run.b")))));
  const auto b = structured(runs.b.call("pool_send", also(runs.you, also(step, to("run.a")))));
  CHECK(a["message_id"] != b["message_id"]);
  CHECK(structured(runs.a.call("pool_send", also(runs.me, also(step, to("run.b"))))) == a);
}

TEST_CASE("a cursor that is made up takes nothing from whose wait it is") {
  const support::temporary_directory folder;
  pair_of_runs runs{served::on(folder.file("pools.sqlite"))};
  runs.a.begin("pool_wait", also(runs.me, for_checkpoint));
  runs.b.begin("pool_wait", also(runs.you, for_checkpoint));
  CHECK(runs.a.client().quiet_for(milliseconds{100}));
  CHECK(runs.b.client().quiet_for(milliseconds{100}));
  CHECK(runs.server.end().exit_code == 0);
  const std::string mine = structured(runs.a.answer())["cursor"];
  const std::string other = structured(runs.b.answer())["cursor"];
  // "wake:", whose it is, and what it is for.
  const auto whose = std::string{"wake:"}.size() + 17;
  const auto made_up = other.substr(0, whose) + mine.substr(whose);
  runs.server.restart();
  runs.publish("event.1", "run_checkpointed");
  mcp_session b{runs.server};
  CHECK(failed(b.call("pool_wait", also(runs.you, {{"cursor", made_up}}))));
  mcp_session a{runs.server};
  CHECK(structured(a.call("pool_wait", also(runs.me, for_checkpoint)))["event_id"] == "event.1");
}

TEST_CASE("each wait for the same has its own time, whatever a lost one had") {
  pair_of_runs runs{served::in_memory()};
  const auto lost = [&](int seconds) {
    mcp_session client{runs.server};
    client.begin("pool_wait", also(runs.me, also(for_checkpoint, {{"timeout_seconds", seconds}})));
    CHECK(client.client().quiet_for(milliseconds{50}));
  };
  SECTION("one that was to be longer") {
    lost(3'600);
    const auto begun = std::chrono::steady_clock::now();
    CHECK(runs.wait(also(for_checkpoint, {{"timeout_seconds", 1}}))["status"] == "timed_out");
    CHECK(std::chrono::steady_clock::now() - begun >= milliseconds{1'000});
    runs.publish("event.1", "run_checkpointed");
    CHECK(runs.wait(for_checkpoint)["event_id"] == "event.1");
  }
  SECTION("one that was to be shorter") {
    lost(1);
    runs.a.begin("pool_wait", also(runs.me, for_checkpoint));
    CHECK(runs.a.client().quiet_for(milliseconds{1'500}));
    runs.publish("event.1", "run_checkpointed");
    CHECK(structured(runs.a.answer())["event_id"] == "event.1");
  }
}

TEST_CASE("who joins a run anew is not told what the one before it waited for") {
  pair_of_runs runs{served::in_memory()};
  // With a key the condition has to be the same, its timeout too.
  const json for_end{{"for", {{"run_end", "run.b"}}}, {"timeout_seconds", 2}};
  const auto keyed = also(for_end, {{"idempotency_key", "wait.1"}});
  for (const auto& wait : {for_end, keyed}) {
    mcp_session lost{runs.server};
    lost.begin("pool_wait", also(runs.me, wait));
    CHECK(lost.client().quiet_for(milliseconds{50}));
  }
  structured(runs.b.call("pool_leave", runs.you));
  structured(runs.a.call("pool_leave", runs.me));
  joined(runs.b, "run.b");
  mcp_session next{runs.server};
  const auto me = joined(next, "run.a");
  CHECK(structured(next.call("pool_wait", also(me, for_end)))["status"] == "timed_out");
  CHECK(structured(next.call("pool_wait", also(me, keyed)))["status"] == "timed_out");
}

TEST_CASE("a wait that is taken back over HTTP ends at once") {
  pair_of_runs runs{served::in_memory()};
  runs.a.begin("pool_wait", also(runs.me, for_message));
  runs.server.until("waiting", 1);
  const json taken_back{{"requestId", runs.a.last_id()}};
  const json note{
      {"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", taken_back}};
  CHECK(runs.server.ask({"POST", "/mcp", runs.a.headers(), note.dump()}).status == 202);
  CHECK(runs.a.client().answer().status == 202);
  // The pool waits on, for the rest of its part.
  CHECK(runs.server.holds("waiting", 1));
}
