// What MCP clients read of pools as resources, and watch.
#include "mcp_kit.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

const std::string members_uri = "agentpool://pools/pool.a/members";

}  // namespace

TEST_CASE("pools are listed and read as resources, with templates for their names") {
  const auto server = served::in_memory();
  server.open_pool("pool.a");
  server.open_pool("pool b/c");
  static_cast<void>(server.join("run.a"));
  mcp_session session{server};
  const auto listed = session.request("resources/list", json::object())["result"]["resources"];
  REQUIRE(listed.size() == 4);
  const std::string odd = listed[0]["uri"];
  CHECK(odd == "agentpool://pools/pool%20b%2Fc/members");
  CHECK(session.request("resources/read", {{"uri", odd}})["result"]["contents"].size() == 1);
  const auto read = session.request("resources/read", {{"uri", members_uri}})["result"];
  const auto told = json::parse(read["contents"][0]["text"].get<std::string>());
  CHECK(told["total"] == 1);
  CHECK(told["members"][0]["run_id"] == "run.a");
  const auto timeline =
      session.request("resources/read", {{"uri", "agentpool://pools/pool.a/timeline"}})["result"];
  CHECK(json::parse(timeline["contents"][0]["text"].get<std::string>())["records"].size() == 3);
  const auto templates =
      session.request("resources/templates/list", json::object())["result"]["resourceTemplates"];
  REQUIRE(templates.size() == 2);
  CHECK(templates[0]["uriTemplate"] == "agentpool://pools/{pool_id}/members");
}

TEST_CASE("a resource that there is not is told in the words of the era") {
  const auto server = served::in_memory();
  mcp_session session{server};
  for (const std::string uri :
       {"agentpool://pools/pool.none/members", "agentpool://pools/pool.none/timeline",
        "agentpool://pools/pool.a/nothing", "https://pools/pool.a/members", "agentpool:/x", ""}) {
    INFO(uri);
    const auto answer = session.request("resources/read", {{"uri", uri}})["error"];
    CHECK(answer["code"] == -32002);
    CHECK(answer["data"]["uri"] == uri);
  }
  CHECK(session.request("resources/read", json::object())["error"]["code"] == -32602);
}

TEST_CASE("who subscribes is told on its stream, until it unsubscribes") {
  const auto server = served::in_memory();
  server.open_pool();
  mcp_session session{server};
  auto stream = server.client();
  stream.open_stream({"GET", "/mcp", with(sse, {{"Mcp-Session-Id", session.id}})});
  CHECK(session.request("resources/subscribe", {{"uri", members_uri}})["result"] == json::object());
  static_cast<void>(server.join("run.a"));
  const auto told = stream.event().value().parsed();
  CHECK(told["method"] == "notifications/resources/updated");
  CHECK(told["params"]["uri"] == members_uri);
  CHECK(session.request("resources/unsubscribe", {{"uri", members_uri}})["result"] ==
        json::object());
  while (!stream.quiet_for(milliseconds{100})) stream.event();
  static_cast<void>(server.join("run.b"));
  CHECK(stream.quiet_for(milliseconds{200}));
}

TEST_CASE("a send changes what was recorded, and not who is there") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto me = joined(session, "run.a");
  auto stream = server.client();
  stream.open_stream({"GET", "/mcp", with(sse, {{"Mcp-Session-Id", session.id}})});
  const std::string timeline_uri = "agentpool://pools/pool.a/timeline";
  for (const auto& uri : {members_uri, timeline_uri})
    CHECK(session.request("resources/subscribe", {{"uri", uri}})["result"] == json::object());
  structured(session.call("pool_send", also(me, {{"to", {{"run", "run.a"}}}, {"text", "note"}})));
  const auto told = [&] { return stream.event().value().parsed()["params"]["uri"]; };
  do CHECK(told() == timeline_uri);
  while (!stream.quiet_for(milliseconds{100}));
  static_cast<void>(server.join("run.b"));
  while (told() != members_uri) continue;
}

TEST_CASE("a pool that nobody has opened cannot be subscribed to, in the words of the era") {
  const auto server = served::in_memory();
  mcp_session session{server};
  const auto answer = session.request("resources/subscribe", {{"uri", members_uri}})["error"];
  CHECK(answer["code"] == -32002);
  CHECK(answer["data"]["uri"] == members_uri);
}

TEST_CASE("a session watches so many resources and no more, in whatever words it names them") {
  const auto server = served::in_memory();
  server.open_pool("pool.aaaaaaaaaaaa");
  mcp_session session{server};
  int watched = 0;
  for (int i = 0; i < 80; ++i) {
    // The same pool, by other words.
    std::string name = "pool.";
    for (int bit = 0; bit < 12; ++bit) name += ((i >> bit) & 1) != 0 ? "%61" : "a";
    const auto answer =
        session.request("resources/subscribe", {{"uri", "agentpool://pools/" + name + "/members"}});
    watched += answer.contains("result") ? 1 : 0;
  }
  CHECK(watched == 64);
  CHECK(session.request("resources/subscribe", {{"uri", "agentpool://nothing"}})["error"]["code"] ==
        -32602);
}
