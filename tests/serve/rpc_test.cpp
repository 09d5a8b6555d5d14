// JSON-RPC over HTTP: who may act as which run, and what messages tell of their senders.
#include <algorithm>

#include "served.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

json send_params(const std::string& name, const std::string& from, const std::string& to) {
  return {{"pool_id", "pool.a"}, {"message", message(name, from, to)}};
}

json with_token(json params, const std::string& token) {
  params["session_token"] = token;
  return params;
}

fields session(const std::string& token) { return {{"Agentpool-Session-Token", token}}; }

/// The value of a key in a message's correlation; "" without one.
std::string correlated(const json& message, const std::string& key) {
  for (const auto& entry : message["correlation"]["entries"])
    if (entry["key"] == key) return entry["value"];
  return {};
}

bool is_denied(const json& answer) {
  return answer.contains("error") && answer["error"]["code"] == -32000 &&
         answer["error"]["data"]["kind"] == "PolicyDenial";
}

}  // namespace

TEST_CASE("a pool is opened, joined, written to and read over /rpc") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto a = server.join("run.a");
  const auto b = server.join("run.b");
  REQUIRE(a.size() == 64);
  REQUIRE(a != b);
  const auto receipt = server.result("send", with_token(send_params("1", "run.a", "run.b"), a));
  CHECK(receipt["status"] == "delivered");
  const json inbox{{"pool_id", "pool.a"}, {"run_id", "run.b"}};
  const auto page = server.result("inbox", with_token(inbox, b));
  REQUIRE(page["entries"].size() == 1);
  CHECK(page["entries"][0]["message"]["message_id"] == "message.1");
  CHECK(server.result("list_pools", json::object())["pool_ids"] == json{"pool.a"});
}

TEST_CASE("what is no JSON-RPC is refused in its words") {
  const auto server = served::in_memory();
  const auto post = [&](const std::string& body) { return server.ask({"POST", "/rpc", {}, body}); };
  const auto broken = post("{");
  CHECK(broken.status == 400);
  CHECK(broken.parsed()["error"]["code"] == -32700);
  CHECK(post("[]").parsed()["error"]["code"] == -32600);
  CHECK(server.rpc("no_such", json::object())["error"]["code"] == -32601);
  const auto missing = server.rpc("members", json::object());
  CHECK(missing["error"]["code"] == -32602);
  CHECK(missing["error"]["message"] == "pool_id: is missing");
  CHECK(post(R"({"jsonrpc":"2.0","method":"list_pools"})").status == 202);
}

TEST_CASE("a request that wants to follow is sent to the event streams") {
  const auto server = served::in_memory();
  server.open_pool();
  for (const char* const method : {"subscribe", "watch_pool"}) {
    CHECK(server.rpc(method, {{"pool_id", "pool.a"}})["error"]["code"] == -32602);
    CHECK(server.rpc(method, {{"pool_id", "pool.a"}, {"follow", true}})["error"]["code"] == -32602);
    CHECK(server.rpc(method, {{"pool_id", "pool.a"}, {"follow", false}}).contains("result"));
  }
}

TEST_CASE("a run without its session token is denied, and the pool has an event of it") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto a = server.join("run.a");
  static_cast<void>(server.join("run.b"));
  CHECK(is_denied(server.rpc("send", send_params("1", "run.a", "run.b"))));
  CHECK(is_denied(server.rpc("send", with_token(send_params("1", "run.a", "run.b"), "guess"))));
  CHECK(is_denied(server.rpc("inbox", {{"pool_id", "pool.a"}, {"run_id", "run.b"}}, session(a))));
  CHECK(is_denied(server.rpc("leave_run", {{"pool_id", "pool.a"}, {"run_id", "run.a"}})));
  auto stream = server.client();
  stream.open_stream({"GET", "/pools/pool.a/events?kind=extension_action_denied", sse});
  const auto told = stream.event().value().parsed();
  CHECK(told["type"] == "agentpool.event.extension.extension_action_denied");
  CHECK(told["subject"] == "run.a");
  CHECK(told.dump().find(a) == std::string::npos);
}

TEST_CASE("a thousand denials are few events of the pool") {
  const auto server = served::in_memory();
  server.open_pool();
  static_cast<void>(server.join("run.a"));
  auto client = server.client();
  const json request{{"jsonrpc", "2.0"},
                     {"id", 1},
                     {"method", "leave_run"},
                     {"params", {{"pool_id", "pool.a"}, {"run_id", "run.a"}}}};
  for (int i = 0; i < 1'000; ++i)
    REQUIRE(is_denied(client.ask({"POST", "/rpc", {}, request.dump()}).parsed()));
  const auto page = server.get("/pools/pool.a/events?kind=extension_action_denied&limit=1000");
  CHECK_FALSE(page["events"].empty());
  CHECK(page["events"].size() < 100);
}

TEST_CASE("the token of one run is good for that run alone, in a header or in the parameters") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto a = server.join("run.a");
  const auto b = server.join("run.b");
  CHECK(is_denied(server.rpc("send", send_params("1", "run.a", "run.b"), session(b))));
  CHECK(server.rpc("send", send_params("1", "run.a", "run.b"), session(a)).contains("result"));
  CHECK(server.rpc("send", with_token(send_params("2", "run.b", "run.a"), b)).contains("result"));
}

TEST_CASE("only who sent a message or registered a wake cancels it") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto a = server.join("run.a");
  const auto b = server.join("run.b");
  server.result("send", send_params("1", "run.a", "run.b"), session(a));
  const json cancel{{"pool_id", "pool.a"}, {"message_id", "message.1"}};
  CHECK(is_denied(server.rpc("cancel_message", cancel, session(b))));
  CHECK(server.result("cancel_message", cancel, session(a))["status"] == "cancelled");
  const json condition{{"condition_id", "wake.1"},
                       {"run_id", "run.a"},
                       {"filter", {{"kinds", {{"include", {"run_completed"}}}}}},
                       {"idempotency_key", "wake.1"},
                       {"resume_with", "none"}};
  server.result("suspend_until",
                {{"pool_id", "pool.a"}, {"run_id", "run.a"}, {"condition", condition}}, session(a));
  const json wake{{"pool_id", "pool.a"}, {"condition_id", "wake.1"}};
  CHECK(is_denied(server.rpc("cancel_wake", wake, session(b))));
  CHECK(server.result("cancel_wake", wake, session(a))["status"] == "cancelled");
}

TEST_CASE("a run that somebody joined is nobody else's until it has left") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto a = server.join("run.a");
  const json again{{"pool_id", "pool.a"},
                   {"member", {{"run_id", "run.a"}, {"agent_id", "agent.x"}}}};
  CHECK(is_denied(server.rpc("join_run", again)));
  json mine = again;
  mine["token"] = a;
  CHECK(server.result("join_run", mine)["token"] == a);
  server.result("leave_run", {{"pool_id", "pool.a"}, {"run_id", "run.a"}}, session(a));
  CHECK(server.result("join_run", again)["token"] != a);
}

TEST_CASE("a message tells its verified sender, and not what was written in its place") {
  const auto server = served::in_memory();
  server.open_pool();
  json join{{"pool_id", "pool.a"},
            {"member", {{"run_id", "run.a"}, {"agent_id", "agent.x"}}},
            {"on_behalf_of", "Ada"}};
  const std::string a = server.result("join_run", join)["token"];
  const auto b = server.join("run.b");
  auto params = send_params("1", "run.a", "run.b");
  params["message"]["correlation"] = {
      {"entries", json::array({{{"key", "sender.name"}, {"value", "the boss"}},
                               {{"key", "sender.anything"}, {"value", "else"}},
                               {{"key", "case"}, {"value", "17"}}})}};
  server.result("send", params, session(a));
  const auto page =
      server.result("inbox", {{"pool_id", "pool.a"}, {"run_id", "run.b"}}, session(b));
  const auto told = page["entries"][0]["message"];
  CHECK(correlated(told, "sender.name") == "anonymous");
  CHECK(correlated(told, "sender.on_behalf_of") == "Ada");
  CHECK(correlated(told, "sender.anything").empty());
  CHECK(correlated(told, "case") == "17");
}

TEST_CASE("a traceparent travels, and a retry with another one is the same message") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto a = server.join("run.a");
  const auto b = server.join("run.b");
  const std::string first = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  const std::string second = "00-11111111111111111111111111111111-2222222222222222-01";
  auto headers = session(a);
  headers.emplace_back("traceparent", first);
  const auto receipt = server.result("send", send_params("1", "run.a", "run.b"), headers);
  headers.back().second = second;
  CHECK(server.result("send", send_params("1", "run.a", "run.b"), headers) == receipt);
  const auto page =
      server.result("inbox", {{"pool_id", "pool.a"}, {"run_id", "run.b"}}, session(b));
  REQUIRE(page["entries"].size() == 1);
  CHECK(correlated(page["entries"][0]["message"], "traceparent") == first);
  headers.back().second = "not a trace";
  server.result("send", send_params("2", "run.a", "run.b"), headers);
  const auto more =
      server.result("inbox", {{"pool_id", "pool.a"}, {"run_id", "run.b"}}, session(b));
  CHECK(correlated(more["entries"][1]["message"], "traceparent").empty());
}

TEST_CASE("spawned_by is said by who acts as the parent, and by nobody else") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto parent = server.join("run.parent");
  const json child{{"pool_id", "pool.a"},
                   {"member", {{"run_id", "run.child"}, {"agent_id", "agent.x"}}},
                   {"spawned_by", "run.parent"}};
  CHECK(is_denied(server.rpc("join_run", child)));
  const std::string token = server.result("join_run", child, session(parent))["token"];
  server.result("send", send_params("1", "run.child", "run.parent"), session(token));
  const auto page =
      server.result("inbox", {{"pool_id", "pool.a"}, {"run_id", "run.parent"}}, session(parent));
  CHECK(correlated(page["entries"][0]["message"], "sender.spawned_by") == "run.parent");
}

TEST_CASE("seats outlive a SIGKILL of the server") {
  const support::temporary_directory folder;
  auto server = served::on(folder.file("pools.sqlite"));
  server.open_pool();
  const auto a = server.join("run.a");
  static_cast<void>(server.join("run.b"));
  server.restart();
  CHECK(is_denied(server.rpc("send", send_params("1", "run.a", "run.b"))));
  CHECK(server.rpc("send", send_params("1", "run.a", "run.b"), session(a)).contains("result"));
}

TEST_CASE("two servers on one file know each other's seats") {
  const support::temporary_directory folder;
  const auto one = served::on(folder.file("pools.sqlite"));
  const auto other = served::on(folder.file("pools.sqlite"));
  one.open_pool();
  const auto a = one.join("run.a");
  CHECK(is_denied(other.rpc("leave_run", {{"pool_id", "pool.a"}, {"run_id", "run.a"}})));
  const json again{{"pool_id", "pool.a"},
                   {"member", {{"run_id", "run.a"}, {"agent_id", "agent.x"}}}};
  CHECK(is_denied(other.rpc("join_run", again)));
  const auto b = other.join("run.b");
  CHECK(other.rpc("send", send_params("1", "run.a", "run.b"), session(a)).contains("result"));
  const auto answer = one.rpc("send", send_params("2", "run.b", "run.a"), session(b));
  INFO(answer);
  CHECK(answer.contains("result"));
}
