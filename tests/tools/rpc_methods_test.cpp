#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "rpc_kit.hpp"

using namespace agentpool::tests;

namespace {

constexpr const char* pool = "pool.rpc";

json in_pool(json params) {
  params["pool_id"] = pool;
  return params;
}

/// A pool with members run.a and run.b.
void fill(rpc_kit& rpc) {
  rpc.result("open_pool", in_pool(json::object()));
  rpc.result("join_run", in_pool({{"member", member("run.a")}}));
  rpc.result("join_run", in_pool({{"member", member("run.b", "agent.y")}}));
}

json condition(const std::string& name, const std::string& run, const char* kind) {
  return {{"condition_id", "wake." + name},
          {"run_id", run},
          {"filter", {{"kinds", {{"include", json::array({kind})}}}}},
          {"resume_with", "matching_event_refs"},
          {"idempotency_key", "key.wake." + name}};
}

json event(const char* id, const char* run, const char* semantics) {
  return {
      {"envelope",
       {{"schema_version", 1},
        {"event_id", id},
        {"event_seq", 0},
        {"event_family", "run"},
        {"event_kind", "run_checkpointed"},
        {"payload_schema_version", 1},
        {"timestamp", "2026-01-01T00:00:00.000Z"},
        {"recorded_at", "2026-01-01T00:00:00.000Z"},
        {"run_id", run},
        {"agent_id", "agent.x"},
        {"trace_id", "trace.x"},
        {"span_id", "span.x"},
        {"subject_ref", {{"kind", "run"}, {"id", run}, {"privacy", "internal"}}},
        {"correlation", json::object()},
        {"source",
         {{"kind", "host"}, {"id", "source.host"}, {"trust", "trusted"}, {"privacy", "internal"}}},
        {"delivery_semantics", semantics},
        {"privacy", "internal"},
        {"content_capture", "off"},
        {"redaction_policy_id", "r"},
        {"runtime_package_fingerprint", "f"}}},
      {"payload", {{"mode", "envelope_only"}}}};
}

std::vector<std::string> kinds_of(const json& frames) {
  std::vector<std::string> kinds;
  for (const auto& frame : frames) kinds.push_back(frame["event"]["envelope"]["event_kind"]);
  return kinds;
}

}  // namespace

TEST_CASE("list_pools names the pools that were opened before it, sorted") {
  rpc_kit rpc;
  CHECK(rpc.result("list_pools", json::object()) == json{{"pool_ids", json::array()}});
  rpc.result("open_pool", {{"pool_id", "pool.z"}});
  rpc.give(rpc.request("open_pool", {{"pool_id", "pool.b"}}));
  rpc.give(rpc.request("list_pools", json::object()));
  CHECK(rpc.next()["result"]["pool_id"] == "pool.b");
  CHECK(rpc.next()["result"] == json{{"pool_ids", {"pool.b", "pool.z"}}});
}

TEST_CASE("opening answers the empty snapshot of the other implementation") {
  rpc_kit rpc;
  CHECK(rpc.result("open_pool", {{"pool_id", "pool.wire"}}).dump() ==
        R"({"pool_id":"pool.wire","created":false,"members":[],"topics":[],)"
        R"("message_policy":{"include_sender_in_pool_broadcast":false},)"
        R"("wake_policy":{"envelope_only":true},"cursor":{"sequence":1}})");
  const json refused = rpc.ask(
      "open_pool",
      {{"pool_id", "pool.wire"}, {"config", {{"wake_policy", {{"envelope_only", false}}}}}});
  CHECK(refused["error"]["data"]["kind"] == "InvalidStateTransition");
  CHECK(refused["error"]["data"]["retry"] == "RepairNeeded");
}

TEST_CASE("members join, are listed by run id, and leave") {
  rpc_kit rpc;
  rpc.result("open_pool", in_pool(json::object()));
  CHECK(rpc.result("join_run", in_pool({{"member", member("run.b")}})) ==
        json{{"cursor", {{"sequence", 3}}}});
  CHECK(rpc.result("join_run", in_pool({{"member", member("run.a")}})) ==
        json{{"cursor", {{"sequence", 4}}}});
  CHECK(rpc.result("members", in_pool(json::object())) ==
        json{{"members", {member("run.a"), member("run.b")}}});
  CHECK(rpc.result("leave_run", in_pool({{"run_id", "run.b"}})) ==
        json{{"member", member("run.b")}, {"cursor", {{"sequence", 5}}}});
  const json again = rpc.ask("leave_run", in_pool({{"run_id", "run.b"}}));
  CHECK(again["error"]["data"]["retry"] == "NotRetryable");
}

TEST_CASE("a message is sent, read, acknowledged, cancelled and recorded") {
  rpc_kit rpc;
  fill(rpc);
  const json sent = message("1", "run.a", to_run("run.b"));
  const json receipt = rpc.result("send", in_pool({{"message", sent}}));
  CHECK(receipt == json{{"message_id", "message.1"},
                        {"status", "delivered"},
                        {"delivered_to", {"run.b"}},
                        {"journal_cursor", "journal.5"}});
  CHECK(rpc.result("send", in_pool({{"message", sent}})) == receipt);
  const json inbox = rpc.result("inbox", in_pool({{"run_id", "run.b"}}));
  REQUIRE(inbox["entries"].size() == 1);
  CHECK(inbox["entries"][0]["sequence"] == 6);
  CHECK(inbox["entries"][0]["message"]["to"]["destination_ref"]["kind"] == "agent");
  CHECK(rpc.result("ack_inbox", in_pool({{"run_id", "run.b"}, {"sequence", 6}})) ==
        json{{"acked", 6}});
  CHECK(rpc.result("ack_inbox", in_pool({{"run_id", "run.b"}, {"sequence", 1}})) ==
        json{{"acked", 6}});
  CHECK(rpc.result("inbox", in_pool({{"run_id", "run.b"}})) == json{{"entries", json::array()}});
  CHECK(rpc.result("inbox", in_pool({{"run_id", "run.b"}, {"after", 0}}))["entries"].size() == 1);
  CHECK(rpc.result("cancel_message", in_pool({{"message_id", "message.1"}}))["status"] ==
        "cancelled");
  const json final = rpc.ask("record_message_status",
                             in_pool({{"message_id", "message.1"}, {"status", "failed"}}));
  CHECK(final["error"]["data"]["kind"] == "InvalidStateTransition");
}

TEST_CASE("an inbox that waits answers when a message comes and holds up nobody") {
  rpc_kit rpc;
  fill(rpc);
  rpc.give(rpc.request("inbox", in_pool({{"run_id", "run.b"}, {"wait_millis", 60'000}})));
  const json listed = rpc.ask("members", in_pool(json::object()));
  CHECK(listed["result"]["members"].size() == 2);
  rpc.give(rpc.request("send", in_pool({{"message", message("1", "run.a", to_run("run.b"))}})));
  const json one = rpc.next();
  const json other = rpc.next();
  const json& inbox = one["result"].contains("entries") ? one : other;
  CHECK(inbox["result"]["entries"][0]["message"]["message_id"] == "message.1");
}

TEST_CASE("a wake is registered, awaited, told of what woke it, polled and cancelled") {
  rpc_kit rpc;
  fill(rpc);
  const json waits = condition("1", "run.b", "run_message_delivered");
  const json registered =
      rpc.result("suspend_until", in_pool({{"run_id", "run.b"}, {"condition", waits}}));
  CHECK(registered == json{{"condition_id", "wake.1"},
                           {"run_id", "run.b"},
                           {"status", "registered"},
                           {"journal_cursor", "journal.4"}});
  const json early =
      rpc.result("await_wake", in_pool({{"condition_id", "wake.1"}, {"wait_millis", 0}}));
  CHECK(early["registration"] == registered);
  CHECK_FALSE(early.contains("notice"));
  rpc.result("send", in_pool({{"message", message("1", "run.a", to_run("run.b"))}}));
  const json woken =
      rpc.result("await_wake", in_pool({{"condition_id", "wake.1"}, {"wait_millis", 60'000}}));
  CHECK(woken["registration"]["status"] == "triggered");
  CHECK(woken["notice"]["matched_event_id"] == "event.agent_pool.pool.rpc.6");
  CHECK(woken["notice"]["resume_input"]["policy"] == "matching_event_refs");
  CHECK(woken["notice"]["resume_input"]["subject_ref"]["id"] == "message.1");
  CHECK(rpc.result("cancel_wake", in_pool({{"condition_id", "wake.1"}})) == woken["registration"]);
  CHECK(rpc.result("poll_wake", in_pool({{"condition_id", "wake.1"}})) == woken["registration"]);
  const json unknown = rpc.ask("poll_wake", in_pool({{"condition_id", "wake.none"}}));
  CHECK(unknown["error"]["data"]["retry"] == "RepairNeeded");
}

TEST_CASE("a read without following answers frames and records") {
  rpc_kit rpc;
  fill(rpc);
  const json frames = rpc.result("subscribe", in_pool({{"follow", false}}))["frames"];
  CHECK(kinds_of(frames) == std::vector<std::string>{"agent_pool_created", "agent_pool_run_joined",
                                                     "agent_pool_run_joined"});
  const json later = rpc.result(
      "subscribe", in_pool({{"follow", false}, {"cursor", frames[1]["cursor"]}}))["frames"];
  CHECK(later.size() == 1);
  CHECK(later[0] == frames[2]);
  json other = frames[1]["cursor"];
  other["scope"] = "all";
  const json refused = rpc.ask("subscribe", in_pool({{"follow", false}, {"cursor", other}}));
  CHECK(refused["error"]["data"]["retry"] == "RepairNeeded");
  const json records = rpc.result("watch_pool", in_pool({{"follow", false}}))["records"];
  CHECK(records.size() == 4);
  CHECK(records[0]["payload"]["type"] == "pool_opened");
  const json journal = rpc.result("journal", in_pool({{"after", 1}}))["records"];
  CHECK(journal.size() == 2);
  CHECK(journal[0]["journal_seq"] == 2);
  CHECK(rpc.result("journal", in_pool({{"run_id", "run.b"}}))["records"].size() == 1);
}

TEST_CASE("a subscription tells history, then what comes, until it is ended") {
  rpc_kit rpc;
  fill(rpc);
  const json filter{{"kinds", {{"include", {"agent_pool_run_joined"}}}}};
  const std::string id = rpc.result("subscribe", in_pool({{"filter", filter}}))["subscription_id"];
  const auto next_run = [&] {
    const json told = rpc.next();
    CHECK(told["method"] == "event");
    CHECK(told["params"]["subscription_id"] == id);
    return told["params"]["frame"]["event"]["envelope"]["run_id"].get<std::string>();
  };
  CHECK(next_run() == "run.a");
  CHECK(next_run() == "run.b");
  rpc.give(rpc.request("join_run", in_pool({{"member", member("run.c")}})));
  json answer = rpc.next();
  json told = rpc.next();
  if (answer.contains("method")) std::swap(answer, told);
  CHECK(told["params"]["frame"]["event"]["envelope"]["run_id"] == "run.c");
  CHECK(rpc.result("unsubscribe", in_pool({{"subscription_id", id}})) == json::object());
  rpc.result("join_run", in_pool({{"member", member("run.d")}}));
  const json unknown = rpc.ask("unsubscribe", in_pool({{"subscription_id", id}}));
  CHECK(unknown["error"]["code"] == -32602);
}

TEST_CASE("the end of input finishes what is under way and tells streams to their end") {
  rpc_kit rpc;
  fill(rpc);
  rpc.result("watch_pool", in_pool({{"cursor", {{"sequence", 4}}}}));
  for (int i = 0; i < 50; ++i)
    rpc.give(rpc.request(
        "send", in_pool({{"message", message(std::to_string(i), "run.a", to_run("run.b"))}})));
  std::thread ending{[&] { rpc.finish(); }};  // which waits until its output is read
  int answers = 0;
  int records = 0;
  while (answers + records < 150) {
    const json line = rpc.next();
    if (line.contains("method")) ++records;
    if (line.contains("result")) ++answers;
  }
  ending.join();
  CHECK(answers == 50);
  CHECK(records == 100);
}

TEST_CASE("events of hosts are published, stored ones numbered, live ones not") {
  rpc_kit rpc;
  fill(rpc);
  const json stored = rpc.result("publish_event",
                                 in_pool({{"event", event("event.1", "run.a", "journal_backed")}}));
  CHECK(stored["cursor"]["event_seq"] == 4);
  const json live = rpc.result("publish_event",
                               in_pool({{"event", event("event.2", "run.a", "best_effort_live")}}));
  CHECK(live["cursor"]["event_seq"] == 4);
  const json frames = rpc.result("subscribe", in_pool({{"follow", false}}))["frames"];
  const auto numbered = std::count_if(frames.begin(), frames.end(), [](const json& frame) {
    const auto& envelope = frame["event"]["envelope"];
    return envelope["event_id"] == "event.1" && envelope["event_seq"] == 4;
  });
  CHECK(numbered == 1);
  const json records = rpc.result("watch_pool", in_pool({{"follow", false}}))["records"];
  CHECK(records.size() == 4);
}

TEST_CASE("requests of one connection take effect in the order in which they came") {
  rpc_kit rpc;
  rpc.give(rpc.request("open_pool", in_pool(json::object())));
  rpc.give(rpc.request("join_run", in_pool({{"member", member("run.a")}})));
  rpc.give(rpc.request("join_run", in_pool({{"member", member("run.b")}})));
  for (int i = 0; i < 100; ++i)
    rpc.give(rpc.request(
        "send", in_pool({{"message", message(std::to_string(i), "run.a", to_run("run.b"))}})));
  rpc.give(rpc.request("inbox", in_pool({{"run_id", "run.b"}})));
  json last;
  for (int i = 0; i < 104; ++i) last = rpc.next();
  REQUIRE(last["result"]["entries"].size() == 100);
  for (std::size_t i = 0; i < 100; ++i)
    CHECK(last["result"]["entries"][i]["message"]["message_id"] == "message." + std::to_string(i));
}

TEST_CASE("a client that never waits has at most under_way_max requests under way") {
  agentpool::tools::rpc_limits limits;
  limits.under_way_max = 4;
  rpc_kit rpc{limits};
  fill(rpc);
  const auto pool = rpc.engine().pool(agentpool::core::pool_id{"pool.rpc"});
  std::size_t most = 0;
  for (int i = 0; i < 2'000; ++i) {
    rpc.give(rpc.request(
        "send", in_pool({{"message", message(std::to_string(i), "run.a", to_run("run.b"))}})));
    most = std::max(most, pool.load().under_way);
  }
  CHECK(most > 0);
  CHECK(most <= 4);
  for (int i = 0; i < 2'000; ++i) CHECK(rpc.next().contains("result"));
}

TEST_CASE("requests that wait do not hold up input, and beyond waiting_max they are refused") {
  agentpool::tools::rpc_limits limits;
  limits.under_way_max = 2;
  limits.waiting_max = 3;
  rpc_kit rpc{limits};
  fill(rpc);
  for (int i = 0; i < 3; ++i)
    rpc.give(rpc.request("inbox", in_pool({{"run_id", "run.b"}, {"wait_millis", 60'000}})));
  const json refused = rpc.ask("inbox", in_pool({{"run_id", "run.b"}, {"wait_millis", 60'000}}));
  CHECK(refused["error"]["data"]["kind"] == "Timeout");
  CHECK(refused["error"]["data"]["message"].get<std::string>().find("at most 3") !=
        std::string::npos);
  rpc.give(rpc.request("send", in_pool({{"message", message("1", "run.a", to_run("run.b"))}})));
  for (int i = 0; i < 4; ++i) CHECK(rpc.next().contains("result"));
}

TEST_CASE("a notification is not answered") {
  rpc_kit rpc;
  rpc.give(R"({"jsonrpc":"2.0","method":"open_pool","params":{"pool_id":"pool.rpc"}})");
  CHECK(rpc.result("members", in_pool(json::object())) == json{{"members", json::array()}});
}
