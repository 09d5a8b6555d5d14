// Bounds: whoever asks too much, too large or too slowly is refused, and others are served.
#include <sys/resource.h>

#include "served.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;
using clock = std::chrono::steady_clock;

void allow_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

TEST_CASE("a body beyond the bound is refused, in one piece and in chunks") {
  const auto server = served::in_memory({"--body-bytes", "2000"});
  CHECK(server.ask({"POST", "/rpc", {}, std::string(2'001, ' ')}).status == 413);
  auto client = server.client();
  client.send_bytes("POST /rpc HTTP/1.1\r\nHost: " + server.at().authority() +
                    "\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 3; ++i)
    if (!client.send_bytes("3e8\r\n" + std::string(1'000, ' ') + "\r\n")) break;
  CHECK(client.answer().status == 413);
  CHECK(server.ask({"GET", "/healthz"}).status == 200);
}

TEST_CASE("a caller that asks too often is told to wait, and another one is not") {
  const support::temporary_directory folder;
  const auto token = [&](const std::string& name) {
    auto ended =
        support::run_to_end({support::program().string(),
                             {"token", "add", "--file", folder.file("tokens"), "--name", name}});
    ended.output.pop_back();
    return fields{{"Authorization", "Bearer " + ended.output}};
  };
  const auto one = token("one");
  const auto other = token("other");
  const auto server = served::in_memory({"--rate", "5", "--tokens", folder.file("tokens")});
  auto client = server.client();
  http_answer last;
  for (int i = 0; i < 100 && last.status != 429; ++i) last = client.ask({"GET", "/pools", one});
  CHECK(last.status == 429);
  CHECK(last.header("retry-after") == "1");
  CHECK(client.ask({"GET", "/pools", other}).status == 200);
}

TEST_CASE("streams beyond the bound are refused, and their place is free once one has ended") {
  const auto server = served::in_memory({"--streams", "2"});
  server.open_pool();
  const http_ask ask{"GET", "/pools/pool.a/records", sse};
  auto first = server.client();
  CHECK(first.open_stream(ask).status == 200);
  {
    auto second = server.client();
    CHECK(second.open_stream(ask).status == 200);
    const auto third = server.client().open_stream(ask);
    CHECK(third.status == 503);
    CHECK(third.header("retry-after") == "1");
  }
  const auto end = clock::now() + answer_wait_max;
  while (server.client().open_stream(ask).status != 200) REQUIRE(clock::now() < end);
}

TEST_CASE("a HEAD of a stream takes no place for longer than its answer") {
  const auto server = served::in_memory({"--streams", "1"});
  server.open_pool();
  auto idle = server.client();
  CHECK(idle.ask({"HEAD", "/pools/pool.a/records", sse}).status == 200);
  const auto end = clock::now() + answer_wait_max;
  while (server.client().open_stream({"GET", "/pools/pool.a/records", sse}).status != 200)
    REQUIRE(clock::now() < end);
}

TEST_CASE("requests that wait beyond the bound are refused, and quick ones are not") {
  const auto server = served::in_memory({"--waiting", "2"});
  server.open_pool();
  const auto token = server.join("run.a");
  const json params{{"pool_id", "pool.a"},
                    {"run_id", "run.a"},
                    {"wait_millis", 60'000},
                    {"session_token", token}};
  const json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", "inbox"}, {"params", params}};
  const http_ask waits{"POST", "/rpc", {}, request.dump()};
  std::vector<http_client> waiting;
  for (int i = 0; i < 2; ++i) waiting.push_back(server.client()), waiting.back().send(waits);
  const auto end = clock::now() + answer_wait_max;
  for (;;) {
    auto more = server.client();
    more.send(waits);
    if (more.quiet_for(milliseconds{200})) {
      // One of the first two has not begun to wait yet.
      REQUIRE(clock::now() < end);
      waiting.push_back(std::move(more));
      continue;
    }
    CHECK(more.answer().parsed()["error"]["data"]["kind"] == "Timeout");
    break;
  }
  CHECK(waiting.size() <= 3);
  CHECK(server.get("/pools/pool.a/members")["total"] == 1);
}

TEST_CASE(
    "a client that sent bytes behind its request that waits is missed, too, once it is gone") {
  const auto server = served::in_memory();
  server.open_pool();
  const fields session{{"Agentpool-Session-Token", server.join("run.a")}};
  const http_ask waits{"GET", "/pools/pool.a/members/run.a/inbox?wait_millis=86400000", session};
  {
    std::vector<http_client> leaving;
    for (const std::string& behind :
         {std::string{"\r\n"}, std::string{"GET /healthz HTTP/1.1\r\n"}, std::string(9'000, 'x')}) {
      leaving.push_back(server.client());
      leaving.back().send(waits);
      leaving.back().send_bytes(behind);
    }
    server.until("waiting", 3);
    // More than is kept for later: what the client does then cannot be seen, so that it ends.
    auto greedy = server.client();
    greedy.send(waits);
    greedy.send_bytes(std::string(40'000, 'x'));
    CHECK(greedy.rest().empty());
  }
  server.until("waiting", 0);
}

TEST_CASE("requests behind one that waits are answered in their order, once it is") {
  const auto server = served::in_memory();
  server.open_pool();
  const fields session{{"Agentpool-Session-Token", server.join("run.a")}};
  auto client = server.client();
  client.send({"GET", "/pools/pool.a/members/run.a/inbox?wait_millis=2500", session});
  // In pieces, since what comes later is looked for otherwise than what comes at once.
  client.send_bytes("GET /healthz HTTP/1.1\r\nHost: ");
  CHECK(client.quiet_for(milliseconds{1'500}));
  client.send_bytes(server.at().authority() + "\r\n\r\n");
  client.send({"GET", "/pools", {}});
  CHECK(client.answer().parsed()["entries"] == json::array());
  CHECK(client.answer().status == 200);
  CHECK(client.answer().body.find("pool.a") != std::string::npos);
  client.send({"GET", "/pools/pool.a/members/run.a/inbox?wait_millis=1500", session});
  client.send({"GET", "/healthz", {}});
  client.close_sending();
  CHECK(client.answer().parsed()["entries"] == json::array());
  CHECK(client.answer().status == 200);
}

TEST_CASE("when there are too many connections, the one that asked nothing for longest goes") {
  const auto server = served::in_memory({"--connections", "3"});
  server.open_pool();
  auto stream = server.client();
  stream.open_stream({"GET", "/pools/pool.a/records", sse});
  auto oldest = server.client();
  CHECK(oldest.ask({"GET", "/healthz"}).status == 200);
  auto newer = server.client();
  CHECK(newer.ask({"GET", "/healthz"}).status == 200);
  auto newest = server.client();
  CHECK(newest.ask({"GET", "/healthz"}).status == 200);
  CHECK(oldest.rest().empty());
  CHECK(newer.ask({"GET", "/healthz"}).status == 200);
  static_cast<void>(server.join("run.a"));
  // What is being answered is not cut for others.
  CHECK(stream.event().has_value());
}

TEST_CASE("a client that closed its side before its stream began is closed, not told a fault") {
  const auto server = served::in_memory();
  server.open_pool();
  for (int i = 0; i < 20; ++i) {
    auto client = server.client();
    client.send({"GET", "/pools/pool.a/events", sse});
    client.close_sending();
    CHECK(client.rest(milliseconds{5'000}).find(" 500 ") == std::string::npos);
  }
}

TEST_CASE("idle connections make way, too, where there are few descriptors") {
  support::process server{{"/bin/sh",
                           {"-c", "ulimit -n 120; exec \"$0\" \"$@\"", support::program().string(),
                            "serve", "--store", "memory", "--listen", "127.0.0.1:0"}}};
  const std::string begin = "listening on ";
  const auto line = server.line().value_or("");
  REQUIRE(line.rfind(begin, 0) == 0);
  const auto at = server_address::of(line.substr(begin.size()));
  std::vector<http_client> silent;
  silent.reserve(130);
  for (int i = 0; i < 130; ++i) silent.emplace_back(at);
  CHECK(http_client{at}.ask({"GET", "/healthz"}).status == 200);
  server.send_signal(SIGTERM);
  CHECK(server.wait().errors.find("at most 60 connections") != std::string::npos);
}

TEST_CASE("a client that sends its headers too slowly is closed, and one that waits idly is not") {
  const auto server = served::in_memory({"--head-seconds", "0.3"});
  auto idle = server.client();
  auto slow = server.client();
  slow.send_bytes("GET /healthz HTTP/1.1\r\nHo");
  CHECK(slow.rest().empty());
  CHECK(idle.ask({"GET", "/healthz"}).status == 200);
}

TEST_CASE("500 silent and 500 stuttering connections keep nobody from being served") {
  allow_descriptors();
  const auto server = served::in_memory({"--head-seconds", "0.5"});
  std::vector<http_client> silent;
  silent.reserve(500);
  for (int i = 0; i < 500; ++i) silent.push_back(server.client());
  std::vector<http_client> slow;
  slow.reserve(500);
  for (int i = 0; i < 500; ++i) slow.push_back(server.client()), slow.back().send_bytes("GET /h");
  auto client = server.client();
  for (int i = 0; i < 200; ++i) CHECK(client.ask({"GET", "/healthz"}).status == 200);
  for (auto& each : slow) CHECK(each.rest().empty());
  CHECK(silent.back().ask({"GET", "/healthz"}).status == 200);
}
