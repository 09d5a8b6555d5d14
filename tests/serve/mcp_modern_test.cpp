// MCP over HTTP, the era whose requests each say all: headers, versions, no memory.
#include "mcp_kit.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

/// The error's code, and that the answer has that status and the request's id.
int refused(const served& server, const http_ask& what, int status, const json& id = 1) {
  const auto found = server.ask(what);
  INFO(found.body);
  CHECK(found.status == status);
  CHECK(found.parsed()["id"] == id);
  return found.parsed()["error"]["code"];
}

http_ask changed(http_ask what, const std::string& name, const std::string& value) {
  std::erase_if(what.headers, [&](const auto& each) { return each.first == name; });
  if (!value.empty()) what.headers.emplace_back(name, value);
  return what;
}

}  // namespace

TEST_CASE("a modern client discovers the server without a session") {
  const auto server = served::in_memory();
  const auto found = server.ask(modern_ask("server/discover"));
  CHECK(found.status == 200);
  CHECK(found.header("mcp-session-id").empty());
  const auto told = found.parsed()["result"];
  CHECK(told["resultType"] == "complete");
  CHECK(told["supportedVersions"] == json{"2026-07-28"});
  CHECK(told["capabilities"]["extensions"].contains("io.modelcontextprotocol/tasks"));
  CHECK_FALSE(told["capabilities"].contains("tasks"));
  CHECK(told["cacheScope"] == "public");
  CHECK(told["ttlMs"].is_number());
  CHECK(told["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "agentpool");
}

TEST_CASE("what may be kept says for how long, and what may not says nothing") {
  const auto server = served::in_memory();
  for (const char* const method :
       {"tools/list", "resources/list", "resources/templates/list", "server/discover"}) {
    const auto told = server.ask(modern_ask(method)).parsed()["result"];
    INFO(method);
    CHECK(told.contains("ttlMs"));
    CHECK(told.contains("cacheScope"));
  }
  const auto called =
      server.ask(modern_call("pool_join", {{"pool_id", "pool.a"}})).parsed()["result"];
  CHECK(called["resultType"] == "complete");
  CHECK_FALSE(called.contains("ttlMs"));
  CHECK(server.ask(modern_ask("tools/list")).body.find("\"execution\":") == std::string::npos);
}

TEST_CASE("headers that are missing or say otherwise than the request are a mismatch") {
  const auto server = served::in_memory();
  const auto call = modern_call("pool_members", {{"pool_id", "pool.a"}});
  CHECK(server.ask(call).status == 200);
  CHECK(refused(server, changed(call, "MCP-Protocol-Version", ""), 400) == -32020);
  CHECK(refused(server, changed(call, "MCP-Protocol-Version", "2025-11-25"), 400) == -32020);
  CHECK(refused(server, changed(call, "Mcp-Method", ""), 400) == -32020);
  CHECK(refused(server, changed(call, "Mcp-Method", "tools/list"), 400) == -32020);
  CHECK(refused(server, changed(call, "Mcp-Method", "TOOLS/CALL"), 400) == -32020);
  CHECK(refused(server, changed(call, "Mcp-Name", ""), 400) == -32020);
  CHECK(refused(server, changed(call, "Mcp-Name", "pool_join"), 400) == -32020);
  CHECK(refused(server, changed(call, "Mcp-Name", "=?base64?%%%?="), 400) == -32020);
  CHECK(server.ask(changed(call, "Mcp-Name", "  pool_members  ")).status == 200);
  CHECK(server.ask(changed(call, "Mcp-Name", "=?base64?cG9vbF9tZW1iZXJz?=")).status == 200);
}

TEST_CASE("a claim that is not whole, or of a version that nobody knows, is refused") {
  const auto server = served::in_memory();
  const auto with_meta = [&](const json& meta) {
    return http_ask{"POST", "/mcp", modern_headers("tools/list"),
                    rpc_request(1, "tools/list", {{"_meta", meta}}).dump()};
  };
  const std::string version = "io.modelcontextprotocol/protocolVersion";
  const std::string can = "io.modelcontextprotocol/clientCapabilities";
  CHECK(refused(server, with_meta({{version, "2026-07-28"}}), 400) == -32602);
  CHECK(refused(server, with_meta({{version, 7}, {can, json::object()}}), 400) == -32602);
  CHECK(refused(server, with_meta({{version, "2026-07-28"}, {can, "x"}}), 400) == -32602);
  CHECK(refused(server, with_meta(json::object()), 400) == -32602);
  const http_ask bare{"POST", "/mcp", modern_headers("tools/list"),
                      rpc_request(1, "tools/list", json::object()).dump()};
  CHECK(refused(server, bare, 400) == -32602);
  const auto newer = server.ask(changed(with_meta({{version, "v999.0.0"}, {can, json::object()}}),
                                        "MCP-Protocol-Version", "v999.0.0"));
  CHECK(newer.status == 400);
  CHECK(newer.parsed()["error"]["code"] == -32022);
  CHECK(newer.parsed()["error"]["data"]["supported"] == json{"2026-07-28"});
  CHECK(newer.parsed()["error"]["data"]["requested"] == "v999.0.0");
}

TEST_CASE("methods of the other era are none, with 404, and a handshake with a claim is one") {
  const auto server = served::in_memory();
  for (const char* const method : {"initialize", "ping", "resources/subscribe", "tasks/list",
                                   "tasks/result", "logging/setLevel", "no/such"}) {
    INFO(method);
    CHECK(refused(server, modern_ask(method, json::object(), {}, true), 404) == -32601);
  }
  const http_ask handshake{"POST", "/mcp", modern_headers("initialize"),
                           rpc_request(1, "initialize", initialize_params()).dump()};
  CHECK(refused(server, handshake, 400) == -32020);
}

TEST_CASE("bad parameters of a known method are an answer, not a refusal") {
  const auto server = served::in_memory();
  const auto answer = server.ask(modern_ask("resources/read", json::object()));
  CHECK(answer.status == 200);
  CHECK(answer.parsed()["error"]["code"] == -32602);
  const auto none =
      server.ask(modern_ask("resources/read", {{"uri", "agentpool://x"}}, "agentpool://x"));
  CHECK(none.status == 200);
  CHECK(none.parsed()["error"]["code"] == -32602);
  CHECK(none.parsed()["error"]["data"]["uri"] == "agentpool://x");
}

TEST_CASE("notifications are taken without headers or a claim about them") {
  const auto server = served::in_memory();
  json note{{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}};
  note["params"] = {{"requestId", 1}, {"_meta", modern_meta()}};
  CHECK(server.ask({"POST", "/mcp", mcp_headers, note.dump()}).status == 202);
}

TEST_CASE("nothing is remembered for modern calls: each shows its session token") {
  const auto server = served::in_memory();
  auto client = server.client();
  const auto me = structured(
      client.ask(modern_call("pool_join", {{"pool_id", "pool.a"}, {"run_id", "run.a"}})).parsed());
  const json bare{{"pool_id", "pool.a"}, {"run_id", "run.a"}};
  CHECK(failed(client.ask(modern_call("pool_inbox", bare)).parsed()));
  const json shown = also(bare, {{"session_token", me["session_token"]}});
  CHECK(structured(client.ask(modern_call("pool_inbox", shown)).parsed())["messages"].empty());
  // Nor does the id of a session that a modern request shows mean anything.
  mcp_session session{server};
  auto ask = modern_call("pool_inbox", bare);
  ask.headers.emplace_back("Mcp-Session-Id", session.id);
  CHECK(failed(client.ask(ask).parsed()));
}

TEST_CASE("a listener is told what it listens to, of changes, and that the server ends") {
  auto server = served::in_memory();
  server.open_pool();
  const std::string uri = "agentpool://pools/pool.a/members";
  auto client = server.client();
  const auto ask = modern_ask(
      "subscriptions/listen",
      {{"notifications",
        {{"resourceSubscriptions", {uri, "agentpool://nonsense"}}, {"toolsListChanged", true}}}});
  CHECK(client.open_stream(ask).header("content-type") == "text/event-stream");
  const auto first = client.event().value();
  CHECK(first.id.empty());
  const auto acknowledged = first.parsed();
  CHECK(acknowledged["method"] == "notifications/subscriptions/acknowledged");
  CHECK(acknowledged["params"]["notifications"] == json{{"resourceSubscriptions", {uri}}});
  CHECK(acknowledged["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"] == 1);
  static_cast<void>(server.join("run.a"));
  const auto update = client.event().value().parsed();
  CHECK(update["method"] == "notifications/resources/updated");
  CHECK(update["params"]["uri"] == uri);
  CHECK(server.end().exit_code == 0);
  json last;
  while (const auto one = client.event()) last = one->parsed();
  CHECK(last["id"] == 1);
  CHECK(last["result"]["resultType"] == "complete");
}

TEST_CASE("a listener to nothing is answered at once, and one that names nothing is refused") {
  const auto server = served::in_memory();
  auto client = server.client();
  client.open_stream(modern_ask("subscriptions/listen", {{"notifications", json::object()}}));
  CHECK(client.event().value().parsed()["params"]["notifications"] == json::object());
  CHECK(client.event().value().parsed()["result"]["resultType"] == "complete");
  CHECK_FALSE(client.event().has_value());
  const auto wrong = server.ask(modern_ask("subscriptions/listen"));
  CHECK(wrong.parsed()["error"]["code"] == -32602);
}

TEST_CASE("a listener is told as watched what is, and not a pool that nobody has opened") {
  const auto server = served::in_memory();
  server.open_pool();
  const std::string there = "agentpool://pools/pool.a/members";
  const std::string missing = "agentpool://pools/pool.none/members";
  const auto listen = [](const json& uris) {
    return modern_ask("subscriptions/listen",
                      {{"notifications", {{"resourceSubscriptions", uris}}}});
  };
  auto client = server.client();
  client.open_stream(listen({missing, there, there}));
  CHECK(client.event().value().parsed()["params"]["notifications"] ==
        json{{"resourceSubscriptions", {there}}});
  auto none = server.client();
  none.open_stream(listen({missing}));
  CHECK(none.event().value().parsed()["params"]["notifications"] == json::object());
  CHECK(none.event().value().parsed()["result"]["resultType"] == "complete");
  CHECK_FALSE(none.event().has_value());
}
