// Who is let in: bearer tokens and their roles, TLS, and from where one may ask.
#include <filesystem>
#include <fstream>

#include "support/catch.hpp"
#include "tokens_kit.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

/// A server with an observer, a caller that acts as run.ci.* and an administrator.
struct guarded {
  support::temporary_directory folder;
  std::string file = folder.file("tokens.jsonl");
  std::string observer = add_token(file, "eve", {});
  std::string actor = add_token(file, "ci", {"--role", "act", "--runs", "run.ci.*"});
  std::string administrator =
      add_token(file, "ada", {"--role", "act,administer", "--runs", "run.ada"});
  served server = served::in_memory({"--tokens", file});
};

json join_params(const std::string& run) {
  return {{"pool_id", "pool.a"}, {"member", {{"run_id", run}, {"agent_id", "agent.x"}}}};
}

bool is_denied(const json& answer) {
  return answer.contains("error") && answer["error"].contains("data") &&
         answer["error"]["data"]["kind"] == "PolicyDenial";
}

}  // namespace

TEST_CASE("nobody comes in without a token, and only what says how the server is stays open") {
  const guarded all;
  const auto bare = all.server.ask({"GET", "/pools"});
  CHECK(bare.status == 401);
  CHECK(bare.header("www-authenticate") == "Bearer realm=\"agentpool\"");
  const auto wrong = all.server.ask({"GET", "/pools", bearer(std::string(64, 'a'))});
  CHECK(wrong.status == 401);
  CHECK(wrong.header("www-authenticate").find("invalid_token") != std::string::npos);
  CHECK(all.server.ask({"GET", "/pools", {{"Authorization", "Basic YTpi"}}}).status == 401);
  CHECK(all.server.ask({"GET", "/pools", {{"Authorization", "Bearer"}}}).status == 401);
  CHECK(all.server.ask({"POST", "/rpc", {}, "{}"}).status == 401);
  CHECK(all.server.ask({"POST", "/mcp", {}, "{}"}).status == 401);
  CHECK(all.server.ask({"GET", "/healthz"}).status == 200);
  CHECK(all.server.ask({"GET", "/readyz"}).status == 200);
  CHECK(all.server.ask({"GET", "/pools", bearer(all.observer)}).status == 200);
  CHECK(all.server.ask({"GET", "/pools", {{"Authorization", "bearer " + all.observer}}}).status ==
        200);
}

TEST_CASE("an observer reads and does nothing, an actor acts as its runs, an administrator opens") {
  const guarded all;
  const auto& server = all.server;
  const json open{{"pool_id", "pool.a"}};
  CHECK(is_denied(server.rpc("open_pool", open, bearer(all.observer))));
  CHECK(is_denied(server.rpc("open_pool", open, bearer(all.actor))));
  CHECK(server.rpc("open_pool", open, bearer(all.administrator)).contains("result"));
  CHECK(is_denied(server.rpc("join_run", join_params("run.ci.1"), bearer(all.observer))));
  CHECK(is_denied(server.rpc("join_run", join_params("run.other"), bearer(all.actor))));
  CHECK(server.rpc("join_run", join_params("run.ci.1"), bearer(all.actor)).contains("result"));
  const json leave{{"pool_id", "pool.a"}, {"run_id", "run.ci.1"}};
  CHECK(is_denied(server.rpc("leave_run", leave, bearer(all.observer))));
  CHECK(server.get("/pools/pool.a/members", bearer(all.observer))["total"] == 1);
  CHECK(server.ask({"GET", "/pools/pool.a/members/run.ci.1/inbox", bearer(all.observer)}).status ==
        403);
  CHECK(server.rpc("leave_run", leave, bearer(all.administrator)).contains("result"));
}

TEST_CASE("whoever is known by a token acts as the runs that it joined, without session tokens") {
  const guarded all;
  const auto& server = all.server;
  server.result("open_pool", {{"pool_id", "pool.a"}}, bearer(all.administrator));
  server.result("join_run", join_params("run.ci.1"), bearer(all.actor));
  server.result("join_run", join_params("run.ada"), bearer(all.administrator));
  const json sent{{"pool_id", "pool.a"}, {"message", message("1", "run.ci.1", "run.ada")}};
  CHECK(is_denied(server.rpc("send", sent, bearer(all.administrator))));
  CHECK(server.rpc("send", sent, bearer(all.actor))["result"]["status"] == "delivered");
  const auto page = server.rpc("inbox", {{"pool_id", "pool.a"}, {"run_id", "run.ada"}},
                               bearer(all.administrator));
  const auto entries = page["result"]["entries"][0]["message"]["correlation"]["entries"];
  CHECK(entries[0]["key"] == "sender.name");
  CHECK(entries[0]["value"] == "ci");
}

TEST_CASE("SIGHUP reads the tokens again, and a file with faults leaves them as they were") {
  guarded all;
  const auto late = add_token(all.file, "late", {});
  CHECK(all.server.ask({"GET", "/pools", bearer(late)}).status == 401);
  const auto await_status = [&](const std::string& token, int status) {
    const auto end = std::chrono::steady_clock::now() + answer_wait_max;
    while (all.server.ask({"GET", "/pools", bearer(token)}).status != status)
      if (std::chrono::steady_clock::now() > end) return false;
    return true;
  };
  all.server.process().send_signal(SIGHUP);
  CHECK(await_status(late, 200));
  const auto revoked = support::run_to_end(
      {support::program().string(), {"token", "revoke", "--file", all.file, "--name", "late"}});
  REQUIRE(revoked.exit_code == 0);
  all.server.process().send_signal(SIGHUP);
  CHECK(await_status(late, 401));
  std::ofstream{all.file, std::ios::app} << "{\"name\":\"half\"\n";
  all.server.process().send_signal(SIGHUP);
  const auto said = all.server.process().error_line().value();
  CHECK(said.find("tokens stay as they were") != std::string::npos);
  CHECK(said.find(all.file + ":4: ") != std::string::npos);
  CHECK(all.server.ask({"GET", "/pools", bearer(all.observer)}).status == 200);
}

TEST_CASE("tokens that are made at the same moment are all in the file") {
  const support::temporary_directory folder;
  const auto file = folder.file("tokens.jsonl");
  std::vector<std::unique_ptr<support::process>> adding;
  std::vector<std::string> names;
  for (int i = 0; i < 16; ++i) names.push_back("name" + std::to_string(i));
  for (const auto& name : names)
    adding.push_back(std::make_unique<support::process>(support::command_line{
        support::program().string(), {"token", "add", "--file", file, "--name", name}}));
  std::vector<std::string> tokens;
  for (const auto& one : adding) tokens.push_back(one->line().value());
  for (const auto& one : adding) CHECK(one->wait().exit_code == 0);
  const auto server = served::in_memory({"--tokens", file});
  for (const auto& token : tokens)
    CHECK(server.ask({"GET", "/pools", bearer(token)}).status == 200);
}

TEST_CASE("a token that is taken away ends what it began, and no other one does") {
  guarded all;
  auto& server = all.server;
  server.result("open_pool", {{"pool_id", "pool.a"}}, bearer(all.administrator));
  server.result("join_run", join_params("run.ci.1"), bearer(all.actor));
  const auto stream_of = [&](const std::string& token) {
    auto client = server.client();
    auto headers = sse;
    headers.emplace_back("Authorization", "Bearer " + token);
    client.open_stream({"GET", "/pools/pool.a/records", headers});
    return client;
  };
  auto taken = stream_of(all.actor);
  auto kept = stream_of(all.observer);
  CHECK(taken.event().has_value());
  CHECK(kept.event().has_value());
  auto waiting = server.client();
  waiting.send(
      {"GET", "/pools/pool.a/members/run.ci.1/inbox?wait_millis=60000", bearer(all.actor)});
  CHECK(waiting.quiet_for(milliseconds{50}));
  CHECK(support::run_to_end(
            {support::program().string(), {"token", "revoke", "--file", all.file, "--name", "ci"}})
            .exit_code == 0);
  server.process().send_signal(SIGHUP);
  const auto answer = waiting.answer();
  CHECK(answer.status == 401);
  CHECK(answer.header("www-authenticate").find("invalid_token") != std::string::npos);
  taken.rest();
  server.result("join_run", join_params("run.ada"), bearer(all.administrator));
  for (auto told = kept.event(); told && told->data.find("run.ada") == std::string::npos;)
    told = kept.event();
  CHECK(server.end().exit_code == 0);
}

TEST_CASE("a session token is good for whom its bearer may act as") {
  const guarded all;
  const auto& server = all.server;
  server.result("open_pool", {{"pool_id", "pool.a"}}, bearer(all.administrator));
  const std::string session =
      server.result("join_run", join_params("run.ada"), bearer(all.administrator))["token"];
  auto headers = bearer(all.actor);
  headers.emplace_back("Agentpool-Session-Token", session);
  const auto answer = server.rpc("inbox", {{"pool_id", "pool.a"}, {"run_id", "run.ada"}}, headers);
  CHECK(is_denied(answer));
  CHECK(answer["error"]["message"].get<std::string>().find("run.ci.*") != std::string::npos);
}

TEST_CASE("an option that names a file and is empty is wrong usage, not the same as none") {
  const auto refused = [](std::vector<std::string> all, const std::string& option) {
    INFO(option);
    all.insert(all.end(), {option, ""});
    const auto ended = refused_start(all);
    CHECK(ended.exit_code == 2);
    CHECK(ended.errors.find(option) != std::string::npos);
  };
  const std::vector<std::string> serve{"serve", "--store", "memory", "--listen", "nonsense"};
  for (const auto* const option :
       {"--tokens", "--tls-cert", "--tls-key", "--node-cert", "--node-key", "--node-ca"})
    refused(serve, option);
  refused({"serve"}, "--store");
  refused({"mcp"}, "--store");
  refused({"token", "list"}, "--file");
  refused({"node", "--store", "memory", "--listen", "nonsense"}, "--tls-cert");
}

TEST_CASE("another address than a loopback one needs TLS and tokens") {
  const auto start = [](const std::vector<std::string>& more) {
    std::vector<std::string> all{"serve", "--store", "memory", "--listen", "0.0.0.0:0"};
    all.insert(all.end(), more.begin(), more.end());
    return refused_start(all);
  };
  const auto bare = start({});
  CHECK(bare.exit_code != 0);
  CHECK(bare.errors.find("--tls-cert") != std::string::npos);
  const auto half = start({"--tls-cert", "a.pem", "--tls-key", "a.key"});
  CHECK(half.exit_code != 0);
  CHECK(half.errors.find("--tokens") != std::string::npos);
}

TEST_CASE("it is served under TLS, on any address, to those who have a token") {
  const support::temporary_directory folder;
  const auto run = [&](const std::vector<std::string>& arguments) {
    const auto ended = support::run_to_end({support::program().string(), arguments});
    INFO(arguments.front() << " ended by signal " << ended.signal << ": " << ended.errors);
    REQUIRE(ended.exit_code == 0);
  };
  run({"cert", "ca", "--out", folder.file("ca")});
  run({"cert", "node", "--ca", folder.file("ca"), "--out", folder.file("site"), "--name", "site"});
  const auto file = folder.file("tokens.jsonl");
  const auto token = add_token(file, "ada", {"--role", "act,administer", "--runs", "*"});
  auto server =
      served{{"--store", "memory", "--listen", "0.0.0.0:0", "--tokens", file, "--tls-cert",
              folder.file("site") + "/site.pem", "--tls-key", folder.file("site") + "/site.key"}};
  REQUIRE(server.at().tls);
  CHECK(server.ask({"GET", "/pools"}).status == 401);
  CHECK(server.result("open_pool", {{"pool_id", "pool.a"}}, bearer(token))["pool_id"] == "pool.a");
  const auto run_token = server.join("run.a", "pool.a", bearer(token));
  auto stream = server.client();
  stream.open_stream({"GET",
                      "/pools/pool.a/events",
                      {{"Accept", "text/event-stream"}, {"Authorization", "Bearer " + token}}});
  CHECK(stream.event().value().parsed()["type"] == "agentpool.event.agent_pool.agent_pool_created");
  // Plain text at its port is no request, and harms nobody.
  auto plain_at = server.at();
  plain_at.tls = false;
  http_client plain{plain_at};
  plain.send_bytes("GET /pools HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(plain.rest().find("200") == std::string::npos);
  CHECK(server.ask({"GET", "/pools", bearer(token)}).status == 200);
  CHECK(server.end().exit_code == 0);
}

TEST_CASE("requests to other names and from pages elsewhere are refused") {
  const auto server =
      served::in_memory({"--host", "pools.example", "--origin", "https://ok.example"});
  const auto status = [&](const fields& headers) {
    return server.ask({"GET", "/pools", headers}).status;
  };
  const auto own = server.at().authority();
  CHECK(status({{"Host", "evil.example"}}) == 403);
  CHECK(status({{"Host", "127.0.0.1.evil.example"}}) == 403);
  CHECK(status({{"Host", "pools.example"}}) == 200);
  CHECK(status({{"Host", "localhost:1"}}) == 200);
  CHECK(status({{"Host", "LocalHost"}}) == 200);
  CHECK(status({{"Host", "[::1]:80"}}) == 200);
  CHECK(status({{"Origin", "https://evil.example"}}) == 403);
  CHECK(status({{"Origin", "null"}}) == 403);
  CHECK(status({{"Origin", "http://localhost:1"}}) == 403);
  CHECK(status({{"Origin", "http://" + own}}) == 200);
  CHECK(status({{"Origin", "https://ok.example"}}) == 200);
  CHECK(status({{"Origin", "https://ok.example.evil.example"}}) == 403);
}

TEST_CASE("a page that was let in is told so, asked beforehand, and reads why it is refused") {
  const support::temporary_directory folder;
  const auto file = folder.file("tokens.jsonl");
  const auto token = add_token(file, "eve", {});
  const auto server = served::in_memory({"--origin", "https://ok.example", "--tokens", file});
  const fields origin{{"Origin", "https://ok.example"}};
  const auto before = server.ask({"OPTIONS", "/pools", origin});
  CHECK(before.status == 204);
  CHECK(before.header("access-control-allow-origin") == "https://ok.example");
  CHECK(before.header("access-control-allow-headers").find("Authorization") != std::string::npos);
  CHECK(before.header("allow") == "GET");
  const auto refused = server.ask({"GET", "/pools", origin});
  CHECK(refused.status == 401);
  CHECK(refused.header("access-control-allow-origin") == "https://ok.example");
  auto headers = bearer(token);
  headers.push_back(origin.front());
  const auto answered = server.ask({"GET", "/pools", headers});
  CHECK(answered.status == 200);
  CHECK(answered.header("access-control-allow-origin") == "https://ok.example");
  CHECK(answered.header("vary") == "Origin");
  const auto other = server.ask({"GET", "/healthz"});
  CHECK(other.header("access-control-allow-origin").empty());
  CHECK(server.ask({"OPTIONS", "/pools", {{"Origin", "https://evil.example"}}}).status == 403);
}
