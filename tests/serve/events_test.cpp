// Event streams: history first, then what comes, and nothing lost or told twice in between.
#include <random>
#include <set>
#include <thread>

#include "served.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

/// A server with a pool and a member.
struct streamed {
  explicit streamed(served made) : server{std::move(made)} {
    server.open_pool();
    token = server.join("run.a");
  }
  void publish(const std::string& id, const std::string& kind = "run_checkpointed",
               bool live = false) const {
    if (!publisher) publisher.emplace(server.client());
    const json params{{"pool_id", "pool.a"}, {"event", run_event(id, "run.a", kind, live)}};
    const json request{
        {"jsonrpc", "2.0"}, {"id", 1}, {"method", "publish_event"}, {"params", params}};
    const auto done =
        publisher->ask({"POST", "/rpc", {{"Agentpool-Session-Token", token}}, request.dump()});
    if (!done.parsed().contains("result")) throw std::runtime_error{done.body};
  }
  [[nodiscard]] http_client stream(const std::string& query = {},
                                   const std::string& last = {}) const {
    auto client = server.client();
    auto headers = sse;
    if (!last.empty()) headers.emplace_back("Last-Event-ID", last);
    const auto head = client.open_stream({"GET", "/pools/pool.a/events" + query, headers});
    if (head.status != 200) throw std::runtime_error{head.body};
    return client;
  }
  served server;
  std::string token;
  mutable std::optional<http_client> publisher;  ///< One for all: there are many events.
};

std::string id_of(const sse_event& told) { return told.parsed()["id"]; }

}  // namespace

TEST_CASE("a stream tells the history and then what comes, as CloudEvents with places") {
  const streamed pool{served::in_memory()};
  auto client = pool.server.client();
  const auto head = client.open_stream({"GET", "/pools/pool.a/events", sse});
  CHECK(head.header("content-type") == "text/event-stream");
  CHECK(head.header("cache-control").find("no-cache") != std::string::npos);
  const auto created = client.event().value();
  CHECK(created.id == "1");
  const auto told = created.parsed();
  CHECK(told["specversion"] == "1.0");
  CHECK(told["source"] == "/pools/pool.a");
  CHECK(told["sequence"] == "1");
  CHECK(told["type"] == "agentpool.event.agent_pool.agent_pool_created");
  CHECK(client.event().value().parsed()["subject"] == "run.a");
  pool.publish("event.1");
  const auto live = client.event().value();
  CHECK(live.id == "3");
  CHECK(id_of(live) == "event.1");
}

TEST_CASE("a stream goes on after the place that its reader had last") {
  const streamed pool{served::in_memory()};
  for (int i = 0; i < 5; ++i) pool.publish("event." + std::to_string(i));
  auto after = pool.stream({}, "4");
  CHECK(after.event().value().id == "5");
  auto by_query = pool.stream("?after=6");
  CHECK(by_query.event().value().id == "7");
  auto both = pool.stream("?after=1", "6");
  CHECK(both.event().value().id == "7");
  const auto status = [&](const std::string& place) {
    auto headers = sse;
    headers.emplace_back("Last-Event-ID", place);
    return pool.server.client().open_stream({"GET", "/pools/pool.a/events", headers}).status;
  };
  CHECK(status("no place") == 400);
  CHECK(status("1.") == 400);
  CHECK(status("9999999") == 400);
  CHECK(status("99999999999999999999999") == 400);
}

TEST_CASE("a stream tells what its filter lets through, and a wrong one is refused") {
  const streamed pool{served::in_memory()};
  static_cast<void>(pool.server.join("run.b"));
  auto joins = pool.stream("?kind=agent_pool_run_joined&run_id=run.b");
  CHECK(joins.event().value().parsed()["subject"] == "run.b");
  auto of_family = pool.stream("?family=run,tool");
  pool.publish("event.1");
  CHECK(id_of(of_family.event().value()) == "event.1");
  auto whole = pool.stream(R"(?filter=%7B%22families%22:%7B%22include%22:%5B%22run%22%5D%7D%7D)");
  CHECK(id_of(whole.event().value()) == "event.1");
  for (const std::string query : {"?kind=no_such", "?kind=", "?filter=%7B", "?run_id=", "?filter=7",
                                  "?filter=%7B%22kinds%22:%22none%22%7D"}) {
    INFO(query);
    auto client = pool.server.client();
    CHECK(client.open_stream({"GET", "/pools/pool.a/events" + query, sse}).status == 400);
  }
}

TEST_CASE("events that are not stored have places, too, to go on from") {
  const streamed pool{served::in_memory()};
  auto client = pool.stream("?family=run");
  pool.publish("event.1");
  pool.publish("event.live.1", "run_checkpointed", true);
  pool.publish("event.live.2", "run_checkpointed", true);
  pool.publish("event.2");
  CHECK(client.event().value().id == "3");
  CHECK(client.event().value().id == "3.event.live.1");
  const auto last = client.event().value();
  CHECK(last.id == "3.event.live.2");
  CHECK(client.event().value().id == "4");
  auto after = pool.stream("?family=run", last.id);
  CHECK(after.event().value().id == "4");
}

TEST_CASE("over 100 reconnects at random moments every event is told once and in order") {
  const streamed pool{served::in_memory()};
  constexpr int events = 1'200;
  constexpr int reconnects = 100;
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 chance{seed};
  std::thread publisher{[&] {
    for (int i = 0; i < events; ++i) pool.publish("event." + std::to_string(i));
  }};
  std::vector<std::string> told;
  std::string last;
  for (int connection = 0; connection <= reconnects; ++connection) {
    auto client = pool.stream("?family=run", last);
    const auto share = connection == reconnects ? events : static_cast<int>(chance() % 20);
    for (int i = 0; i < share && told.size() < events; ++i) {
      const auto one = client.event().value();
      last = one.id;
      told.push_back(id_of(one));
    }
  }
  publisher.join();
  REQUIRE(told.size() == events);
  for (int i = 0; i < events; ++i)
    REQUIRE(told[static_cast<std::size_t>(i)] == "event." + std::to_string(i));
}

TEST_CASE("a reader that stops reading holds up nobody and reads on without a gap") {
  const streamed pool{served::in_memory()};
  http_client stuck{pool.server.at(), true};
  stuck.open_stream({"GET", "/pools/pool.a/events?family=run", sse});
  auto other = pool.stream("?family=run");
  constexpr int events = 2'000;
  std::thread publisher{[&] {
    for (int i = 0; i < events; ++i) pool.publish("event." + std::to_string(i));
  }};
  for (int i = 0; i < events; ++i)
    REQUIRE(id_of(other.event().value()) == "event." + std::to_string(i));
  publisher.join();
  for (int i = 0; i < events; ++i)
    REQUIRE(id_of(stuck.event().value()) == "event." + std::to_string(i));
}

TEST_CASE("a queue of one place loses nothing on a stream, whatever it lets give way") {
  const streamed pool{served::in_memory()};
  for (int i = 0; i < 100; ++i)
    pool.publish("event." + std::to_string(i), i % 2 == 0 ? "run_checkpointed" : "run_completed");
  for (const std::string policy :
       {"drop_non_terminal", "drop_progress", "summarize_and_continue"}) {
    INFO(policy);
    auto client = pool.stream(
        R"(?family=run&filter=%7B%22queue%22:%7B%22capacity%22:1,%22terminal_reserve%22:1,)"
        R"(%22overflow%22:%22)" +
        policy + "%22%7D%7D");
    for (int i = 0; i < 100; ++i)
      REQUIRE(id_of(client.event().value()) == "event." + std::to_string(i));
  }
}

TEST_CASE("a stream of records begins no further than the log goes") {
  const streamed pool{served::in_memory()};
  const auto status = [&](const std::string& place) {
    auto headers = sse;
    headers.emplace_back("Last-Event-ID", place);
    return pool.server.client().open_stream({"GET", "/pools/pool.a/records", headers}).status;
  };
  const std::string last = pool.server.get("/pools/pool.a")["cursor"]["sequence"].dump();
  CHECK(status(last) == 200);
  CHECK(status(std::to_string(std::stoi(last) + 1)) == 400);
  CHECK(status("999999") == 400);
  CHECK(pool.server.ask({"GET", "/pools/pool.a/records?after=999999"}).status == 400);
  CHECK(pool.server.get("/pools/pool.a/records?after=" + last)["records"].empty());
}

TEST_CASE("large items go to a reader in small writes, whole and in order, as small ones do") {
  // given small records, then large ones, then small ones again
  constexpr std::size_t large_bytes = 300'000;
  const streamed pool{served::in_memory()};
  const fields session{{"Agentpool-Session-Token", pool.token}};
  json entries = json::array();
  for (int i = 0; i < 600; ++i)
    entries.push_back({{"key", "k" + std::to_string(i)}, {"value", std::string(500, 'v')}});
  for (int i = 0; i < 90; ++i) {
    auto sent = message(std::to_string(i), "run.a", "run.a");
    if (i >= 40 && i < 50) sent["correlation"] = {{"entries", entries}};
    pool.server.result("send", {{"pool_id", "pool.a"}, {"message", sent}}, session);
  }
  const std::uint64_t last = pool.server.get("/pools/pool.a")["cursor"]["sequence"];
  for (const std::string what : {"records", "events"}) {
    INFO(what);
    // when they are all read
    auto client = pool.server.client();
    client.open_stream({"GET", "/pools/pool.a/" + what, sse});
    const auto ends = what == "records" ? last : last - 1;
    for (std::uint64_t place = 1; place <= ends; ++place)
      REQUIRE(client.event().value().id == std::to_string(place));
    // expected: no write has many large ones
    CHECK(client.largest_chunk() < (256U << 10) + 2 * large_bytes);
  }
}

TEST_CASE("a stream says that the server ends, and where to go on") {
  const support::temporary_directory folder;
  streamed pool{served::on(folder.file("pools.sqlite"))};
  auto events = pool.stream();
  auto records = pool.server.client();
  records.open_stream({"GET", "/pools/pool.a/records", sse});
  std::string last;
  for (int i = 0; i < 2; ++i) last = events.event().value().id;
  while (records.event().value().parsed()["sequence"] != "3") {
  }
  CHECK(pool.server.end().exit_code == 0);
  for (auto* each : {&events, &records}) {
    const auto end = each->event().value();
    CHECK(end.event == "end");
    CHECK(end.id.empty());
    CHECK(end.parsed()["reason"].get<std::string>().find("about to end") != std::string::npos);
    CHECK_FALSE(each->event().has_value());
  }
  const auto again = served::on(folder.file("pools.sqlite"));
  static_cast<void>(again.join("run.b"));
  auto client = again.client();
  auto headers = sse;
  headers.emplace_back("Last-Event-ID", last);
  client.open_stream({"GET", "/pools/pool.a/events", headers});
  CHECK(client.event().value().parsed()["subject"] == "run.b");
}
