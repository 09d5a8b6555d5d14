// How a server ends: what waits is answered, nothing that was acknowledged is lost.
#include <sys/resource.h>

#include <csignal>
#include <thread>

#include "served.hpp"
#include "support/catch.hpp"

namespace {

using namespace agentpool;
using namespace agentpool::tests;

}  // namespace

TEST_CASE("long polls are answered when the server ends, well and with exit code 0") {
  const support::temporary_directory folder;
  auto server = served::on(folder.file("pools.sqlite"));
  server.open_pool();
  const auto token = server.join("run.a");
  const fields session{{"Agentpool-Session-Token", token}};
  auto inbox = server.client();
  inbox.send({"GET", "/pools/pool.a/members/run.a/inbox?wait_millis=60000", session});
  const json params{{"pool_id", "pool.a"}, {"run_id", "run.a"}, {"wait_millis", 60'000}};
  const json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", "inbox"}, {"params", params}};
  auto rpc = server.client();
  rpc.send({"POST", "/rpc", session, request.dump()});
  auto idle = server.client();
  CHECK(idle.ask({"GET", "/healthz"}).status == 200);
  CHECK(inbox.quiet_for(milliseconds{100}));
  CHECK(rpc.quiet_for(milliseconds{100}));
  const auto ended = server.end();
  CHECK(ended.exit_code == 0);
  const auto page = inbox.answer();
  CHECK(page.status == 200);
  CHECK(page.parsed()["entries"] == json::array());
  CHECK(page.header("connection") == "close");
  const auto later = rpc.answer();
  CHECK(later.status == 503);
  CHECK(later.header("retry-after") == "1");
  CHECK(idle.rest().empty());
}

TEST_CASE("nothing that was acknowledged is lost when the server is asked to end, or is killed") {
  for (const int signal : {SIGTERM, SIGINT, SIGKILL}) {
    const support::temporary_directory folder;
    auto server = served::on(folder.file("pools.sqlite"));
    server.open_pool();
    const fields session{{"Agentpool-Session-Token", server.join("run.a")}};
    const fields reader{{"Agentpool-Session-Token", server.join("run.b")}};
    std::atomic<int> acknowledged{0};
    std::thread sender{[&] {
      try {
        for (int i = 0;; ++i) {
          server.result(
              "send",
              {{"pool_id", "pool.a"}, {"message", message(std::to_string(i), "run.a", "run.b")}},
              session);
          ++acknowledged;
        }
      } catch (const std::exception&) {  // the server is gone, or about to be
      }
    }};
    while (acknowledged < 20) std::this_thread::yield();
    const auto ended = server.end(signal);
    if (signal != SIGKILL) CHECK(ended.exit_code == 0);
    sender.join();
    const auto again = served::on(folder.file("pools.sqlite"));
    const auto page = again.result(
        "inbox", {{"pool_id", "pool.a"}, {"run_id", "run.b"}, {"max", 100'000}}, reader);
    const auto kept = page["entries"].size();
    CHECK(kept >= static_cast<std::size_t>(acknowledged));
    CHECK(kept <= static_cast<std::size_t>(acknowledged) + 1);
    for (std::size_t i = 0; i < kept; ++i)
      CHECK(page["entries"][i]["message"]["message_id"] == "message." + std::to_string(i));
  }
}

TEST_CASE("a server that has nothing to serve says so") {
  CHECK(refused_start({"serve"}).exit_code != 0);
  CHECK(refused_start({"serve", "--store", "memory", "--connect", "127.0.0.1:1"}).exit_code != 0);
  CHECK(refused_start({"serve", "--store", "memory", "--listen", "nonsense"}).exit_code != 0);
  CHECK(refused_start({"serve", "--store", "memory", "--tokens", "/no/such"}).exit_code != 0);
}

TEST_CASE("a server whose store takes nothing more is not ready until it does again") {
  // given a server whose files may not grow any more
  const support::temporary_directory folder;
  std::signal(SIGXFSZ, SIG_IGN);  // which it inherits: it is told by an error
  auto server = served::on(folder.file("pools.sqlite"));
  std::signal(SIGXFSZ, SIG_DFL);
  server.open_pool();
  const fields session{{"Agentpool-Session-Token", server.join("run.a")}};
  const auto limit_files = [&](rlim_t bytes) {
    const rlimit limit{bytes, RLIM_INFINITY};
    REQUIRE(::prlimit(server.process().id(), RLIMIT_FSIZE, &limit, nullptr) == 0);
  };
  int sent = 0;
  const auto is_sent = [&] {
    const auto name = std::to_string(++sent);
    return server
        .rpc("send", {{"pool_id", "pool.a"}, {"message", message(name, "run.a", "run.a")}}, session)
        .contains("result");
  };
  CHECK(server.ask({"GET", "/readyz"}).status == 200);
  limit_files(1);
  // when it is asked to keep something
  CHECK_FALSE(is_sent());
  // expected: it is not ready, however often one asks, and then it is without anybody's doing
  CHECK(server.ask({"GET", "/readyz"}).status == 503);
  CHECK(server.ask({"GET", "/readyz"}).status == 503);
  CHECK(server.ask({"GET", "/healthz"}).status == 200);
  limit_files(RLIM_INFINITY);
  CHECK(server.ask({"GET", "/readyz"}).status == 200);
  CHECK(is_sent());
  CHECK(server.ask({"GET", "/readyz"}).status == 200);
}

TEST_CASE("a port that is taken is told") {
  const auto server = served::in_memory();
  const auto second =
      refused_start({"serve", "--store", "memory", "--listen", server.at().authority()});
  CHECK(second.exit_code == 1);
  CHECK(second.errors.find("cannot listen on " + server.at().authority()) != std::string::npos);
}
