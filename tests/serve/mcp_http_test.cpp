// MCP over HTTP, the era of handshakes: sessions, and what is refused with which status.
#include <set>

#include "mcp_kit.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

}  // namespace

TEST_CASE("a handshake agrees on a version and begins a session") {
  const auto server = served::in_memory();
  mcp_session session{server};
  CHECK(session.greeting["protocolVersion"] == "2025-11-25");
  CHECK(session.greeting["serverInfo"]["name"] == "agentpool");
  CHECK(session.greeting["capabilities"]["tasks"].contains("requests"));
  CHECK(session.greeting["capabilities"]["resources"]["subscribe"] == true);
  CHECK(session.id.size() >= 32);
  CHECK(session.request("ping", json::object())["result"] == json::object());
  mcp_session older{server, {}, "2025-06-18"};
  CHECK(older.greeting["protocolVersion"] == "2025-06-18");
  CHECK_FALSE(older.greeting["capabilities"].contains("tasks"));
  CHECK(older.id != session.id);
  CHECK(mcp_session(server, {}, "2099-01-01").greeting["protocolVersion"] == "2025-11-25");
}

TEST_CASE("a revision with batches is not offered, but the one before it") {
  const auto server = served::in_memory();
  mcp_session session{server, {}, "2025-03-26"};
  CHECK(session.greeting["protocolVersion"] == "2024-11-05");
  const auto headers = with(session.headers(), {{"MCP-Protocol-Version", "2025-03-26"}});
  const auto ping = rpc_request(1, "ping", json::object()).dump();
  CHECK(server.ask({"POST", "/mcp", headers, ping}).status == 400);
}

TEST_CASE("a handshake that fails begins no session") {
  const auto server = served::in_memory();
  const auto wrong = server.ask(
      {"POST", "/mcp", mcp_headers, rpc_request(1, "initialize", json::object()).dump()});
  CHECK(wrong.parsed()["error"]["code"] == -32602);
  CHECK(wrong.header("mcp-session-id").empty());
}

TEST_CASE("a request needs its session: without one 400, with an unknown or ended one 404") {
  const auto server = served::in_memory();
  const auto ping = rpc_request(1, "ping", json::object()).dump();
  const auto bare = server.ask({"POST", "/mcp", mcp_headers, ping});
  CHECK(bare.status == 400);
  CHECK(bare.parsed()["error"]["code"] == -32000);
  const auto unknown = with(mcp_headers, {{"Mcp-Session-Id", "none"}});
  const auto lost = server.ask({"POST", "/mcp", unknown, ping});
  CHECK(lost.status == 404);
  CHECK(lost.parsed()["error"]["code"] == -32001);
  CHECK(server.ask({"GET", "/mcp", sse}).status == 400);
  CHECK(server.ask({"GET", "/mcp", with(sse, {{"Mcp-Session-Id", "none"}})}).status == 404);
  CHECK(server.ask({"DELETE", "/mcp"}).status == 400);
  CHECK(server.ask({"DELETE", "/mcp", {{"Mcp-Session-Id", "none"}}}).status == 404);
  mcp_session session{server};
  const fields its{{"Mcp-Session-Id", session.id}};
  CHECK(server.ask({"DELETE", "/mcp", its}).status == 200);
  CHECK(server.ask({"DELETE", "/mcp", its}).status == 404);
  CHECK(session.post(rpc_request(1, "ping", json::object())).status == 404);
}

TEST_CASE("a session has one stream of notifications, which ends with it") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto headers = with(sse, {{"Mcp-Session-Id", session.id}});
  auto stream = server.client();
  CHECK(stream.open_stream({"GET", "/mcp", headers}).status == 200);
  CHECK(server.ask({"GET", "/mcp", headers}).status == 409);
  CHECK(server.ask({"DELETE", "/mcp", {{"Mcp-Session-Id", session.id}}}).status == 200);
  CHECK_FALSE(stream.event().has_value());
}

TEST_CASE("a stream whose reader went, or that a HEAD asked for, makes way for the next one") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto headers = with(sse, {{"Mcp-Session-Id", session.id}});
  auto idle = server.client();
  CHECK(idle.ask({"HEAD", "/mcp", headers}).status == 200);
  for (int i = 0; i < 3; ++i) {
    const auto end = std::chrono::steady_clock::now() + answer_wait_max;
    while (server.client().open_stream({"GET", "/mcp", headers}).status != 200)
      REQUIRE(std::chrono::steady_clock::now() < end);
  }
}

TEST_CASE("what is posted otherwise than the transport says is refused with its status") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto status = [&](const fields& headers, const std::string& body) {
    return server.ask({"POST", "/mcp", with(headers, {{"Mcp-Session-Id", session.id}}), body});
  };
  const std::string ping = rpc_request(1, "ping", json::object()).dump();
  const fields text{{"Content-Type", "text/plain"}};
  CHECK(status(text, ping).status == 415);
  CHECK(status({}, ping).status == 415);
  CHECK(status({{"Content-Type", "application/json; charset=utf-8"}}, ping).status == 200);
  CHECK(status({{"Content-Type", "application/json"}, {"Accept", "text/html"}}, ping).status ==
        406);
  CHECK(server.ask({"GET", "/mcp", {{"Accept", "application/json"}}}).status == 406);
  CHECK(status(mcp_headers, "{").parsed()["error"]["code"] == -32700);
  CHECK(status(mcp_headers, "{").status == 400);
  CHECK(status(mcp_headers, "[" + ping + "]").status == 400);
  CHECK(status(mcp_headers, R"({"jsonrpc":"2.0","id":null,"method":"ping"})").status == 400);
  CHECK(status(with(mcp_headers, {{"MCP-Protocol-Version", "1999-01-01"}}), ping).status == 400);
  CHECK(status(with(mcp_headers, {{"MCP-Protocol-Version", "2025-06-18"}}), ping).status == 200);
  const auto note = session.post({{"jsonrpc", "2.0"}, {"method", "notifications/anything"}});
  CHECK(note.status == 202);
  CHECK(note.body.empty());
  CHECK(session.post({{"jsonrpc", "2.0"}, {"id", 1}, {"result", json::object()}}).status == 202);
  const auto put = server.ask({"PUT", "/mcp", mcp_headers, ping});
  CHECK(put.status == 405);
  CHECK(put.header("allow") == "POST, GET, DELETE");
  const auto small = served::in_memory({"--body-bytes", "2000"});
  CHECK(small.ask({"POST", "/mcp", mcp_headers, std::string(3'000, ' ')}).status == 413);
}

TEST_CASE("a session is its caller's alone") {
  const support::temporary_directory folder;
  const auto token = [&](const std::string& name) {
    auto ended =
        support::run_to_end({support::program().string(),
                             {"token", "add", "--file", folder.file("tokens"), "--name", name}});
    ended.output.pop_back();
    return fields{{"Authorization", "Bearer " + ended.output}};
  };
  const auto one = token("one");
  const auto other = token("other");
  const auto server = served::in_memory({"--tokens", folder.file("tokens")});
  mcp_session session{server, one};
  auto headers = with(with(mcp_headers, other), {{"Mcp-Session-Id", session.id}});
  const auto stolen =
      server.ask({"POST", "/mcp", headers, rpc_request(1, "ping", json::object()).dump()});
  CHECK(stolen.status == 404);
  CHECK(session.request("ping", json::object()).contains("result"));
}

TEST_CASE("the tools are told in the same words to all, with schemas of what they take and give") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto listed = session.request("tools/list", json::object())["result"];
  CHECK(mcp_session(server).request("tools/list", json::object())["result"] == listed);
  std::string last;
  std::set<std::string> waiting;
  for (const auto& tool : listed["tools"]) {
    const std::string name = tool["name"];
    INFO(name);
    CHECK(name > last);
    last = name;
    CHECK_FALSE(tool["description"].get<std::string>().empty());
    CHECK(tool["inputSchema"]["type"] == "object");
    CHECK(tool["outputSchema"]["type"] == "object");
    if (tool.contains("execution")) waiting.insert(name);
  }
  CHECK(waiting == std::set<std::string>{"pool_wait"});
  mcp_session older{server, {}, "2025-06-18"};
  const auto plain = older.request("tools/list", json::object())["result"];
  REQUIRE(plain["tools"].size() == listed["tools"].size());
  for (const auto& tool : plain["tools"]) CHECK_FALSE(tool.contains("execution"));
}

TEST_CASE("a method or a tool that there is not, and parameters that are none, are errors") {
  const auto server = served::in_memory();
  mcp_session session{server};
  CHECK(session.request("prompts/list", json::object())["error"]["code"] == -32601);
  CHECK(session.request("server/discover", json::object())["error"]["code"] == -32601);
  CHECK(session.call("no_such", json::object())["error"]["code"] == -32602);
  CHECK(session.request("tools/call", json::object())["error"]["code"] == -32602);
  CHECK(session.request("tools/call",
                        {{"name", "pool_join"}, {"arguments", "x"}})["error"]["code"] == -32602);
  CHECK(session.post(rpc_request("seven", "ping", json::object())).parsed()["id"] == "seven");
  CHECK(session.post({{"jsonrpc", "2.0"}, {"id", 1}, {"method", "ping"}, {"params", json::array()}})
            .parsed()["error"]["code"] == -32602);
}

TEST_CASE("a request that is taken back is answered with nothing") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  session.begin("pool_wait", also(me, {{"for", {{"message", true}}}, {"timeout_seconds", 0}}));
  CHECK(structured(session.answer())["status"] == "timed_out");
  auto waiting = server.client();
  const json params{{"name", "pool_wait"}, {"arguments", also(me, {{"for", {{"message", true}}}})}};
  waiting.send({"POST", "/mcp", session.headers(), rpc_request(99, "tools/call", params).dump()});
  CHECK(waiting.quiet_for(milliseconds{100}));
  const auto taken = session.post(
      {{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", 99}}}});
  CHECK(taken.status == 202);
  mcp_session other{server};
  const auto sender = joined(other, "run.b");
  structured(other.call("pool_send", also(sender, {{"to", {{"run", "run.a"}}}, {"text", "late"}})));
  const auto ended = waiting.answer();
  CHECK(ended.status == 202);
  CHECK(ended.body.empty());
  // The message is not lost with the answer.
  CHECK(structured(session.call("pool_inbox", me))["messages"].size() == 1);
}

TEST_CASE("an id that is in use is refused in its session, and free once it was taken back") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  const json params{{"name", "pool_wait"}, {"arguments", also(me, {{"for", {{"message", true}}}})}};
  const auto wait = rpc_request(99, "tools/call", params);
  auto waiting = server.client();
  waiting.send({"POST", "/mcp", session.headers(), wait.dump()});
  CHECK(waiting.quiet_for(milliseconds{100}));
  const auto ping = rpc_request(99, "ping", json::object());
  const auto refused = session.post(ping);
  CHECK(refused.parsed()["id"] == 99);
  CHECK(refused.parsed()["error"]["code"] == -32600);
  CHECK(mcp_session(server).post(ping).status == 200);  // ids are a session's own
  session.post(
      {{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}, {"params", {{"requestId", 99}}}});
  CHECK(session.post(ping).parsed()["result"] == json::object());
  // The next request of that id is not answered in place of the one that was taken back.
  auto next = server.client();
  next.send({"POST", "/mcp", session.headers(), wait.dump()});
  CHECK(next.quiet_for(milliseconds{100}));
  mcp_session other{server};
  const auto sender = joined(other, "run.b");
  structured(other.call("pool_send", also(sender, {{"to", {{"run", "run.a"}}}, {"text", "hi"}})));
  CHECK(structured(next.answer().parsed())["messages"][0]["text"] == "hi");
  CHECK(waiting.answer().status == 202);
}
