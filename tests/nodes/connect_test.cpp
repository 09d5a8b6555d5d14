#include <csignal>
#include <nlohmann/json.hpp>
#include <string>

#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool;
using json = nlohmann::json;
using namespace std::chrono_literals;

namespace {

/// A node on a store, as a process.
class node_process {
 public:
  explicit node_process(const std::string& store, const std::string& listen = "127.0.0.1:0")
      : process_{{support::program().string(), {"node", "--store", store, "--listen", listen}}} {
    const auto line = process_.line();
    REQUIRE(line);
    REQUIRE(line->rfind("listening on ", 0) == 0);
    endpoint_ = line->substr(std::string{"listening on "}.size());
  }
  [[nodiscard]] const std::string& endpoint() const { return endpoint_; }
  [[nodiscard]] support::process& process() { return process_; }

 private:
  support::process process_;
  std::string endpoint_;
};

/// `agentpool rpc --connect`: one question after the other.
class connected {
 public:
  explicit connected(const std::string& endpoint)
      : process_{{support::program().string(), {"rpc", "--connect", endpoint}}} {}

  json ask(const std::string& method, json params) {
    params["pool_id"] = "pool.shared";
    const json line{
        {"jsonrpc", "2.0"}, {"id", ++last_}, {"method", method}, {"params", std::move(params)}};
    process_.write(line.dump() + "\n");
    const auto answer = process_.line();
    REQUIRE(answer);
    auto read = json::parse(*answer);
    CHECK(read["id"] == last_);
    return read;
  }
  json result(const std::string& method, json params = json::object()) {
    auto answer = ask(method, std::move(params));
    INFO(answer.dump());
    REQUIRE(answer.contains("result"));
    return answer["result"];
  }
  std::string refusal(const std::string& method, json params) {
    const auto answer = ask(method, std::move(params));
    INFO(answer.dump());
    REQUIRE(answer.contains("error"));
    return answer["error"]["data"]["kind"];
  }
  support::ended end() {
    process_.close_input();
    return process_.wait();
  }

 private:
  support::process process_;
  int last_ = 0;
};

json member(const std::string& run) { return {{"run_id", run}, {"agent_id", "agent.test"}}; }

json message(const std::string& id, const std::string& from, const std::string& to) {
  return {{"message",
           {{"message_id", "message." + id},
            {"from", from},
            {"to", {{"target", {{"type", "run"}, {"run_id", to}}}}},
            {"content_ref", "content." + id},
            {"idempotency_key", "key." + id}}}};
}

}  // namespace

TEST_CASE("a stolen run id is of no use without its token, and the token takes the run over") {
  node_process node{"memory"};
  connected owner{node.endpoint()};
  owner.result("open_pool");
  const std::string token = owner.result("join_run", {{"member", member("run.a")}})["token"];
  CHECK(token.size() == 64);
  connected thief{node.endpoint()};
  CHECK(thief.refusal("send", message("1", "run.a", "run.a")) == "PolicyDenial");
  CHECK(thief.refusal("join_run", {{"member", member("run.a")}}) == "PolicyDenial");
  CHECK(thief.refusal("inbox", {{"run_id", "run.a"}}) == "PolicyDenial");
  CHECK(thief.refusal("leave_run", {{"run_id", "run.a"}}) == "PolicyDenial");
  CHECK(thief.refusal("join_run", {{"member", member("run.a")}, {"token", "guessed" + token}}) ==
        "PolicyDenial");
  CHECK(owner.result("send", message("2", "run.a", "run.a"))["status"] == "delivered");

  const auto denied = owner.result(
      "subscribe",
      {{"filter", {{"kinds", {{"include", {"extension_action_denied"}}}}}}, {"follow", false}});
  CHECK(denied["frames"].size() >= 2);

  connected heir{node.endpoint()};
  CHECK(heir.result("join_run", {{"member", member("run.a")}, {"token", token}})["token"] == token);
  CHECK(heir.result("send", message("3", "run.a", "run.a"))["status"] == "delivered");
  CHECK(owner.refusal("send", message("4", "run.a", "run.a")) == "PolicyDenial");
  CHECK(heir.end().exit_code == 0);
}

TEST_CASE("a program outlives its only node, which is started again on the same file") {
  const support::temporary_directory folder;
  const auto store = "sqlite:" + folder.file("shared.sqlite");
  auto node = std::make_unique<node_process>(store);
  const auto endpoint = node->endpoint();
  connected program{endpoint};
  program.result("open_pool");
  program.result("join_run", {{"member", member("run.a")}});
  const auto first = program.result("send", message("1", "run.a", "run.a"));
  node->process().kill();
  node = std::make_unique<node_process>(store, endpoint);
  CHECK(program.result("send", message("1", "run.a", "run.a")) == first);
  CHECK(program.result("send", message("2", "run.a", "run.a"))["status"] == "delivered");
  CHECK(program.result("inbox", {{"run_id", "run.a"}})["entries"].size() == 2);
  CHECK(program.end().exit_code == 0);
}

TEST_CASE("a node asked to end exits well, and one that cannot listen says why") {
  node_process node{"memory"};
  const auto second = support::run_to_end(
      {support::program().string(), {"node", "--store", "memory", "--listen", node.endpoint()}});
  CHECK(second.exit_code == 1);
  CHECK(second.errors.rfind("agentpool: ", 0) == 0);
  CHECK(second.errors.find(node.endpoint()) != std::string::npos);
  const auto far = support::run_to_end(
      {support::program().string(), {"node", "--store", "memory", "--listen", "0.0.0.0:0"}});
  CHECK(far.exit_code == 1);
  const auto shown =
      support::run_to_end({support::program().string(), {"inspect", "--connect", node.endpoint()}});
  CHECK(shown.exit_code == 0);
  CHECK(shown.output.find("nodes of the store: 1") != std::string::npos);
  node.process().send_signal(SIGTERM);
  CHECK(node.process().wait().exit_code == 0);
  const auto nobody =
      support::run_to_end({support::program().string(), {"inspect", "--connect", node.endpoint()}});
  CHECK(nobody.exit_code == 1);
  CHECK(nobody.errors.find(node.endpoint()) != std::string::npos);
}
