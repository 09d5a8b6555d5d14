// The server with pools at a node: the same questions, the same answers.
#include "mcp_kit.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

/// `agentpool node`; where it listens.
struct node {
  explicit node(const std::string& store)
      : process{{support::program().string(), {"node", "--store", store}}} {
    const auto line = process.line();
    const std::string begin = "listening on ";
    if (!line || line->rfind(begin, 0) != 0) throw std::runtime_error{"the node did not start"};
    at = line->substr(begin.size());
  }
  support::process process;
  std::string at;
};

}  // namespace

TEST_CASE(
    "runs are joined, talk and wait at a node through a server, also after it was restarted") {
  const support::temporary_directory folder;
  node at{"sqlite:" + folder.file("pools.sqlite")};
  served server{{"--connect", at.at, "--listen", "127.0.0.1:0"}};
  CHECK(server.ask({"GET", "/readyz"}).status == 200);
  server.open_pool();
  const auto a = server.join("run.a");
  const auto b = server.join("run.b");
  const fields as_a{{"Agentpool-Session-Token", a}};
  const fields as_b{{"Agentpool-Session-Token", b}};
  const auto sent = [&](const std::string& name) {
    return json{{"pool_id", "pool.a"}, {"message", message(name, "run.a", "run.b")}};
  };
  auto waiting = server.client();
  waiting.send({"GET", "/pools/pool.a/members/run.b/inbox?wait_millis=60000", as_b});
  CHECK(server.rpc("send", sent("1"))["error"]["data"]["kind"] == "PolicyDenial");
  CHECK(server.result("send", sent("1"), as_a)["status"] == "delivered");
  CHECK(waiting.answer().parsed()["entries"].size() == 1);
  auto stream = server.client();
  stream.open_stream({"GET", "/pools/pool.a/events?family=agent_pool", sse});
  std::string last;
  for (int i = 0; i < 3; ++i) last = stream.event().value().id;
  server.restart();
  auto again = server.client();
  auto headers = sse;
  headers.emplace_back("Last-Event-ID", last);
  again.open_stream({"GET", "/pools/pool.a/events?family=agent_pool", headers});
  const auto next = again.event().value();
  CHECK(std::stoul(next.id) > std::stoul(last));
  CHECK(server.rpc("send", sent("2")).contains("error"));
  CHECK(server.result("send", sent("2"), as_a)["status"] == "delivered");
  const auto page = server.get("/pools/pool.a/members/run.b/inbox", as_b);
  CHECK(page["entries"].size() == 2);
  CHECK(server.end().exit_code == 0);
}

TEST_CASE("MCP's tools do at a node what they do on a store") {
  node at{"memory"};
  served server{{"--connect", at.at, "--listen", "127.0.0.1:0"}};
  mcp_session a{server};
  mcp_session b{server};
  const auto me = joined(a, "run.a");
  const auto you = joined(b, "run.b");
  a.begin("pool_wait", also(me, {{"for", {{"message", true}}}}));
  CHECK(a.client().quiet_for(milliseconds{100}));
  structured(b.call("pool_send", also(you, {{"to", {{"run", "run.a"}}}, {"text", "hello"}})));
  const auto woken = structured(a.answer());
  CHECK(woken["messages"][0]["text"] == "hello");
  const auto made =
      a.request("tools/call", {{"name", "pool_wait"},
                               {"arguments", also(me, {{"for", {{"run_end", "run.b"}}}})},
                               {"task", json::object()}})["result"];
  structured(b.call("pool_leave", you));
  const auto ended = a.request("tasks/result", {{"taskId", made["task"]["taskId"]}})["result"];
  CHECK(ended["structuredContent"]["status"] == "woken");
  CHECK(server.end().exit_code == 0);
}
