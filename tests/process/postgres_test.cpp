// The program's verbs on a PostgreSQL server, as a user runs them.
#include <memory>
#include <string>
#include <vector>

#include "agentpool/stores/postgres.hpp"
#include "catch.hpp"
#include "registry_rows.hpp"
#include "rpc_client.hpp"
#include "support/postgres_server.hpp"

using namespace agentpool;
using namespace agentpool::tests;

namespace {

json in_pool(json params = json::object()) {
  params["pool_id"] = "pool.shared";
  return params;
}

json sending(const std::string& name) {
  return in_pool({{"message", message(name, "run.a", "run.b")}});
}

/// A server and the name of the store on it; none, and the test counts as skipped, where there are
/// no server programs.
struct served {
  std::unique_ptr<support::postgres_server> server;
  std::string store;

  served() {
    if (!support::postgres_programs()) {
      support::skip(support::postgres_missing);
      return;
    }
    server = std::make_unique<support::postgres_server>();
    store = "postgres:" + server->conninfo();
  }
  explicit operator bool() const { return server != nullptr; }
};

support::ended run(std::vector<std::string> arguments) {
  support::process running{{support::program().string(), std::move(arguments)}};
  return running.wait();
}

json records(rpc_client& client) {
  return client.result("watch_pool", in_pool({{"follow", false}}))["records"];
}

void open_with_two(rpc_client& client) {
  client.result("open_pool", in_pool());
  for (const char* run_id : {"run.a", "run.b"})
    client.result("join_run", in_pool({{"member", member(run_id)}}));
}

}  // namespace

TEST_CASE("two processes on one PostgreSQL server: one sequence without gaps, equal views") {
  const served given;
  if (!given) return;
  constexpr int messages = 40;
  rpc_client one{given.store};
  open_with_two(one);
  rpc_client two{given.store};
  two.result("open_pool", in_pool());
  std::vector<int> of_one;
  std::vector<int> of_two;
  for (int i = 0; i < messages; ++i) {
    const std::string number = std::to_string(i);
    one.send("send", sending("one." + number));
    two.send("send", sending("two." + number));
    of_one.push_back(one.send("send", sending("both." + number)));
    of_two.push_back(two.send("send", sending("both." + number)));
  }
  for (std::size_t i = 0; i < messages; ++i) {
    const json first = one.answer(of_one[i]);
    REQUIRE(first.contains("result"));
    CHECK(first["result"] == two.answer(of_two[i])["result"]);
  }
  const json last = one.result("send", sending("end"));
  CHECK(two.result("send", sending("end")) == last);
  const json log = records(one);
  CHECK(log == records(two));
  REQUIRE(log.size() == 4 + 2 * (3 * messages + 1));
  for (std::size_t i = 0; i < log.size(); ++i) CHECK(log[i]["cursor"]["sequence"] == i + 1);
}

TEST_CASE("what one process does on a PostgreSQL server wakes a run that waits in the other") {
  const served given;
  if (!given) return;
  rpc_client one{given.store};
  open_with_two(one);
  rpc_client two{given.store};
  const int inbox = one.send("inbox", in_pool({{"run_id", "run.b"}, {"wait_millis", 60'000}}));
  two.result("send", sending("1"));
  CHECK(one.answer(inbox)["result"]["entries"].size() == 1);
}

TEST_CASE("a process whose PostgreSQL server is killed goes on, and so does the next one") {
  const served given;
  if (!given) return;
  {
    rpc_client client{given.store};
    open_with_two(client);
    std::vector<int> asked;
    for (int i = 0; i < 20; ++i) asked.push_back(client.send("send", sending(std::to_string(i))));
    client.answer(asked.front());
    given.server->kill();
    given.server->start();
    // What could not be settled in time may be asked for again: once is enough.
    for (std::size_t i = 1; i < asked.size(); ++i) client.answer(asked[i]);
    for (int i = 0; i < 20; ++i)
      CHECK(client.result("send", sending(std::to_string(i)))["status"] == "delivered");
    client.process().kill();
  }
  rpc_client next{given.store};
  CHECK(records(next).size() == 4 + 2 * 20);
  CHECK(next.result("inbox", in_pool({{"run_id", "run.b"}}))["entries"].size() == 20);
}

TEST_CASE("inspect shows a PostgreSQL store, and compact shortens it when nobody else has it") {
  const served given;
  if (!given) return;
  CHECK(run({"inspect", "--store", given.store}).errors.find("no schema agentpool") !=
        std::string::npos);
  CHECK(run({"compact", "--store", given.store, "--keep-records", "1"}).exit_code == 1);
  {
    rpc_client client{given.store};
    open_with_two(client);
    for (int i = 0; i < 30; ++i) client.result("send", sending(std::to_string(i)));
    client.result("ack_inbox", in_pool({{"run_id", "run.b"}, {"sequence", 64}}));
    const auto refused = run({"compact", "--store", given.store, "--keep-records", "10"});
    CHECK(refused.exit_code == 1);
    CHECK(refused.errors.find("another program has the store open") != std::string::npos);
    client.process().close_input();
    REQUIRE(client.process().wait().exit_code == 0);
  }
  const no_clock clock;
  const auto row = make_row(**stores::open_postgres(given.server->conninfo(), clock));
  CHECK(run({"inspect", "--store", given.store}).output.find("64 records") != std::string::npos);
  const auto done = run({"compact", "--store", given.store, "--keep-records", "10"});
  CHECK(done.errors == "");
  CHECK(done.output == "pool pool.shared: 53 entries removed, the log begins after sequence 54\n");
  const auto shown = run({"inspect", "--store", given.store});
  CHECK(shown.output.find("up to sequence 54 is gone") != std::string::npos);
  const auto looking = stores::open_postgres(given.server->conninfo(), clock, {.read_only = true});
  CHECK(only_row((*looking)->read_registry({"pool"})) == row);
  rpc_client after{given.store};
  CHECK(after.result("send", sending("29"))["status"] == "delivered");
  CHECK(records(after).size() == 10);
}

TEST_CASE("a store that cannot be reached is told in one line, without the password") {
  for (const std::string verb : {"inspect", "rpc"}) {
    const auto told = run({verb, "--store", "postgresql://me:hunter2@127.0.0.1:1/swarm"});
    CHECK(told.exit_code == 1);
    CHECK(told.errors.find("127.0.0.1") != std::string::npos);
    CHECK(told.errors.find("hunter2") == std::string::npos);
  }
  const auto survey = run({"run", "survey", ".", "--store", "postgres:dbname=x"});
  CHECK(survey.exit_code == 1);
  CHECK(survey.errors.find("keeps its results beside it: --store sqlite:FILE") !=
        std::string::npos);
}
