// What models are told where tokens bound what they may do.
#include "agentpool/core/content.hpp"
#include "mcp_kit.hpp"
#include "support/catch.hpp"
#include "tokens_kit.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

struct guarded {
  support::temporary_directory folder;
  std::string file = folder.file("tokens.jsonl");
  fields observer = bearer(add_token(file, "eve", {}));
  fields actor = bearer(add_token(file, "ci", {"--role", "act", "--runs", "run.ci.*,run.ci"}));
  fields administrator =
      bearer(add_token(file, "ada", {"--role", "act,administer", "--runs", "*"}));
  served server = served::in_memory({"--tokens", file});
};

}  // namespace

TEST_CASE("who may not open a pool is told whom to ask, and not to call again") {
  const guarded all;
  mcp_session client{all.server, all.actor};
  const auto refused = client.call("pool_join", {{"pool_id", "pool.a"}});
  CHECK(failed(refused));
  CHECK(words(refused).find("administrator") != std::string::npos);
  all.server.result("open_pool", {{"pool_id", "pool.a"}}, all.administrator);
  const auto told = structured(client.call("pool_join", {{"pool_id", "pool.a"}}));
  CHECK(told["run_id"].get<std::string>().rfind("run.ci.", 0) == 0);
  CHECK(told["resumed"] == false);
  const auto other = client.call("pool_join", {{"pool_id", "pool.a"}, {"run_id", "run.x"}});
  CHECK(words(other).find("run.ci.* or run.ci") != std::string::npos);
}

TEST_CASE("of whoever may not send nothing is stored") {
  const guarded all;
  all.server.result("open_pool", {{"pool_id", "pool.a"}}, all.administrator);
  mcp_session ada{all.server, all.administrator};
  joined(ada, "run.ada");
  const auto send = [&](const fields& who, const std::string& text) {
    mcp_session client{all.server, who};
    return client.call("pool_send", {{"pool_id", "pool.a"},
                                     {"run_id", "run.ada"},
                                     {"to", {{"run", "run.ada"}}},
                                     {"text", text}});
  };
  CHECK(failed(send(all.observer, "of an observer")));
  CHECK(failed(send(all.actor, "of another")));
  const auto has = [&](const std::string& text) {
    return !failed(ada.call("content_get", {{"content_ref", core::content_name(text).text()}}));
  };
  CHECK_FALSE(has("of an observer"));
  CHECK_FALSE(has("of another"));
  CHECK_FALSE(failed(send(all.administrator, "of herself")));
  CHECK(has("of herself"));
}

TEST_CASE("whoever asks for another's task lends it nothing, also after a SIGKILL") {
  const support::temporary_directory folder;
  const auto file = folder.file("tokens.jsonl");
  const auto observer = bearer(add_token(file, "eve", {}));
  const auto owner = bearer(add_token(file, "ada", {"--role", "act,administer", "--runs", "*"}));
  auto server = served::on(folder.file("pools.sqlite"), {"--tokens", file});
  server.result("open_pool", {{"pool_id", "pool.a"}}, owner);
  json id;
  json me;
  {
    mcp_session ada{server, owner};
    me = joined(ada, "run.ada");
    const json wait{{"name", "pool_wait"},
                    {"arguments", also(me, {{"for", {{"message", true}}}})},
                    {"task", json::object()}};
    id = {{"taskId", ada.request("tools/call", wait)["result"]["task"]["taskId"]}};
  }
  server.restart();
  mcp_session eve{server, observer};
  CHECK(eve.request("tasks/get", id)["result"]["status"] == "working");
  mcp_session ada{server, owner};
  CHECK(ada.request("tasks/get", id)["result"]["status"] == "working");
  structured(ada.call("pool_send", also(me, {{"to", {{"run", "run.ada"}}}, {"text", "hello"}})));
  const auto result = ada.request("tasks/result", id)["result"];
  CHECK(result["structuredContent"]["messages"][0]["text"] == "hello");
}

TEST_CASE("a task ends with the token of who began it, and reads nothing more") {
  const support::temporary_directory folder;
  const auto file = folder.file("tokens.jsonl");
  const auto other = bearer(add_token(file, "ada", {"--role", "act,administer", "--runs", "*"}));
  const auto owner = bearer(add_token(file, "ci", {"--role", "act", "--runs", "*"}));
  auto server = served::in_memory({"--tokens", file});
  server.result("open_pool", {{"pool_id", "pool.a"}}, other);
  mcp_session ci{server, owner};
  const auto me = joined(ci, "run.ci");
  const json wait{{"name", "pool_wait"},
                  {"arguments", also(me, {{"for", {{"message", true}}}})},
                  {"task", json::object()}};
  const json id{{"taskId", ci.request("tools/call", wait)["result"]["task"]["taskId"]}};
  const auto revoked = support::run_to_end(
      {support::program().string(), {"token", "revoke", "--file", file, "--name", "ci"}});
  REQUIRE(revoked.exit_code == 0);
  server.process().send_signal(SIGHUP);
  const auto end = std::chrono::steady_clock::now() + answer_wait_max;
  while (server.ask({"GET", "/pools", owner}).status != 401)
    REQUIRE(std::chrono::steady_clock::now() < end);
  mcp_session ada{server, other};
  const auto you = joined(ada, "run.ada");
  structured(ada.call("pool_send", also(you, {{"to", {{"run", "run.ci"}}}, {"text", "secret"}})));
  const auto result = ada.request("tasks/result", id);
  CHECK(result["result"]["isError"] == true);
  CHECK(result.dump().find("secret") == std::string::npos);
}
