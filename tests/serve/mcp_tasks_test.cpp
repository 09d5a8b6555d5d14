// Calls that go on while nobody waits for them, in both eras and over lives of the server.
#include "mcp_kit.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

const json for_message{{"for", {{"message", true}}}};

json task_params(const json& arguments, const json& task = json::object()) {
  return {{"name", "pool_wait"}, {"arguments", arguments}, {"task", task}};
}

/// Asks until the task is not working any more.
template <class Ask>
json finished(const Ask& get) {
  const auto end = std::chrono::steady_clock::now() + answer_wait_max;
  for (;;) {
    json task = get();
    if (task["status"] != "working") return task;
    if (std::chrono::steady_clock::now() > end) throw std::runtime_error{"still: " + task.dump()};
  }
}

void send_to(mcp_session& session, const std::string& run) {
  const auto you = joined(session, "run.sender");
  structured(session.call("pool_send", also(you, {{"to", {{"run", run}}}, {"text", "hello"}})));
}

}  // namespace

TEST_CASE("a wait as a task is asked for, awaited and listed by its session") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  const auto made = session.request(
      "tools/call", task_params(also(me, for_message), {{"ttl", 600'000}}))["result"];
  const json& task = made["task"];
  CHECK(task["status"] == "working");
  CHECK(task["ttl"] == 600'000);
  const json id{{"taskId", task["taskId"]}};
  CHECK(session.request("tasks/get", id)["result"]["status"] == "working");
  CHECK(session.request("tasks/list", json::object())["result"]["tasks"].size() == 1);
  auto waiting = server.client();
  waiting.send({"POST", "/mcp", session.headers(), rpc_request("late", "tasks/result", id).dump()});
  CHECK(waiting.quiet_for(milliseconds{50}));
  mcp_session other{server};
  // Callers that nobody can tell apart do not see each other's tasks.
  CHECK(other.request("tasks/list", json::object())["result"]["tasks"].empty());
  send_to(other, "run.a");
  const auto result = waiting.answer().parsed()["result"];
  CHECK(result["structuredContent"]["messages"][0]["text"] == "hello");
  CHECK(result["_meta"]["io.modelcontextprotocol/related-task"]["taskId"] == task["taskId"]);
  CHECK(session.request("tasks/get", id)["result"]["status"] == "completed");
  CHECK(session.request("tasks/cancel", id)["error"]["code"] == -32602);
}

TEST_CASE("a task is cancelled once, and has no result then") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  const auto made = session.request("tools/call", task_params(also(me, for_message)))["result"];
  const json id{{"taskId", made["task"]["taskId"]}};
  CHECK(session.request("tasks/cancel", id)["result"]["status"] == "cancelled");
  CHECK(session.request("tasks/cancel", id)["error"]["code"] == -32602);
  CHECK(session.request("tasks/result", id)["error"]["code"] == -32602);
}

TEST_CASE("wrong arguments are told at once, and make no task") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  for (const json& wrong : {json{{"for", {{"run_end", "run.none"}}}}, json{{"for", json::object()}},
                            json{{"nonsense", 1}}}) {
    INFO(wrong.dump());
    const auto refused = session.request("tools/call", task_params(also(me, wrong)));
    CHECK(refused["error"]["code"] == -32602);
    CHECK_FALSE(refused["error"]["message"].get<std::string>().empty());
    CHECK(failed(server.ask(modern_call("pool_wait", also(me, wrong), true)).parsed()));
  }
  CHECK(session.request("tasks/list", json::object())["result"]["tasks"].empty());
}

TEST_CASE("a task that fails is failed in one era, completed in the other") {
  const support::temporary_directory folder;
  auto server = served::on(folder.file("pools.sqlite"));
  json id;
  {
    mcp_session session{server};
    const auto me = joined(session, "run.a");
    const auto made = session.request("tools/call", task_params(also(me, for_message)))["result"];
    id = {{"taskId", made["task"]["taskId"]}};
    structured(session.call("pool_leave", me));
  }
  // Another has the run by the time that the task is gone on with.
  server.restart();
  mcp_session session{server};
  static_cast<void>(joined(session, "run.a"));
  mcp_session other{server};
  const auto failed_task = finished([&] { return other.request("tasks/get", id)["result"]; });
  CHECK(failed_task["status"] == "failed");
  CHECK(failed(other.request("tasks/result", id)));
  const auto modern =
      server.ask(modern_ask("tasks/get", id, id["taskId"], true)).parsed()["result"];
  CHECK(modern["status"] == "completed");
  CHECK(modern["result"]["isError"] == true);
}

TEST_CASE("a tool that does not wait is no task, and unknown tasks are nobody's") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const json params{
      {"name", "pool_members"}, {"arguments", {{"pool_id", "pool.a"}}}, {"task", json::object()}};
  CHECK(session.request("tools/call", params)["error"]["code"] == -32601);
  const json none{{"taskId", "no.such.task"}};
  for (const char* const method : {"tasks/get", "tasks/result", "tasks/cancel"})
    CHECK(session.request(method, none)["error"]["code"] == -32602);
  CHECK(session.request("tasks/get", json::object())["error"]["code"] == -32602);
  mcp_session older{server, {}, "2025-06-18"};
  const auto me = joined(older, "run.a");
  const auto plain = older.request(
      "tools/call", task_params(also(me, also(for_message, {{"timeout_seconds", 0}}))));
  CHECK(structured(plain)["status"] == "timed_out");
}

TEST_CASE("a modern client that knows tasks is answered with one, and others with the result") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  const json soon = also(me, also(for_message, {{"timeout_seconds", 0}}));
  CHECK(structured(server.ask(modern_call("pool_wait", soon)).parsed())["status"] == "timed_out");
  const auto made =
      server.ask(modern_call("pool_wait", also(me, for_message), true)).parsed()["result"];
  CHECK(made["resultType"] == "task");
  CHECK(made["status"] == "working");
  CHECK(made["ttlMs"].is_number());
  CHECK_FALSE(made.contains("task"));
  const std::string id = made["taskId"];
  const auto get = [&] {
    return server.ask(modern_ask("tasks/get", {{"taskId", id}}, id, true)).parsed()["result"];
  };
  CHECK(get()["resultType"] == "complete");
  const auto bare = server.ask(modern_ask("tasks/get", {{"taskId", id}}, id));
  CHECK(bare.status == 400);
  CHECK(bare.parsed()["error"]["code"] == -32021);
  CHECK(bare.parsed()["error"]["data"]["requiredCapabilities"].contains("extensions"));
  const auto updated = server.ask(
      modern_ask("tasks/update", {{"taskId", id}, {"inputResponses", json::object()}}, id, true));
  CHECK(updated.parsed()["result"]["resultType"] == "complete");
  mcp_session other{server};
  send_to(other, "run.a");
  const auto done = finished(get);
  CHECK(done["status"] == "completed");
  CHECK(done["result"]["structuredContent"]["messages"][0]["text"] == "hello");
  const auto late = server.ask(modern_ask("tasks/cancel", {{"taskId", id}}, id, true));
  CHECK(late.parsed()["result"]["resultType"] == "complete");
}

TEST_CASE("a task goes on after a SIGKILL of the server, for whoever has its id") {
  const support::temporary_directory folder;
  auto server = served::on(folder.file("pools.sqlite"));
  json me;
  std::string id;
  {
    mcp_session session{server};
    me = joined(session, "run.a");
    // The session remembers the run's token, the task takes it along.
    const json bare{{"pool_id", "pool.a"}, {"run_id", "run.a"}};
    id = session.request("tools/call",
                         task_params(also(bare, for_message)))["result"]["task"]["taskId"];
  }
  server.restart();
  mcp_session session{server};
  CHECK(session.request("tasks/get", {{"taskId", id}})["result"]["status"] == "working");
  send_to(session, "run.a");
  const auto result = session.request("tasks/result", {{"taskId", id}})["result"];
  CHECK(result["structuredContent"]["messages"][0]["text"] == "hello");
}

TEST_CASE("a task that ended has ended for every server on the store, also after a SIGKILL") {
  const support::temporary_directory folder;
  auto server = served::on(folder.file("pools.sqlite"));
  json cancelled;
  json completed;
  {
    mcp_session session{server};
    const auto me = joined(session, "run.a");
    const auto begun = [&] {
      const auto made = session.request("tools/call", task_params(also(me, for_message)));
      return json{{"taskId", made["result"]["task"]["taskId"]}};
    };
    cancelled = begun();
    CHECK(session.request("tasks/cancel", cancelled)["result"]["status"] == "cancelled");
    mcp_pipe pipe{"sqlite:" + folder.file("pools.sqlite")};
    pipe.greet();
    CHECK(pipe.request("tasks/get", cancelled)["result"]["status"] == "cancelled");
    completed = begun();
    mcp_session other{server};
    send_to(other, "run.a");
    const auto woken = session.request("tasks/result", completed)["result"]["structuredContent"];
    structured(
        session.call("pool_ack", also(me, {{"sequence", woken["messages"][0]["sequence"]}})));
  }
  server.restart();
  mcp_session session{server};
  CHECK(session.request("tasks/get", cancelled)["result"]["status"] == "cancelled");
  CHECK(session.request("tasks/get", completed)["result"]["status"] == "completed");
  const auto again = session.request("tasks/result", completed)["result"]["structuredContent"];
  CHECK(again["messages"][0]["text"] == "hello");
}

TEST_CASE("a task goes on after the server was asked to end") {
  const support::temporary_directory folder;
  const auto file = folder.file("pools.sqlite");
  json id;
  {
    auto server = served::on(file);
    mcp_session session{server};
    const auto me = joined(session, "run.a");
    const auto made = session.request("tools/call", task_params(also(me, for_message)))["result"];
    id = {{"taskId", made["task"]["taskId"]}};
    CHECK(server.end().exit_code == 0);
  }
  const auto server = served::on(file);
  mcp_session session{server};
  CHECK(session.request("tasks/get", id)["result"]["status"] == "working");
  send_to(session, "run.a");
  const auto result = session.request("tasks/result", id)["result"];
  CHECK(result["structuredContent"]["messages"][0]["text"] == "hello");
}

TEST_CASE("what a cancelled task waited for is left to the next wait for the same") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  mcp_session other{server};
  const auto you = joined(other, "run.b");
  const json for_end{{"for", {{"run_end", "run.b"}}}};
  const auto made = session.request("tools/call", task_params(also(me, for_end)))["result"];
  const json id{{"taskId", made["task"]["taskId"]}};
  CHECK(session.request("tasks/cancel", id)["result"]["status"] == "cancelled");
  CHECK(structured(session.call("pool_status", {{"pool_id", "pool.a"}}))["waits"].empty());
  structured(other.call("pool_leave", you));
  const auto woken = structured(session.call("pool_wait", also(me, for_end)));
  CHECK(woken["status"] == "woken");
  CHECK(woken["event_run"] == "run.b");
}

TEST_CASE("a task is known for as long as its client asked, but never less than its wait") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  const auto ttl = [&](int seconds, const json& task) {
    const auto made = session.request(
        "tools/call",
        task_params(also(me, also(for_message, {{"timeout_seconds", seconds}})), task));
    return made["result"]["task"];
  };
  CHECK(ttl(7'200, json::object())["ttl"] == 10'800'000);
  CHECK(ttl(7'200, {{"ttl", 1'000}})["ttl"] == 7'200'000);
  const json modern = also(me, also(for_message, {{"timeout_seconds", 7'200}}));
  CHECK(server.ask(modern_call("pool_wait", modern, true)).parsed()["result"]["ttlMs"] ==
        10'800'000);
  const auto made = ttl(1, {{"ttl", 1'000}});
  CHECK(made["ttl"] == 1'000);
  const json id{{"taskId", made["taskId"]}};
  CHECK(session.request("tasks/result", id)["result"]["structuredContent"]["status"] ==
        "timed_out");
  const auto end = std::chrono::steady_clock::now() + answer_wait_max;
  while (session.request("tasks/get", id).contains("result"))
    REQUIRE(std::chrono::steady_clock::now() < end);
  CHECK(session.request("tasks/get", id)["error"]["code"] == -32602);
}

TEST_CASE("a task's result that is awaited does not hold up the server's end") {
  auto server = served::in_memory();
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  const auto made = session.request("tools/call", task_params(also(me, for_message)))["result"];
  auto waiting = server.client();
  waiting.send({"POST", "/mcp", session.headers(),
                rpc_request("late", "tasks/result", {{"taskId", made["task"]["taskId"]}}).dump()});
  CHECK(waiting.quiet_for(milliseconds{100}));
  server.process().send_signal(SIGTERM);
  const auto ended = server.process().ended_within(milliseconds{8'000});
  REQUIRE(ended);
  CHECK(ended->exit_code == 0);
  CHECK(waiting.answer().parsed()["error"]["message"].get<std::string>().find("ask again") !=
        std::string::npos);
}

TEST_CASE(
    "who awaits a task's result is let go when he takes that back, and soon when he is gone") {
  const auto server = served::in_memory({"--waiting", "8"});
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  const auto made = session.request("tools/call", task_params(also(me, for_message)))["result"];
  const json id{{"taskId", made["task"]["taskId"]}};
  const auto awaiting = [&](const std::string& name) {
    auto client = server.client();
    client.send({"POST", "/mcp", session.headers(), rpc_request(name, "tasks/result", id).dump()});
    return client;
  };
  for (const std::string name : {"first", "second", "third", "fourth"}) {
    auto client = awaiting(name);
    server.until("waiting", 1);
    const json taken_back{{"requestId", name}};
    session.post(
        {{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", taken_back}});
    CHECK(client.answer().status == 202);
    session.request("ping", json::object());
  }
  for (int i = 0; i < 20; ++i) {
    auto client = awaiting("gone." + std::to_string(i));
    CHECK(client.quiet_for(milliseconds{20}));
  }
  auto last = awaiting("last");
  CHECK(last.quiet_for(milliseconds{20}));
  send_to(session, "run.a");
  CHECK(last.answer().parsed()["result"]["structuredContent"]["status"] == "woken");
}

TEST_CASE("a task that waits for a message as who may not is none") {
  const auto server = served::in_memory();
  mcp_session session{server};
  joined(session, "run.a");
  for (const json& who : {json{{"pool_id", "pool.a"}, {"run_id", "run.nobody"}},
                          json{{"pool_id", "pool.never"}, {"run_id", "run.a"}}}) {
    mcp_session other{server};
    const auto answer = other.request("tools/call", task_params(also(who, for_message)));
    INFO(answer.dump());
    CHECK(answer.contains("error"));
  }
}

TEST_CASE("of equal waits of one run only that ends whose task is cancelled") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  const auto you = joined(session, "run.b");
  const auto wait = also(me, {{"for", {{"run_end", "run.b"}}}});
  mcp_session plain{server};
  plain.begin("pool_wait", wait);
  CHECK(plain.client().quiet_for(milliseconds{50}));
  const auto task = [&] {
    return json{
        {"taskId", session.request("tools/call", task_params(wait))["result"]["task"]["taskId"]}};
  };
  const auto one = task();
  const auto other = task();
  CHECK(session.request("tasks/cancel", one)["result"]["status"] == "cancelled");
  CHECK(plain.client().quiet_for(milliseconds{100}));
  CHECK(session.request("tasks/get", other)["result"]["status"] == "working");
  structured(session.call("pool_leave", you));
  CHECK(structured(plain.answer())["event_run"] == "run.b");
  CHECK(session.request("tasks/result", other)["result"]["structuredContent"]["status"] == "woken");
}
