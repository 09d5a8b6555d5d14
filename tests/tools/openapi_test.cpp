#include <map>
#include <set>
#include <string>

#include "schema_check.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/web_client.hpp"
#include "tools/rpc_methods.hpp"
#include "tools/serve/json_schema.hpp"
#include "tools/serve/openapi.hpp"

using namespace agentpool;
using tests::json;

namespace {

const std::string no_faults;

/// A server with the pool "pool.a" in which something of everything happened, its document, and
/// what was asked of it.
class documented {
 public:
  documented()
      : client_{server_.url()}, document_(json::parse(client_.get("/openapi.json").body)) {}

  const json& document() const { return document_; }
  support::web_client& client() { return client_; }

  /// Asks a method, which has to succeed, and checks what is taken and given by their schemas.
  json ask(const std::string& method, json params) {
    INFO(method);
    asked_.insert(method);
    const auto& about = document_["paths"]["/rpc"]["post"]["x-rpc-methods"][method];
    CHECK(tests::schema_faults(params, about["params"], document_) == no_faults);
    const json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}};
    const auto& post = document_["paths"]["/rpc"]["post"];
    CHECK(tests::schema_faults(request,
                               post["requestBody"]["content"]["application/json"]["schema"],
                               document_) == no_faults);
    const auto answer = json::parse(client_.post("/rpc", request.dump()).body);
    CHECK(tests::schema_faults(answer, answer_schema("/rpc", "post"), document_) == no_faults);
    REQUIRE(answer.contains("result"));
    CHECK(tests::schema_faults(answer["result"], about["result"], document_) == no_faults);
    return answer["result"];
  }

  /// Reads an address, which has to succeed, and checks the answer by its schema.
  json read(const std::string& pattern, const std::string& target,
            const support::web_headers& headers = {}) {
    INFO(target);
    read_.insert(pattern);
    const auto answer = client_.get(target, headers);
    REQUIRE(answer.status == 200);
    auto body = json::parse(answer.body);
    CHECK(tests::schema_faults(body, answer_schema(pattern, "get"), document_) == no_faults);
    return body;
  }

  json answer_schema(const std::string& pattern, const std::string& method) const {
    return document_.at("paths").at(pattern).at(
        method)["responses"]["200"]["content"]["application/json"]["schema"];
  }

  std::set<std::string> asked_;
  std::set<std::string> read_;

 private:
  support::web_server server_{{"--store", "memory"}};
  support::web_client client_;
  json document_;
};

json message(const std::string& name, const std::string& to) {
  return {{"message_id", "message." + name},
          {"from", "run.a"},
          {"to", {{"target", {{"type", "run"}, {"run_id", to}}}}},
          {"content_ref", "content." + name},
          {"correlation", {{"entries", {{{"key", "task"}, {"value", "seven"}}}}}},
          {"idempotency_key", "key." + name}};
}

json wake(const std::string& name) {
  return {{"condition_id", "wake." + name},
          {"run_id", "run.b"},
          {"filter", {{"kinds", {{"include", {"agent_pool_run_left"}}}}}},
          {"resume_with", "matching_event_refs"},
          {"idempotency_key", "key.wake." + name}};
}

json event() {
  return {
      {"envelope",
       {{"schema_version", 1},
        {"event_id", "event.own"},
        {"event_seq", 0},
        {"event_family", "run"},
        {"event_kind", "run_checkpointed"},
        {"payload_schema_version", 1},
        {"timestamp", "2026-01-01T00:00:00.000Z"},
        {"recorded_at", "2026-01-01T00:00:00.000Z"},
        {"run_id", "run.a"},
        {"agent_id", "agent.x"},
        {"trace_id", "trace.x"},
        {"span_id", "span.x"},
        {"subject_ref", {{"kind", "run"}, {"id", "run.a"}, {"privacy", "internal"}}},
        {"correlation", json::object()},
        {"source",
         {{"kind", "host"}, {"id", "source.host"}, {"trust", "trusted"}, {"privacy", "internal"}}},
        {"delivery_semantics", "journal_backed"},
        {"privacy", "internal"},
        {"content_capture", "off"},
        {"redaction_policy_id", "r"},
        {"runtime_package_fingerprint", "f"}}},
      {"payload", {{"mode", "envelope_only"}}}};
}

/// Every method but `unsubscribe`, which ends what HTTP cannot begin. Gives the token of run.b.
std::string ask_everything(documented& at) {
  std::map<std::string, json> tokens;
  const auto in_pool = [](json params) {
    params["pool_id"] = "pool.a";
    return params;
  };
  at.ask("open_pool", in_pool({{"config", json::object()}}));
  for (const std::string run : {"run.a", "run.b", "run.c"}) {
    const json member{{"run_id", run}, {"agent_id", "agent.x"}, {"topics", {"topic.t"}}};
    const auto told = at.ask("join_run", in_pool({{"member", member}}));
    tokens[run] = told["token"];
  }
  const auto as = [&](const std::string& run, json params) {
    params["session_token"] = tokens[run];
    return in_pool(std::move(params));
  };
  at.ask("suspend_until", as("run.b", {{"run_id", "run.b"}, {"condition", wake("1")}}));
  at.ask("suspend_until", as("run.b", {{"run_id", "run.b"}, {"condition", wake("2")}}));
  auto asking = message("1", "run.b");
  asking["response_contract"] = {{"expected_responses", 1}, {"timeout_millis", 60'000}};
  at.ask("send", as("run.a", {{"message", asking}}));
  at.ask("send", as("run.a", {{"message", message("2", "run.nobody")}}));
  at.ask("send", as("run.a", {{"message", message("3", "run.b")}}));
  at.ask("inbox", as("run.b", {{"run_id", "run.b"}, {"max", 10}, {"wait_millis", 0}}));
  at.ask("ack_inbox", as("run.b", {{"run_id", "run.b"}, {"sequence", 6}}));
  at.ask("cancel_message", as("run.a", {{"message_id", "message.3"}}));
  at.ask("record_message_status",
         as("run.a", {{"message_id", "message.1"}, {"status", "responded"}}));
  at.ask("publish_event", as("run.a", {{"event", event()}}));
  at.ask("leave_run", as("run.c", {{"run_id", "run.c"}}));
  at.ask("poll_wake", in_pool({{"condition_id", "wake.1"}}));
  at.ask("await_wake", in_pool({{"condition_id", "wake.1"}, {"wait_millis", 0}}));
  at.ask("suspend_until", as("run.b", {{"run_id", "run.b"}, {"condition", wake("3")}}));
  at.ask("cancel_wake", as("run.b", {{"condition_id", "wake.3"}}));
  at.ask("members", in_pool(json::object()));
  CHECK_FALSE(at.ask("snapshot", in_pool(json::object()))["messages"].empty());
  CHECK_FALSE(at.ask("subscribe", in_pool({{"follow", false}}))["frames"].empty());
  CHECK_FALSE(at.ask("watch_pool", in_pool({{"follow", false}}))["records"].empty());
  CHECK_FALSE(at.ask("journal", in_pool(json::object()))["records"].empty());
  at.ask("list_pools", json::object());
  const auto kept = at.ask("content_put", {{"text", "a body"}});
  CHECK(at.ask("content_get", {{"content_ref", kept["content_ref"]}})["text"] == "a body");
  at.ask("suspend_until", as("run.b", {{"run_id", "run.b"}, {"condition", wake("4")}}));
  return tokens["run.b"];
}

}  // namespace

TEST_CASE("the document has the schema of each part once and refers to it elsewhere") {
  std::vector<tools::route> routes(2);
  routes[0] = {"GET", "/things/{thing_id}", true, {}};
  routes[0].about.summary = "A \"thing\"";
  routes[0].about.query = {
      {"deep", "Whether", [] { return std::string{R"({"type":"boolean"})"}; }}};
  routes[0].about.gives = [] {
    return tools::json_schema<core::pool_snapshot>(tools::schema_of::answer);
  };
  routes[1] = {"POST", "/things/{thing_id}", false, {}};
  const auto document = json::parse(tools::openapi_document(routes, tools::rpc_methods()));
  const auto& get = document["paths"]["/things/{thing_id}"]["get"];
  CHECK(get["summary"] == "A \"thing\"");
  CHECK(get["security"] == json::array());
  CHECK(get["parameters"][0]["name"] == "thing_id");
  CHECK(get["parameters"][1]["schema"] == json{{"type", "boolean"}});
  CHECK(get["responses"]["200"]["content"]["application/json"]["schema"] ==
        json{{"$ref", "#/components/schemas/AgentPoolSnapshot"}});
  CHECK(document["paths"]["/things/{thing_id}"]["post"]["operationId"] == "post_things__thing_id_");
  const auto& parts = document["components"]["schemas"];
  CHECK(parts["AgentPoolSnapshot"]["properties"]["members"]["items"] ==
        json{{"$ref", "#/components/schemas/AgentPoolMember"}});
}

TEST_CASE("a schema that does not fit, or is none, is told") {
  const auto schema = json::parse(
      R"({"type":"object","properties":{"a":{"type":"integer","minimum":0},"b":{"oneOf":)"
      R"([{"const":"x"},{"type":"string","enum":["x","y"]}]}},"required":["a"],)"
      R"("additionalProperties":false})");
  CHECK(tests::malformed(schema, schema) == no_faults);
  CHECK(tests::schema_faults({{"a", 1}, {"b", "y"}}, schema, schema) == no_faults);
  CHECK(tests::schema_faults(json::object(), schema, schema) == "$ lacks a\n");
  CHECK(tests::schema_faults({{"a", -1}}, schema, schema) == "$.a is too small\n");
  CHECK(tests::schema_faults({{"a", "1"}}, schema, schema) == "$.a is no \"integer\"\n");
  CHECK(tests::schema_faults({{"a", 1}, {"c", 1}}, schema, schema) == "$ has an unknown c\n");
  CHECK(tests::schema_faults({{"a", 1}, {"b", "x"}}, schema, schema).find("is 2 of") !=
        std::string::npos);
  CHECK(tests::malformed({{"type", "text"}}, schema) == "# has a type \"text\"\n");
  CHECK(tests::malformed({{"$ref", "#/nothing"}}, schema) == "# refers to nothing: #/nothing\n");
}

TEST_CASE("the document is well-formed and tells what each address and method is for") {
  documented at;
  const auto& document = at.document();
  CHECK(document["openapi"] == "3.1.0");
  std::string faults;
  for (const auto& [name, schema] : document["components"]["schemas"].items())
    faults += tests::malformed(schema, document, name);
  std::set<std::string> operations;
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, about] : methods.items()) {
      INFO(method << " " << path);
      CHECK_FALSE(about["summary"].get<std::string>().empty());
      CHECK(operations.insert(about["operationId"]).second);
      const auto parameters = about.value("parameters", json::array());
      for (const auto& one : parameters) faults += tests::malformed(one["schema"], document, path);
      for (const auto& [type, content] : about["responses"]["200"]["content"].items())
        faults += tests::malformed(content["schema"], document, path);
      if (about.contains("requestBody"))
        faults += tests::malformed(about["requestBody"]["content"]["application/json"]["schema"],
                                   document, path);
    }
  }
  const auto& methods = document["paths"]["/rpc"]["post"]["x-rpc-methods"];
  CHECK(methods.size() == tools::rpc_methods().size());
  for (const auto& each : tools::rpc_methods()) {
    const auto& about = methods[std::string{each.name}];
    CHECK(about["summary"] == std::string{each.summary});
    CHECK_FALSE(about["role"].get<std::string>().empty());
    faults += tests::malformed(about["params"], document, std::string{each.name});
    faults += tests::malformed(about["result"], document, std::string{each.name});
  }
  CHECK(faults == no_faults);
}

TEST_CASE("every documented path is served, and answers are as their schemas say") {
  documented at;
  const auto token = ask_everything(at);
  std::set<std::string> methods;
  for (const auto& each : tools::rpc_methods())
    if (each.name != "unsubscribe") methods.insert(std::string{each.name});
  CHECK(at.asked_ == methods);
  const std::string pool = "/pools/{pool_id}";
  const std::string a = "/pools/pool.a";
  at.read("/pools", "/pools");
  at.read(pool, a);
  CHECK_FALSE(at.read(pool, a + "?open=true")["wakes"].empty());
  CHECK(at.read(pool + "/members", a + "/members?limit=1").contains("next"));
  at.read(pool + "/members/{run_id}", a + "/members/run.a");
  CHECK(at.client().get(a + "/members/run.c").status == 404);
  at.read(pool + "/members/{run_id}/inbox", a + "/members/run.b/inbox?after=0",
          {{"Agentpool-Session-Token", token}});
  at.read(pool + "/messages/{message_id}", a + "/messages/message.1");
  at.read(pool + "/wakes/{condition_id}", a + "/wakes/wake.2");
  CHECK_FALSE(at.read(pool + "/events", a + "/events")["events"].empty());
  CHECK_FALSE(at.read(pool + "/records", a + "/records")["records"].empty());
  CHECK_FALSE(at.read(pool + "/journal", a + "/journal?run_id=run.b")["records"].empty());
  at.read(pool + "/state", a + "/state");
  CHECK_FALSE(at.read(pool + "/why", a + "/why?message_id=message.1")["because"].empty());
  at.read("/openapi.json", "/openapi.json");
  std::set<std::string> documented_reads;
  for (const auto& [path, each] : at.document()["paths"].items())
    if (each.contains("get") &&
        each["get"]["responses"]["200"]["content"].contains("application/json"))
      documented_reads.insert(path);
  CHECK(at.read_ == documented_reads);
  // Nothing documented is unknown to the server, and nothing served is left out of the document.
  CHECK(at.client().get("/nothing").status == 404);
  for (const auto& [path, each] : at.document()["paths"].items()) {
    INFO(path);
    const auto told = at.client().ask("OPTIONS", path, {}, {});
    CHECK(told.status == 204);
    for (const auto& [method, about] : each.items()) {
      std::string name = method;
      for (auto& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      CHECK(told.headers.at("allow").find(name) != std::string::npos);
    }
  }
  const auto unknown = at.client().get("/pools/pool.a/why");
  CHECK(unknown.status == 400);
  CHECK(tests::schema_faults(json::parse(unknown.body),
                             at.document()["components"]["schemas"]["Error"],
                             at.document()) == no_faults);
}
