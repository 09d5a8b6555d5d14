#include <prometheus/registry.h>

#include <memory>
#include <string>

#include "agentpool/actors/engine.hpp"
#include "agentpool/stores/memory.hpp"
#include "exposition.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/web_client.hpp"
#include "tools/serve/desk_metrics.hpp"
#include "tools/serve/http_metrics.hpp"

using namespace agentpool;
using tests::read_exposition;

namespace {

/// What was answered last.
struct answered final : tools::http_exchange {
  unsigned status = 0;
  void answer(tools::http_response response) override { status = response.status; }
  std::shared_ptr<tools::http_stream> open(tools::http_response response, std::string) override {
    status = response.status;
    return nullptr;
  }
  void when_gone(std::function<void()>) override {}
  void end_with(tools::ending&, tools::http_response) override {}
};

core::run_message message_to(const std::string& run, const std::string& name) {
  core::run_message message;
  message.message_id = core::message_id{"message." + name};
  message.from = core::run_id{"run.a"};
  message.to.target = core::to_run{core::run_id{run}};
  message.content_ref = core::content_ref{"content." + name};
  message.idempotency_key = core::idempotency_key{"key." + name};
  return message;
}

core::pool_member member(const std::string& run) {
  core::pool_member made;
  made.run_id = core::run_id{run};
  made.agent_id = core::agent_id{"agent.x"};
  return made;
}

std::string rpc(const std::string& method, const std::string& params) {
  return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
}

/// `agentpool token add`, and the token that it prints.
std::string add_token(const std::string& file, const std::string& name, const std::string& role) {
  const auto done = support::run_to_end({.program = support::program().string(),
                                         .arguments = {"token", "add", "--file", file, "--name",
                                                       name, "--role", role, "--runs", "*"}});
  REQUIRE(done.exit_code == 0);
  const auto begin = done.output.find_first_of("0123456789abcdef");
  auto token = done.output.substr(begin, 64);
  REQUIRE(token.find_first_not_of("0123456789abcdef") == std::string::npos);
  return token;
}

}  // namespace

TEST_CASE("requests to an address are counted once by status, and timed when they were handled") {
  tools::metrics all;
  const auto watch = tools::count_route(all.registry(), "GET", "/pools/{pool_id}");
  watch->on_refused(401);
  const auto told = std::make_shared<answered>();
  {
    const auto exchange = watch->handling(told);
    exchange->answer({200});
    exchange->answer({404});
  }
  CHECK(told->status == 404);  // what counts there is the connection's to know
  { const auto forgotten = watch->handling(std::make_shared<answered>()); }
  { (void)watch->handling(std::make_shared<answered>())->open({200}, {}); }
  const auto seen = read_exposition(all.text());
  const std::string route = R"({method="GET",route="/pools/{pool_id}")";
  CHECK(seen.of("agentpool_http_requests_total" + route + R"(,status="200"})") == 2);
  CHECK(seen.of("agentpool_http_requests_total" + route + R"(,status="401"})") == 1);
  CHECK(seen.of("agentpool_http_requests_total" + route + R"(,status="404"})") == 0);
  CHECK(seen.of("agentpool_http_requests_total" + route + R"(,status="500"})") == 1);
  CHECK(seen.of("agentpool_http_request_seconds_count" + route + "}") == 3);
}

TEST_CASE("what a store keeps is counted by what became of it") {
  tools::metrics all;
  actors::engine_options options;
  actors::engine engine{tools::watched_store(std::make_unique<stores::memory_store>(
                                                 std::make_shared<stores::memory_log>()),
                                             {tools::count_appends(all.registry())}),
                        std::move(options)};
  const auto pool = engine.open_pool(core::pool_id{"pool.m"});
  REQUIRE(pool.ok());
  REQUIRE(pool->join(member("run.a")).ok());
  REQUIRE(pool->join(member("run.b")).ok());
  REQUIRE(pool->send(message_to("run.b", "1")).ok());
  REQUIRE(pool->send(message_to("run.b", "1")).ok());  // a repetition records nothing
  REQUIRE(pool->send(message_to("run.nobody", "2")).ok());
  core::wake_condition condition;
  condition.condition_id = core::wake_condition_id{"wake.1"};
  condition.run_id = core::run_id{"run.b"};
  condition.timeout_millis = 0;
  condition.idempotency_key = core::idempotency_key{"key.wake"};
  REQUIRE(pool->suspend_until(condition).ok());
  CHECK(engine.pools_in_use().size() == 1);
  engine.close();
  CHECK(engine.pools_in_use().empty());
  const auto seen = read_exposition(all.text());
  CHECK(seen.of(R"(agentpool_messages_total{status="delivered"})") == 1);
  CHECK(seen.of(R"(agentpool_messages_total{status="failed"})") == 1);
  CHECK(seen.of(R"(agentpool_wakes_total{status="registered"})") == 1);
  CHECK(seen.of(R"(agentpool_wakes_total{status="timed_out"})") == 1);
  CHECK(seen.of("agentpool_commits_total") >= 5);
  CHECK(seen.of("agentpool_commits_total") == seen.of("agentpool_commit_seconds_count"));
  // opened; created and joined; joined; accepted and delivered; failed; registered and timed out
  CHECK(seen.of("agentpool_commit_entries_sum") == 9);
}

TEST_CASE("a server tells Prometheus what it does, to those who may observe, in bounded labels") {
  const support::temporary_directory folder;
  const auto tokens = folder.file("tokens.jsonl");
  const auto watcher = add_token(tokens, "watcher", "observe");
  const auto actor = add_token(tokens, "actor", "act");
  const auto owner = add_token(tokens, "owner", "administer");
  support::web_server server{{"--store", "memory", "--tokens", tokens}};
  support::web_client client{server.url()};
  const auto bearer = [](const std::string& token) {
    return support::web_headers{{"Authorization", "Bearer " + token}};
  };
  const auto ask = [&](const std::string& token, const std::string& method,
                       const std::string& params) {
    return client.post("/rpc", rpc(method, params), bearer(token)).body;
  };
  ask(owner, "open_pool", R"({"pool_id":"pool.secret"})");
  for (const std::string run : {"run.secret-1", "run.secret-2"})
    ask(actor, "join_run",
        R"({"pool_id":"pool.secret","member":{"run_id":")" + run + R"(","agent_id":"agent.x"}})");
  ask(actor, "send",
      R"({"pool_id":"pool.secret","message":{"message_id":"message.1","from":"run.secret-1",)"
      R"("to":{"target":{"type":"run","run_id":"run.secret-2"}},"content_ref":"content.1",)"
      R"("idempotency_key":"key.1"}})");
  ask(actor, "cancel_message", R"({"pool_id":"pool.secret","message_id":"message.1"})");
  ask(actor, "ack_inbox", R"({"pool_id":"pool.secret","run_id":"run.secret-2","sequence":5})");
  ask(actor, "leave_run", R"({"pool_id":"pool.secret","run_id":"run.secret-2"})");
  ask(watcher, "leave_run", R"({"pool_id":"pool.secret","run_id":"run.secret-1"})");  // denied
  CHECK(client.get("/pools/pool.secret/members/run.none", bearer(watcher)).status == 404);
  CHECK(client.get("/no/such/place", bearer(watcher)).status == 404);
  CHECK(client.get("/metrics").status == 401);
  const auto told = client.get("/metrics", bearer(watcher));
  CHECK(told.status == 200);
  CHECK(told.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  const auto seen = read_exposition(told.body);
  CHECK(seen.of(R"(agentpool_sends_total{status="delivered"})") == 1);
  CHECK(seen.of(R"(agentpool_sends_total{status="cancelled"})") == 0);
  CHECK(seen.of(R"(agentpool_messages_total{status="cancelled"})") == 1);
  CHECK(seen.of("agentpool_joins_total") == 2);
  CHECK(seen.of("agentpool_leaves_total") == 1);
  CHECK(seen.of("agentpool_acknowledgements_total") == 1);
  CHECK(seen.of("agentpool_denials_total") == 1);
  CHECK(seen.of(R"(agentpool_operation_seconds_count{operation="send"})") == 1);
  CHECK(seen.of(R"(agentpool_operation_errors_total{kind="PolicyDenial",operation="leave_run"})") ==
        1);
  CHECK(seen.of(R"(agentpool_http_requests_total{method="POST",route="/rpc",status="200"})") == 8);
  CHECK(seen.of(R"(agentpool_http_requests_total{method="GET",)"
                R"(route="/pools/{pool_id}/members/{run_id}",status="404"})") == 1);
  CHECK(seen.of(R"(agentpool_http_requests_total{method="any",route="none",status="404"})") == 1);
  CHECK(seen.of(R"(agentpool_http_requests_total{method="GET",route="/metrics",status="401"})") ==
        1);
  CHECK(seen.of("agentpool_http_connections") == 1);
  CHECK(seen.of("agentpool_http_connections_accepted_total") == 1);
  CHECK(seen.of("agentpool_http_sent_bytes_total") > 0);
  CHECK(seen.of("agentpool_pools") == 1);
  CHECK(seen.of(R"(agentpool_pool_requests{state="under_way"})") == 0);
  CHECK(told.body.find("secret") == std::string::npos);
  CHECK(told.body.find("/no/such/place") == std::string::npos);
  for (const auto& [name, type] : seen.types) {
    INFO(name);
    CHECK(name.starts_with("agentpool_"));
    CHECK(name.ends_with("_total") == (type == "counter"));
  }
  CHECK(server.stop().exit_code == 0);
}

TEST_CASE("with pools at a node a server tells how it is linked to it, and when it is no more") {
  support::process node{
      {.program = support::program().string(), .arguments = {"node", "--store", "memory"}}};
  const auto line = node.line();
  REQUIRE(line.has_value());
  const auto endpoint = line->substr(line->rfind(' ') + 1);
  support::web_server server{{"--connect", endpoint}};
  support::web_client client{server.url()};
  const auto look = [&] { return read_exposition(client.get("/metrics").body); };
  client.post("/rpc", rpc("open_pool", R"({"pool_id":"pool.n"})"));
  client.post("/rpc", rpc("join_run", R"({"pool_id":"pool.n","member":)"
                                      R"({"run_id":"run.a","agent_id":"agent.x"}})"));
  const auto seen = look();
  const auto at_node = R"({endpoint=")" + endpoint + R"("})";
  CHECK(seen.of(R"(agentpool_links{state="up"})") == 1);
  CHECK(seen.of("agentpool_link_up" + at_node) == 1);
  CHECK(seen.of("agentpool_link_connects_total" + at_node) == 1);
  CHECK(seen.of(R"(agentpool_remote_pools{state="ready"})") == 1);
  CHECK(seen.of("agentpool_remote_runs") == 1);
  CHECK(seen.of("agentpool_joins_total") == 1);
  node.kill();
  const auto until = std::chrono::steady_clock::now() + support::process_wait_max;
  while (look().of("agentpool_link_up" + at_node) != 0)
    REQUIRE(std::chrono::steady_clock::now() < until);
  CHECK(look().of(R"(agentpool_links{state="up"})") == 0);
}
