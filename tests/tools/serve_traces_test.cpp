#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "collector.hpp"
#include "exposition.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/web_client.hpp"

using namespace agentpool;
using nlohmann::json;

namespace {

constexpr const char* parent_trace = "0af7651916cd43dd8448eb211c80319c";
constexpr const char* parent_span = "b7ad6b7169203331";

/// A server that tells its traces there, with a pool and two runs.
class traced {
 public:
  explicit traced(const std::string& url, bool by_environment = false)
      : server_{by_environment ? std::vector<std::string>{"--store", "memory"}
                               : std::vector<std::string>{"--store", "memory", "--otlp", url},
                by_environment
                    ? std::map<std::string, std::string>{{"OTEL_EXPORTER_OTLP_ENDPOINT", url}}
                    : std::map<std::string, std::string>{}},
        client_{server_.url()} {
    ask("open_pool", json::object());
    for (const std::string run : {"run.a", "run.b"})
      tokens_[run] = ask("join_run", {{"member", {{"run_id", run}, {"agent_id", "agent.x"}}}})
                         .at("token")
                         .get<std::string>();
  }

  json ask(const std::string& method, json params, const support::web_headers& headers = {}) {
    params["pool_id"] = "pool.t";
    const json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}};
    const auto answer = json::parse(client_.post("/rpc", request.dump(), headers).body);
    INFO(answer.dump());
    REQUIRE(answer.contains("result"));
    return answer["result"];
  }

  json send(const std::string& name, const std::string& from, const std::string& to,
            const json& more = json::object(), const std::string& traceparent = {}) {
    json message{{"message_id", "message." + name},
                 {"from", from},
                 {"to", {{"target", {{"type", "run"}, {"run_id", to}}}}},
                 {"content_ref", "content." + name},
                 {"idempotency_key", "key." + name}};
    message.update(more);
    support::web_headers headers;
    if (!traceparent.empty()) headers["traceparent"] = traceparent;
    return ask("send", {{"message", message}, {"session_token", tokens_[from]}}, headers);
  }

  /// Asks until the figure is at least that.
  void wait_for_figure(const std::string& name, double at_least) {
    const auto until = std::chrono::steady_clock::now() + support::process_wait_max;
    while (tests::read_exposition(client_.get("/metrics").body).of(name) < at_least)
      REQUIRE(std::chrono::steady_clock::now() < until);
  }

  std::map<std::string, std::string> tokens_;

  support::ended stop() { return server_.stop(); }

 private:
  support::web_server server_;
  support::web_client client_;
};

/// The span of that name and message; fails without.
json span_of(const std::vector<json>& spans, const std::string& name, const std::string& message) {
  const auto found = std::find_if(spans.begin(), spans.end(), [&](const json& one) {
    return one["name"] == name && tests::attribute(one, "messaging.message.id") == message;
  });
  REQUIRE(found != spans.end());
  return *found;
}

std::string traceparent_in(const json& entry) {
  for (const auto& one : entry["message"]["correlation"]["entries"])
    if (one["key"] == "traceparent") return one["value"];
  return {};
}

}  // namespace

TEST_CASE("a message's sending, delivery and replies are spans of the caller's trace") {
  tests::collector at;
  traced server{at.url()};
  const auto parent = std::string{"00-"} + parent_trace + "-" + parent_span + "-01";
  server.send("1", "run.a", "run.b", {{"response_contract", {{"expected_responses", 1}}}}, parent);
  server.send("2", "run.b", "run.a", {{"reply_to", "message.1"}});
  const auto spans = at.spans(5);
  CHECK(at.last_target() == "/v1/traces");
  const auto send = span_of(spans, "send", "message.1");
  CHECK(send["traceId"] == parent_trace);
  CHECK(send["parentSpanId"] == parent_span);
  CHECK(send["kind"] == 4);
  CHECK(send["status"] == json::object());
  CHECK(tests::attribute(send, "messaging.destination.name") == "pool.t");
  CHECK(tests::attribute(send, "agentpool.sender") == "run.a");
  CHECK(tests::attribute(send, "agentpool.status") == "delivered");
  CHECK(tests::attribute(send, "agentpool.recipients") == "1");
  for (const char* name : {"deliver", "await_replies"}) {
    const auto below = span_of(spans, name, "message.1");
    CHECK(below["traceId"] == parent_trace);
    CHECK(below["parentSpanId"] == send["spanId"]);
    CHECK(std::stoull(below["startTimeUnixNano"].get<std::string>()) <=
          std::stoull(below["endTimeUnixNano"].get<std::string>()));
  }
  CHECK(tests::attribute(span_of(spans, "await_replies", "message.1"), "agentpool.status") ==
        "responded");
  // What names no trace begins one.
  const auto reply = span_of(spans, "send", "message.2");
  CHECK_FALSE(reply.contains("parentSpanId"));
  CHECK(reply["traceId"] != parent_trace);
  CHECK(tests::attribute(reply, "agentpool.reply_to") == "message.1");
  // Who gets a message goes on in the span of its sending.
  const auto inbox = server.ask(
      "inbox", {{"run_id", "run.b"}, {"session_token", server.tokens_["run.b"]}})["entries"];
  REQUIRE(inbox.size() == 1);
  CHECK(traceparent_in(inbox[0]) ==
        std::string{"00-"} + parent_trace + "-" + send["spanId"].get<std::string>() + "-01");
  CHECK(server.stop().exit_code == 0);
}

TEST_CASE("what its caller does not want told is not, and nobody to deliver to is a failure") {
  tests::collector at;
  traced server{at.url(), true};
  server.send("quiet", "run.a", "run.b", json::object(),
              std::string{"00-"} + parent_trace + "-" + parent_span + "-00");
  server.send("nowhere", "run.a", "run.nobody");
  CHECK(server.stop().exit_code == 0);  // what waits is sent before it ends
  const auto spans = at.spans(1);
  REQUIRE(spans.size() == 1);
  const auto span = span_of(spans, "send", "message.nowhere");
  CHECK(span["status"]["code"] == 2);
  CHECK(tests::attribute(span, "agentpool.status") == "failed");
  CHECK(tests::attribute(span, "agentpool.recipients") == "0");
}

TEST_CASE("a collector that is down holds up nobody, and gets its spans once it is there") {
  const auto port = tests::free_port();
  traced server{"http://127.0.0.1:" + std::to_string(port)};
  server.send("early", "run.a", "run.b");
  server.wait_for_figure("agentpool_span_requests_failed_total", 1);
  tests::collector at{tests::collecting::well, port};
  span_of(at.spans(2), "deliver", "message.early");
  server.wait_for_figure("agentpool_spans_exported_total", 2);
  CHECK(server.stop().exit_code == 0);
}

TEST_CASE("a collector that is busy, answers garbage or nothing at all holds up nobody") {
  tests::collector at{tests::collecting::as_garbage};
  traced server{at.url()};
  server.send("1", "run.a", "run.b");
  at.wait_for_requests(1);
  at.become(tests::collecting::busy);
  at.wait_for_requests(2);
  server.wait_for_figure("agentpool_span_requests_failed_total", 2);
  at.become(tests::collecting::well);
  span_of(at.spans(2), "send", "message.1");
  at.become(tests::collecting::slowly);
  server.send("2", "run.a", "run.b");
  at.wait_for_requests(4);
  for (int i = 3; i < 50; ++i)
    CHECK(server.send(std::to_string(i), "run.a", "run.b")["status"] == "delivered");
  const auto ended = server.stop();
  CHECK(ended.exit_code == 0);
  CHECK(ended.errors.find("spans could not be delivered") != std::string::npos);
}

TEST_CASE("what is no URL of a collector is refused before anything is served") {
  const auto ended = support::run_to_end(
      {.program = support::program().string(),
       .arguments = {"serve", "--store", "memory", "--otlp", "localhost:4318"}});
  CHECK(ended.exit_code == 1);
  CHECK(ended.errors.find("--otlp: no address to post to") != std::string::npos);
}
