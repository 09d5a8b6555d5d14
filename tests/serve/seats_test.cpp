// Whose a run is: of who joined it, for as long as it is that member, whatever servers know.
#include "mcp_kit.hpp"
#include "support/catch.hpp"
#include "tokens_kit.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

fields session(const std::string& token) { return {{"Agentpool-Session-Token", token}}; }

json of_run(const std::string& run) { return {{"pool_id", "pool.a"}, {"run_id", run}}; }

json send_params(const std::string& name, const std::string& from, const std::string& to) {
  return {{"pool_id", "pool.a"}, {"message", message(name, from, to)}};
}

json join_params(const std::string& run, const std::string& agent = "agent.x") {
  return {{"pool_id", "pool.a"}, {"member", {{"run_id", run}, {"agent_id", agent}}}};
}

std::string denial(const json& answer) {
  if (!answer.contains("error") || answer["error"]["data"]["kind"] != "PolicyDenial") return {};
  return answer["error"]["message"];
}

/// What a program beside the server does to the file.
void do_by_program(const std::string& file, const std::vector<json>& requests) {
  std::string input;
  for (const auto& request : requests) input += request.dump() + "\n";
  const auto ended = support::run_to_end(
      {support::program().string(), {"rpc", "--store", "sqlite:" + file}}, input);
  if (ended.exit_code != 0 || ended.output.find("\"error\"") != std::string::npos)
    throw std::runtime_error{ended.output + ended.errors};
}

/// Two servers on one file, with run.to as a member.
struct two_servers {
  support::temporary_directory folder;
  std::string file = folder.file("pools.sqlite");
  served one = served::on(file);
  served other = served::on(file);

  two_servers() {
    one.open_pool();
    static_cast<void>(one.join("run.to"));
  }
};

}  // namespace

TEST_CASE("a run that changed hands at another server is not its former owner's for a moment") {
  two_servers at;
  const auto mine = at.other.join("run.x");
  CHECK(at.one.rpc("send", send_params("1", "run.x", "run.to"), session(mine)).contains("result"));
  at.other.result("leave_run", of_run("run.x"), session(mine));
  const auto yours = at.other.join("run.x");
  CHECK_FALSE(
      denial(at.one.rpc("send", send_params("2", "run.x", "run.to"), session(mine))).empty());
  CHECK_FALSE(denial(at.one.rpc("inbox", of_run("run.x"), session(mine))).empty());
  CHECK(at.one.rpc("send", send_params("3", "run.x", "run.to"), session(yours)).contains("result"));
}

TEST_CASE("what waits for a run that changes hands gets nothing of its next owner's") {
  two_servers at;
  const auto mine = at.one.join("run.x");
  auto waiting = at.one.client();
  waiting.send({"GET", "/pools/pool.a/members/run.x/inbox?wait_millis=60000", session(mine)});
  CHECK(waiting.quiet_for(milliseconds{50}));
  at.one.result("leave_run", of_run("run.x"), session(mine));
  const auto yours = at.one.join("run.x");
  at.one.result("send", send_params("1", "run.x", "run.x"), session(yours));
  CHECK(waiting.answer().status == 403);
}

TEST_CASE("a run that a program joined since is the program's") {
  two_servers at;
  const auto mine = at.one.join("run.x");
  do_by_program(at.file, {rpc_request(1, "leave_run", of_run("run.x")),
                          rpc_request(2, "join_run", join_params("run.x", "agent.other"))});
  CHECK_FALSE(
      denial(at.one.rpc("send", send_params("1", "run.x", "run.to"), session(mine))).empty());
  CHECK(denial(at.one.rpc("join_run", join_params("run.x", "agent.other"), session(mine)))
            .find("by a program") != std::string::npos);
}

TEST_CASE("a run that somebody took out is free at once") {
  two_servers at;
  const auto mine = at.one.join("run.x");
  do_by_program(at.file, {rpc_request(1, "leave_run", of_run("run.x"))});
  const auto yours = at.one.join("run.x");
  CHECK(at.one.rpc("send", send_params("1", "run.x", "run.to"), session(yours)).contains("result"));
  CHECK_FALSE(
      denial(at.one.rpc("send", send_params("2", "run.x", "run.to"), session(mine))).empty());
}

TEST_CASE("a join that fails leaves the run whose it was") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto mine = server.join("run.x");
  static_cast<void>(server.join("run.to"));
  const auto wrong = server.rpc("join_run", join_params("run.x", "agent.other"), session(mine));
  CHECK(wrong["error"]["message"].get<std::string>().find("keeps its agent") != std::string::npos);
  CHECK(server.rpc("send", send_params("1", "run.x", "run.to"), session(mine)).contains("result"));
}

TEST_CASE("a join that fails leaves a worker its session token, and the run its owner") {
  const support::temporary_directory folder;
  const auto file = folder.file("tokens.jsonl");
  const auto lead =
      bearer(add_token(file, "lead", {"--role", "act,administer", "--runs", "run.x,run.to"}));
  const auto worker = bearer(add_token(file, "worker", {"--role", "act", "--runs", "run.x"}));
  const auto server = served::in_memory({"--tokens", file});
  server.result("open_pool", {{"pool_id", "pool.a"}}, lead);
  server.result("join_run", join_params("run.to"), lead);
  const std::string token = server.result("join_run", join_params("run.x"), lead)["token"];
  const auto as_worker = with(worker, session(token));
  const auto fails = [&](const fields& who) {
    return server.rpc("join_run", join_params("run.x", "agent.other"), who).contains("error");
  };
  CHECK(fails(lead));
  CHECK(server.rpc("send", send_params("1", "run.x", "run.to"), as_worker).contains("result"));
  CHECK(fails(as_worker));
  CHECK(server.rpc("send", send_params("2", "run.x", "run.to"), lead).contains("result"));
}

TEST_CASE("whoever joins its run again as it is stays the member that it is") {
  const support::temporary_directory folder;
  auto server = served::on(folder.file("pools.sqlite"));
  server.open_pool();
  const auto mine = server.join("run.x");
  const auto before = server.get("/pools/pool.a/records")["records"].size();
  const auto again = server.result("join_run", join_params("run.x"), session(mine));
  CHECK(again["token"] == mine);
  CHECK(server.get("/pools/pool.a/records")["records"].size() == before);
  json with_topic = join_params("run.x");
  with_topic["member"]["topics"] = {"topic.news"};
  server.result("join_run", with_topic, session(mine));
  CHECK(server.get("/pools/pool.a/records")["records"].size() == before + 1);
  CHECK(server.rpc("inbox", of_run("run.x"), session(mine)).contains("result"));
}

TEST_CASE("who reaches the port alone cancels nothing of others, by no method") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto a = server.join("run.a");
  static_cast<void>(server.join("run.b"));
  server.result("send", send_params("1", "run.a", "run.b"), session(a));
  const json record{{"pool_id", "pool.a"}, {"message_id", "message.1"}, {"status", "cancelled"}};
  CHECK_FALSE(denial(server.rpc("record_message_status", record)).empty());
  CHECK(server.rpc("record_message_status", record, session(a)).contains("result"));
}

TEST_CASE("an event says of itself what its run is, and nothing that others are") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto a = server.join("run.a");
  const auto publish = [&](const std::string& id, const auto& change) {
    json params{{"pool_id", "pool.a"}, {"event", run_event(id, "run.a", "run_checkpointed")}};
    change(params["event"]["envelope"]);
    const auto answer = server.rpc("publish_event", params, session(a));
    return answer.contains("error") ? answer["error"]["message"].get<std::string>() : "";
  };
  CHECK(publish("event.1", [](json&) {}).empty());
  CHECK(publish("event.2", [](json& e) { e["agent_id"] = "agent.y"; }).find("agent_id") !=
        std::string::npos);
  CHECK(publish("event.agent_pool.pool.a.3", [](json&) {}).find("event_id") != std::string::npos);
  CHECK(publish("event.4", [](json& e) {
          e["source"]["id"] = "source.sdk.agent_pool";
        }).find("source.id") != std::string::npos);
  CHECK(publish("event.5", [](json& e) { e["subject_ref"]["id"] = "run.b"; }).find("subject_ref") !=
        std::string::npos);
  CHECK(publish("event.6", [](json& e) {
          e["correlation"] = {{"entries", {{{"key", "Sender.Name"}, {"value", "boss"}}}}};
        }).empty());
  const auto told = server.get("/pools/pool.a/events?kind=run_checkpointed")["events"];
  REQUIRE(told.size() == 2);
  const auto entries = told[1]["data"]["envelope"]["correlation"]["entries"];
  REQUIRE(entries.size() == 1);
  CHECK(entries[0]["key"] == "sender.name");
  CHECK(entries[0]["value"] == "anonymous");
}

TEST_CASE("no traceparent harms the server, however it came") {
  const auto server = served::in_memory();
  server.open_pool();
  const auto a = server.join("run.a");
  const std::string parent = "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  int number = 0;
  for (const auto& tail : {std::string(600, 'x'), '-' + std::string(600, 'x'), std::string{"-\t"},
                           std::string{"-more"}, std::string{"\xff\xfe"}}) {
    auto headers = session(a);
    headers.emplace_back("traceparent", parent + tail);
    const auto name = std::to_string(++number);
    CHECK(server.rpc("send", send_params(name, "run.a", "run.a"), headers).contains("result"));
  }
  mcp_session client{server};
  const auto me = joined(client, "run.m");
  const json params{{"name", "pool_send"},
                    {"arguments", also(me, {{"to", {{"run", "run.m"}}}, {"text", "x"}})},
                    {"_meta", {{"traceparent", parent + "\n"}}}};
  CHECK_FALSE(failed(client.request("tools/call", params)));
  CHECK(server.ask({"GET", "/readyz"}).status == 200);
  const auto entries = server.rpc("inbox", of_run("run.a"), session(a))["result"]["entries"];
  std::size_t traced = 0;
  for (const auto& entry : entries)
    for (const auto& told : entry["message"]["correlation"]["entries"])
      if (told["key"] == "traceparent" && told["value"] == parent) ++traced;
  CHECK(traced == 3);
}
