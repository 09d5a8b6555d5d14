#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>

#include "collector.hpp"
#include "support/catch.hpp"
#include "support/process.hpp"
#include "tools/serve/http_post.hpp"
#include "tools/serve/message_spans.hpp"
#include "tools/serve/otlp.hpp"
#include "tools/serve/span_exporter.hpp"

using namespace agentpool;
using nlohmann::json;

namespace {

constexpr const char* parent_text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

tools::trace_span span_of(const std::string& name) {
  tools::trace_span span{name, {std::string(32, 'a'), std::string(16, 'b')}};
  span.begin_nanos = 1;
  span.end_nanos = 2;
  return span;
}

/// Answers what it was told to, one after the other, and then 200.
class scripted {
 public:
  explicit scripted(std::deque<unsigned> statuses) : statuses_{std::move(statuses)} {}

  tools::span_sender sender() {
    return [this](const std::string& body, std::chrono::milliseconds, const std::stop_token&) {
      std::unique_lock lock{mutex_};
      if (held_) changed_.wait(lock, [this] { return !held_; });
      bodies_.push_back(body);
      unsigned status = 200;
      if (!statuses_.empty()) {
        status = statuses_.front();
        statuses_.pop_front();
      }
      changed_.notify_all();
      return tools::post_result{status, status == 0 ? "nobody there" : ""};
    };
  }
  void wait_for(std::size_t requests) {
    std::unique_lock lock{mutex_};
    REQUIRE(changed_.wait_for(lock, support::process_wait_max,
                              [&] { return bodies_.size() >= requests; }));
  }
  void hold(bool held) {
    const std::lock_guard guard{mutex_};
    held_ = held;
    changed_.notify_all();
  }
  std::vector<std::string> bodies() {
    const std::lock_guard guard{mutex_};
    return bodies_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<unsigned> statuses_;
  std::vector<std::string> bodies_;
  bool held_ = false;
};

tools::span_limits quick() {
  tools::span_limits limits;
  limits.gather = std::chrono::milliseconds{1};
  limits.backoff_first = std::chrono::milliseconds{1};
  limits.backoff_most = std::chrono::milliseconds{2};
  return limits;
}

std::size_t spans_in(const std::string& body) {
  return json::parse(body)["resourceSpans"][0]["scopeSpans"][0]["spans"].size();
}

/// 1, 2, 3, …
tools::random_bits counting() {
  return [at = std::make_shared<std::uint64_t>(0)] { return ++*at; };
}

}  // namespace

TEST_CASE("a traceparent is read, and a span is a child of it or the first of a trace") {
  const auto parent = tools::read_traceparent(parent_text);
  REQUIRE(parent.has_value());
  CHECK(parent->trace_id == "0af7651916cd43dd8448eb211c80319c");
  CHECK(parent->span_id == "b7ad6b7169203331");
  CHECK(parent->sampled);
  CHECK(tools::to_traceparent(*parent) == parent_text);
  CHECK_FALSE(
      tools::read_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331").has_value());
  const auto quiet =
      tools::read_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-02");
  CHECK_FALSE(quiet->sampled);
  const auto child = tools::child_of(quiet, counting());
  CHECK(tools::to_traceparent(child) == "00-0af7651916cd43dd8448eb211c80319c-0000000000000001-00");
  CHECK(tools::to_traceparent(tools::child_of(std::nullopt, counting())) ==
        "00-00000000000000010000000000000002-0000000000000003-01");
  const auto zero = tools::child_of(std::nullopt, [] { return 0; });
  CHECK(tools::read_traceparent(tools::to_traceparent(zero)).has_value());
}

TEST_CASE("a span is told as OTLP's JSON says") {
  auto span = span_of("send");
  span.parent = "cccccccccccccccc";
  span.kind = tools::span_kind::producer;
  span.attributes = {{"who", std::string{"a \"b\""}}, {"many", std::uint64_t{3}}};
  span.failure = "nobody";
  CHECK(tools::otlp_json({&span, 1}, "agentpool", "1.2") ==
        R"({"resourceSpans":[{"resource":{"attributes":[)"
        R"({"key":"service.name","value":{"stringValue":"agentpool"}},)"
        R"({"key":"service.version","value":{"stringValue":"1.2"}}]},)"
        R"("scopeSpans":[{"scope":{"name":"agentpool"},"spans":[)"
        R"({"traceId":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","spanId":"bbbbbbbbbbbbbbbb",)"
        R"("parentSpanId":"cccccccccccccccc","name":"send","kind":4,)"
        R"("startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":[)"
        R"({"key":"who","value":{"stringValue":"a \"b\""}},)"
        R"({"key":"many","value":{"intValue":"3"}}],)"
        R"("status":{"message":"nobody","code":2}}]}]}]})");
}

TEST_CASE("an address to post to is read, and what is none is refused") {
  const auto read = [](const std::string& url) {
    const auto got = tools::read_http_url(url);
    if (!got) return std::string{"refused"};
    return std::string{got->secure ? "tls " : ""} + got->host + " " + got->port + " " + got->path;
  };
  CHECK(read("http://localhost:4318") == "localhost 4318 ");
  CHECK(read("https://a.example/otlp") == "tls a.example 443 /otlp");
  CHECK(read("http://[::1]:80/") == "::1 80 /");
  CHECK(read("http://[::1]") == "::1 80 ");
  for (const char* wrong : {"", "localhost:4318", "ftp://a", "http://", "http://a:", "http://a:b",
                            "http://[::1", "http://a:123456", "http://u@a", "http://a/b c"})
    CHECK(read(wrong) == "refused");
}

TEST_CASE("spans go in batches; a busy collector is asked again, one that refuses is not") {
  scripted to{{503, 0, 200, 400}};
  auto limits = quick();
  limits.batch_max = 2;
  tools::span_exporter exporter{to.sender(), "test", limits};
  to.hold(true);
  for (int i = 0; i < 4; ++i) exporter.take(span_of("s"));
  to.hold(false);
  to.wait_for(4);
  exporter.close();
  const auto counts = exporter.counts();
  CHECK(counts.failed_attempts == 3);
  CHECK(counts.exported + counts.dropped_refused == 4);
  CHECK(counts.dropped_refused > 0);
  const auto bodies = to.bodies();
  CHECK(bodies[0] == bodies[1]);
  CHECK(bodies[1] == bodies[2]);
  for (const auto& body : bodies) CHECK(spans_in(body) <= 2);
}

TEST_CASE("what nobody takes is dropped after some attempts, and what finds no room at once") {
  scripted to{{0, 0, 0}};
  auto limits = quick();
  limits.attempts_max = 3;
  limits.queue_max = 2;
  tools::span_exporter exporter{to.sender(), "test", limits};
  exporter.take(span_of("first"));
  to.wait_for(3);
  to.hold(true);
  for (int i = 0; i < 100; ++i) exporter.take(span_of("s"));
  const auto full = exporter.counts().dropped_full;
  CHECK(full >= 96);  // two are being sent and two wait
  to.hold(false);
  exporter.close();
  const auto counts = exporter.counts();
  CHECK(counts.dropped_undelivered == 1);
  CHECK(counts.exported + counts.dropped_full + counts.dropped_undelivered == 101);
}

TEST_CASE("what waits when an exporter closes is sent, and a dead collector holds up nothing") {
  tools::span_limits patient;
  patient.gather = std::chrono::hours{1};
  patient.backoff_first = std::chrono::hours{1};
  patient.backoff_most = std::chrono::hours{1};
  scripted good{{}};
  {
    tools::span_exporter exporter{good.sender(), "test", patient};
    exporter.take(span_of("late"));
  }
  REQUIRE(good.bodies().size() == 1);
  scripted dead{{0, 0}};
  tools::span_exporter exporter{dead.sender(), "test", patient};
  exporter.take(span_of("lost"));
  exporter.close();
  CHECK(exporter.counts().dropped_undelivered == 1);
  CHECK(dead.bodies().size() == 1);
  exporter.take(span_of("too late"));
  CHECK(exporter.counts().dropped_full == 1);
}

TEST_CASE("a post tells the status, and ends in its time when there is no answer") {
  using std::chrono::milliseconds;
  tests::collector at;
  auto target = *tools::read_http_url(at.url() + "/v1/traces");
  CHECK(tools::post_json(target, R"({"resourceSpans":[]})", milliseconds{60'000}).status == 200);
  CHECK(at.last_target() == "/v1/traces");
  at.become(tests::collecting::busy);
  CHECK(tools::post_json(target, "{}", milliseconds{60'000}).status == 503);
  at.become(tests::collecting::as_garbage);
  const auto garbage = tools::post_json(target, "{}", milliseconds{60'000});
  CHECK(garbage.status == 0);
  CHECK(garbage.fault.find("no answer from 127.0.0.1") == 0);
  at.become(tests::collecting::slowly);
  CHECK(tools::post_json(target, "{}", milliseconds{50}).status == 0);
  target.port = std::to_string(tests::free_port());
  CHECK(tools::post_json(target, "{}", milliseconds{60'000}).status == 0);
  target.secure = true;
  target.port = at.url().substr(at.url().rfind(':') + 1);
  CHECK(tools::post_json(target, "{}", milliseconds{60'000}).status == 0);  // it speaks no TLS
}

TEST_CASE("a message names the span of its sending; one that is not to be told is not") {
  std::vector<tools::trace_span> told;
  const auto watch =
      tools::trace_sends({[&told](tools::trace_span span) { told.push_back(std::move(span)); },
                          [now = std::uint64_t{0}]() mutable { return now += 10; }, counting()});
  core::run_message message;
  message.message_id = core::message_id{"message.1"};
  message.from = core::run_id{"run.a"};
  const auto named = [&message] { return message.correlation.entries.at(0).value.text(); };
  int answers = 0;
  const auto count = [&answers](const auto&) { ++answers; };
  const core::pool_id pool{"pool.t"};
  const core::message_receipt receipt{message.message_id, core::message_status::failed, {}, {}};
  watch->sending(pool, message, count)(core::answer{receipt});
  CHECK(named() == "00-00000000000000010000000000000002-0000000000000003-01");
  REQUIRE(told.size() == 1);
  CHECK(told[0].parent.empty());
  CHECK(told[0].failure == "nobody could be reached");
  CHECK(told[0].end_nanos - told[0].begin_nanos == 10);
  // Named in a message, that span is the parent of whoever sends it on.
  watch->sending(pool, message, count)(core::answer{receipt});
  CHECK(message.correlation.entries.size() == 1);
  CHECK(named() == "00-00000000000000010000000000000002-0000000000000004-01");
  REQUIRE(told.size() == 2);
  CHECK(told[1].parent == "0000000000000003");
  watch->sending(pool, message, count)(core::contract_violation("no"));
  message.correlation.entries[0].value =
      core::correlation_value{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"};
  watch->sending(pool, message, count)(core::answer{receipt});
  CHECK(named() == "00-0af7651916cd43dd8448eb211c80319c-0000000000000006-00");
  CHECK(told.size() == 2);
  CHECK(answers == 4);
}
