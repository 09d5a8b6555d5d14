#include <set>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "rpc_kit.hpp"

using namespace agentpool::tests;

namespace {

/// Every optional field written out, so that every parameter that exists is bent.
json full_filter() {
  const auto only = [](const char* value) { return json{{"include", json::array({value})}}; };
  return {{"run_ids", only("run.b")},
          {"session_ids", only("session.1")},
          {"agent_ids", only("agent.x")},
          {"turn_ids", only("turn.1")},
          {"families", only("agent_pool")},
          {"kinds", only("run_message_delivered")},
          {"source_kinds", only("sdk")},
          {"destination_kinds", only("agent")},
          {"subject_kinds", only("message")},
          {"related_entity_kinds", only("run")},
          {"correlation_keys", only("thread")},
          {"tags", only("feature:agent_pool")},
          {"privacy_classes", only("content_refs_only")},
          {"delivery_semantics", only("journal_backed")},
          {"terminal_only", false},
          {"payload_access", "envelope_only"},
          {"queue", {{"capacity", 8}, {"terminal_reserve", 1}, {"overflow", "drop_progress"}}}};
}

json policy() { return {{"kind", "permission"}, {"id", "policy.one"}, {"version", "1"}}; }

json source() {
  return {{"kind", "sdk"}, {"id", "source.x"}, {"trust", "trusted"}, {"privacy", "internal"}};
}

json full_entity() {
  return {{"kind", "run"}, {"id", "run.b"}, {"source", source()}, {"privacy", "internal"}};
}

json full_message() {
  json sent = message("bad", "run.a", to_run("run.b"));
  sent["to"]["destination_ref"] = {{"kind", "agent"},
                                   {"id", "run.b"},
                                   {"privacy", "content_refs_only"},
                                   {"retention", "host_policy"}};
  sent["to"]["related_refs"] = json::array({full_entity()});
  sent["correlation"] = {{"entries", json::array({{{"key", "thread"}, {"value", "42"}}})}};
  sent["reply_to"] = "message.earlier";
  sent["response_contract"] = {{"expected_responses", 1}, {"timeout_millis", 1000}};
  sent["expires_at_millis"] = 1900000000000;
  sent["policy_refs"] = json::array({policy()});
  return sent;
}

json cursor() {
  return {
      {"scope", "all"}, {"event_seq", 1}, {"event_id", "event.1"}, {"journal_cursor", "journal.1"}};
}

json full_condition() {
  return {{"condition_id", "wake.bad"},
          {"run_id", "run.a"},
          {"filter", full_filter()},
          {"timeout_millis", 1000},
          {"resume_with", "none"},
          {"idempotency_key", "key.wake.bad"},
          {"policy_refs", json::array({policy()})},
          {"after_cursor", cursor()}};
}

json full_event() {
  json envelope{{"schema_version", 1},
                {"event_id", "event.x"},
                {"event_seq", 0},
                {"event_family", "run"},
                {"event_kind", "run_checkpointed"},
                {"payload_schema_version", 1},
                {"timestamp", "t"},
                {"recorded_at", "t"},
                {"run_id", "run.a"},
                {"session_id", "session.1"},
                {"agent_id", "agent.x"},
                {"trace_id", "trace.x"},
                {"span_id", "span.x"},
                {"caused_by", {{"event_id", "event.0"}, {"subject_ref", full_entity()}}},
                {"subject_ref", full_entity()},
                {"related_refs", json::array({full_entity()})},
                {"correlation", json::object()},
                {"tags", json::array({"tag.x"})},
                {"source", source()},
                {"delivery_semantics", "journal_backed"},
                {"privacy", "internal"},
                {"content_capture", "off"},
                {"redaction_policy_id", "r"},
                {"runtime_package_fingerprint", "f"}};
  return {{"envelope", envelope},
          {"payload",
           {{"mode", "redacted_summary"},
            {"redacted_summary", "said"},
            {"payload_refs", json::array({full_entity()})}}}};
}

json full_config() {
  return {{"message_policy",
           {{"required_policy_refs", json::array({policy()})},
            {"include_sender_in_pool_broadcast", false}}},
          {"wake_policy", {{"envelope_only", true}}},
          {"policy_refs", json::array({policy()})}};
}

/// Every method with every parameter that it has.
std::vector<std::pair<std::string, json>> methods() {
  const auto with_pool = [](json params) {
    params["pool_id"] = "pool.bad";
    return params;
  };
  json member_full = member("run.c");
  member_full["policy_refs"] = json::array({policy()});
  member_full["topics"] = json::array({"topic.x"});
  return {
      {"open_pool", with_pool({{"config", full_config()}})},
      {"join_run", with_pool({{"member", member_full}})},
      {"leave_run", with_pool({{"run_id", "run.a"}})},
      {"members", with_pool(json::object())},
      {"send", with_pool({{"message", full_message()}})},
      {"cancel_message", with_pool({{"message_id", "message.1"}})},
      {"record_message_status", with_pool({{"message_id", "message.1"},
                                           {"status", "failed"},
                                           {"delivered_to", json::array({"run.b"})}})},
      {"inbox", with_pool({{"run_id", "run.b"}, {"after", 0}, {"max", 1}, {"wait_millis", 0}})},
      {"ack_inbox", with_pool({{"run_id", "run.b"}, {"sequence", 1}})},
      {"suspend_until", with_pool({{"run_id", "run.a"}, {"condition", full_condition()}})},
      {"poll_wake", with_pool({{"condition_id", "wake.1"}})},
      {"cancel_wake", with_pool({{"condition_id", "wake.1"}})},
      {"await_wake", with_pool({{"condition_id", "wake.1"}, {"wait_millis", 0}})},
      {"snapshot", with_pool(json::object())},
      {"publish_event", with_pool({{"event", full_event()}})},
      {"subscribe",
       with_pool({{"filter", full_filter()}, {"cursor", cursor()}, {"follow", false}})},
      {"watch_pool", with_pool({{"cursor", {{"sequence", 1}}}, {"follow", false}})},
      {"unsubscribe", with_pool({{"subscription_id", "subscription.9"}})},
      {"journal", with_pool({{"run_id", "run.a"}, {"after", 0}})},
  };
}

/// Fields that may be missing or null, and texts that are no identifiers.
// (A set without its list is refused by the set's path.)
const std::set<std::string> may_be_missing{"include",
                                           "config",
                                           "message_policy",
                                           "wake_policy",
                                           "required_policy_refs",
                                           "policy_refs",
                                           "topics",
                                           "include_sender_in_pool_broadcast",
                                           "envelope_only",
                                           "version",
                                           "destination_ref",
                                           "related_refs",
                                           "correlation",
                                           "entries",
                                           "reply_to",
                                           "response_contract",
                                           "timeout_millis",
                                           "expires_at_millis",
                                           "delivered_to",
                                           "after",
                                           "max",
                                           "wait_millis",
                                           "after_cursor",
                                           "journal_cursor",
                                           "filter",
                                           "cursor",
                                           "follow",
                                           "source",
                                           "session_id",
                                           "caused_by",
                                           "tags",
                                           "payload_refs",
                                           "run_ids",
                                           "session_ids",
                                           "agent_ids",
                                           "turn_ids",
                                           "families",
                                           "kinds",
                                           "source_kinds",
                                           "destination_kinds",
                                           "subject_kinds",
                                           "related_entity_kinds",
                                           "correlation_keys",
                                           "privacy_classes",
                                           "delivery_semantics",
                                           "terminal_only",
                                           "payload_access",
                                           "queue",
                                           "capacity",
                                           "terminal_reserve",
                                           "overflow",
                                           "subscription_id",
                                           "event_id",
                                           "run_id"};
const std::set<std::string> free_texts{
    "timestamp",        "recorded_at", "redaction_policy_id", "runtime_package_fingerprint",
    "redacted_summary", "version",     "subscription_id"};

/// What may stand in place of a value and must be refused.
std::vector<json> bent(const json& value, const std::string& name) {
  if (value.is_boolean()) return {"yes", 1, json::object(), json::array()};
  if (value.is_number())
    return {"1", -1, 1.5, true, json::object(), json::array(), 1e300, -9223372036854775807LL};
  if (value.is_array()) return {json::object(), "x", 1, json::array({nullptr}), true};
  if (value.is_object()) return {"x", 1, true, json::array()};
  std::vector<json> wrong{1, true, json::object(), json::array()};
  if (free_texts.contains(name)) return wrong;
  wrong.insert(wrong.end(), {"", std::string(513, 'x'), "a\u0001b", "a\u0085b", "a\nb"});
  return wrong;
}

struct bad_request {
  std::string path;
  json params;
};

/// Walks `at` inside `params` and collects every bent form of it.
void collect(const json& params, const json::json_pointer& pointer, const std::string& path,
             std::vector<bad_request>& out) {
  const json& here = params.at(pointer);
  const std::string name = pointer.empty() ? "" : pointer.back();
  if (!pointer.empty()) {
    for (auto& wrong : bent(here, name)) {
      json changed = params;
      changed[pointer] = std::move(wrong);
      out.push_back({path, std::move(changed)});
    }
  }
  if (here.is_object()) {
    for (const auto& [key, value] : here.items())
      collect(params, pointer / key, path.empty() ? key : path + "." + key, out);
  } else if (here.is_array()) {
    for (std::size_t i = 0; i < here.size(); ++i)
      collect(params, pointer / i, path + "[" + std::to_string(i) + "]", out);
  }
}

/// Every required parameter once missing and once null.
void collect_missing(const json& params, const json::json_pointer& pointer, const std::string& path,
                     std::vector<bad_request>& out) {
  const json& here = params.at(pointer);
  if (!here.is_object()) return;
  for (const auto& [key, value] : here.items()) {
    const std::string below = path.empty() ? key : path + "." + key;
    collect_missing(params, pointer / key, below, out);
    if (may_be_missing.contains(key)) continue;
    json without = params;
    without[pointer].erase(key);
    out.push_back({below, without});
    json null = params;
    null[pointer / key] = nullptr;
    out.push_back({below, null});
  }
}

/// A pool with something in it, and what an observer sees of it.
void fill(rpc_kit& rpc) {
  rpc.result("open_pool", {{"pool_id", "pool.bad"}});
  rpc.result("join_run", {{"pool_id", "pool.bad"}, {"member", member("run.a")}});
  rpc.result("join_run", {{"pool_id", "pool.bad"}, {"member", member("run.b")}});
  rpc.result("send",
             {{"pool_id", "pool.bad"}, {"message", message("1", "run.a", to_run("run.b"))}});
}

std::string everything(rpc_kit& rpc) {
  return rpc.result("snapshot", {{"pool_id", "pool.bad"}}).dump() +
         rpc.result("watch_pool", {{"pool_id", "pool.bad"}, {"follow", false}}).dump();
}

}  // namespace

TEST_CASE("every wrong parameter of every method is refused by its path and changes nothing") {
  rpc_kit rpc;
  fill(rpc);
  const std::string before = everything(rpc);
  std::size_t refused = 0;
  for (const auto& [method, params] : methods()) {
    std::vector<bad_request> cases;
    collect(params, json::json_pointer{}, "", cases);
    if (method != "unsubscribe")  // which needs no pool
      collect_missing(params, json::json_pointer{}, "", cases);
    for (const auto& one : cases) {
      const json answer = rpc.ask(method, one.params);
      INFO(method << " " << one.path << " " << one.params.dump() << "\n" << answer.dump());
      REQUIRE(answer.contains("error"));
      CHECK(answer["error"]["code"] == -32602);
      CHECK(answer["error"]["message"].get<std::string>().starts_with(one.path));
      ++refused;
    }
  }
  CHECK(refused > 1500);
  CHECK(everything(rpc) == before);
}

TEST_CASE("what is no request is answered with the specification's codes and nothing ends") {
  rpc_kit rpc;
  fill(rpc);
  const std::string before = everything(rpc);
  const auto code = [&](const std::string& line) {
    rpc.give(line);
    const json answer = rpc.next();
    CHECK(answer["jsonrpc"] == "2.0");
    return answer["error"]["code"].get<int>();
  };
  CHECK(code("{") == -32700);
  CHECK(code("nonsense") == -32700);
  CHECK(code("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\xff\"}") == -32700);
  CHECK(code(std::string(100'000, '[')) == -32700);
  CHECK(code(std::string(100'000, '[') + std::string(100'000, ']')) == -32700);
  CHECK(code("[]") == -32600);
  CHECK(code("1") == -32600);
  CHECK(code(R"({"id":1,"method":"members"})") == -32600);
  CHECK(code(R"({"jsonrpc":"1.0","id":1,"method":"members"})") == -32600);
  CHECK(code(R"({"jsonrpc":"2.0","id":1})") == -32600);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":7})") == -32600);
  CHECK(code(R"({"jsonrpc":"2.0","id":{},"method":"members"})") == -32600);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"members","params":7})") == -32600);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"members","params":[]})") == -32602);
  CHECK(code(R"({"jsonrpc":"2.0","id":1,"method":"no_such"})") == -32601);
  CHECK(everything(rpc) == before);
}

TEST_CASE("a line of 5 MB is answered like any other") {
  rpc_kit rpc;
  fill(rpc);
  json huge = message("huge", "run.a", to_run("run.b"));
  huge["content_ref"] = std::string(5U << 20, 'x');
  const json refused = rpc.ask("send", {{"pool_id", "pool.bad"}, {"message", huge}});
  CHECK(refused["error"]["code"] == -32602);
  CHECK(refused["error"]["message"].get<std::string>().starts_with("message.content_ref"));
  std::string padded = rpc.request("members", {{"pool_id", "pool.bad"}});
  padded.insert(1, std::string(5U << 20, ' '));
  rpc.give(padded);
  CHECK(rpc.next()["result"]["members"].size() == 2);
}

TEST_CASE("an error of the engine has kind, retry class and message") {
  rpc_kit rpc;
  const json answer = rpc.ask("members", {{"pool_id", "pool.never"}});
  CHECK(answer["error"]["code"] == -32000);
  CHECK(answer["error"]["data"]["kind"] == "HostConfigurationNeeded");
  CHECK(answer["error"]["data"]["retry"] == "HostConfigurationNeeded");
  CHECK(answer["error"]["data"]["message"] == answer["error"]["message"]);
}
