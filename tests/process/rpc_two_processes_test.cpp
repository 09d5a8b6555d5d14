#include <sqlite3.h>

#include <memory>
#include <set>
#include <string>

#include "agentpool/core/json.hpp"
#include "catch.hpp"
#include "rpc_client.hpp"
#include "support/log_view.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool;
using namespace agentpool::tests;

namespace {

constexpr const char* pool = "pool.two";

json in_pool(json params) {
  params["pool_id"] = pool;
  return params;
}

json everything(rpc_client& client) {
  json seen = client.result("snapshot", in_pool(json::object()));
  seen["records"] = client.result("watch_pool", in_pool({{"follow", false}}))["records"];
  seen["journal"] = client.result("journal", in_pool(json::object()))["records"];
  seen["events"] =
      client.result("subscribe", in_pool({{"follow", false},
                                          {"filter",
                                           {{"queue",
                                             {{"capacity", 100'000},
                                              {"terminal_reserve", 1},
                                              {"overflow", "drop_non_terminal"}}}}}}))["frames"];
  return seen;
}

/// Another program that shares the file by the shared layout alone.
class other_program {
 public:
  explicit other_program(const std::string& file) {
    REQUIRE(sqlite3_open(file.c_str(), &db_) == SQLITE_OK);
    sqlite3_busy_timeout(db_, 60'000);
  }
  ~other_program() { sqlite3_close(db_); }
  other_program(const other_program&) = delete;
  other_program& operator=(const other_program&) = delete;

  /// Adds the next record of the pool, as the other program would.
  void insert(const core::store_payload& payload, const std::string& kind) {
    const std::string sql =
        "INSERT INTO agent_pool_records (pool_id, seq, kind, payload_json) "
        "SELECT ?1, max(seq) + 1, ?2, ?3 FROM agent_pool_records WHERE pool_id = ?1";
    sqlite3_stmt* statement = nullptr;
    REQUIRE(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
    const std::string json_text = core::to_json(payload);
    sqlite3_bind_text(statement, 1, pool, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, kind.c_str(), -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(statement, 3, json_text.c_str(), -1, SQLITE_TRANSIENT);
    CHECK(sqlite3_step(statement) == SQLITE_DONE);
    sqlite3_finalize(statement);
  }

 private:
  sqlite3* db_ = nullptr;
};

core::run_message foreign_message(const char* name) {
  auto read = core::from_json<core::run_message>(message(name, "run.a", "run.b").dump(),
                                                 core::reading::request);
  REQUIRE(read);
  return *read;
}

core::message_recorded as(const core::run_message& sent, core::message_status status) {
  return {{sent, {sent.message_id, status, {core::run_id{"run.b"}}, {}}}};
}

void join(rpc_client& client, const char* run) {
  client.result("join_run", in_pool({{"member", member(run)}}));
}

}  // namespace

TEST_CASE(
    "two processes on one file under load: one sequence without gaps, equal views, each "
    "duplicate delivered once") {
  constexpr int messages = 300;
  const support::temporary_directory folder;
  const std::string file = folder.file("two.sqlite");
  rpc_client one{"sqlite:" + file};
  rpc_client two{"sqlite:" + file};
  one.result("open_pool", in_pool(json::object()));
  two.result("open_pool", in_pool(json::object()));
  join(one, "run.a");
  join(two, "run.b");
  std::vector<int> of_one;
  std::vector<int> of_two;
  const auto send = [&](rpc_client& client, const std::string& name) {
    return client.send("send", in_pool({{"message", message(name, "run.a", "run.b")}}));
  };
  for (int i = 0; i < messages; ++i) {
    const std::string number = std::to_string(i);
    send(one, "one." + number);
    send(two, "two." + number);
    of_one.push_back(send(one, "both." + number));
    of_two.push_back(send(two, "both." + number));
  }
  for (int i = 0; i < messages; ++i) {
    INFO(i);
    const json first = one.answer(of_one[static_cast<std::size_t>(i)]);
    REQUIRE(first.contains("result"));
    CHECK(first["result"] == two.answer(of_two[static_cast<std::size_t>(i)])["result"]);
  }
  const json last = one.result("send", in_pool({{"message", message("end", "run.a", "run.b")}}));
  CHECK(two.result("send", in_pool({{"message", message("end", "run.a", "run.b")}})) == last);
  CHECK(everything(one) == everything(two));
  const auto log = view_log(file, pool);
  CHECK(log.records == 4 + 2 * (3 * messages + 1));
  CHECK(log.statuses.size() == 3 * messages + 1);
  for (const auto& [id, runs] : log.delivered_to) {
    INFO(id);
    CHECK(runs == std::vector<std::string>{"run.b"});
  }
}

TEST_CASE("what one process does wakes a run that waits in the other") {
  const support::temporary_directory folder;
  const std::string store = "sqlite:" + folder.file("wake.sqlite");
  rpc_client one{store};
  rpc_client two{store};
  one.result("open_pool", in_pool(json::object()));
  join(one, "run.a");
  join(one, "run.b");
  const json waits{{"condition_id", "wake.1"},
                   {"run_id", "run.b"},
                   {"filter", {{"kinds", {{"include", {"run_message_delivered"}}}}}},
                   {"resume_with", "redacted_summary"},
                   {"idempotency_key", "key.wake.1"}};
  one.result("suspend_until", in_pool({{"run_id", "run.b"}, {"condition", waits}}));
  const int awaited =
      one.send("await_wake", in_pool({{"condition_id", "wake.1"}, {"wait_millis", 60'000}}));
  const int inbox = one.send("inbox", in_pool({{"run_id", "run.b"}, {"wait_millis", 60'000}}));
  two.result("send", in_pool({{"message", message("1", "run.a", "run.b")}}));
  const json woken = one.answer(awaited)["result"];
  CHECK(woken["registration"]["status"] == "triggered");
  CHECK(woken["notice"]["resume_input"]["summary"] == "run message delivered");
  CHECK(one.answer(inbox)["result"]["entries"].size() == 1);
}

TEST_CASE("rows that another program inserts by the shared layout are taken up") {
  const support::temporary_directory folder;
  const std::string file = folder.file("shared.sqlite");
  rpc_client client{"sqlite:" + file};
  client.result("open_pool", in_pool(json::object()));
  join(client, "run.a");
  join(client, "run.b");
  const int inbox = client.send("inbox", in_pool({{"run_id", "run.b"}, {"wait_millis", 60'000}}));
  other_program rust{file};
  const auto sent = foreign_message("foreign");
  rust.insert(as(sent, core::message_status::accepted), "run_message");
  rust.insert(as(sent, core::message_status::delivered), "run_message");
  rust.insert(core::member_joined{{core::run_id{"run.c"}, core::agent_id{"agent.x"}, {}, {}}},
              "member_joined");
  const json entries = client.answer(inbox)["result"]["entries"];
  REQUIRE(entries.size() == 1);
  CHECK(entries[0]["message"]["message_id"] == "message.foreign");
  const json receipt =
      client.result("send", in_pool({{"message", message("foreign", "run.a", "run.b")}}));
  CHECK(receipt["status"] == "delivered");
  CHECK(client.result("send",
                      in_pool({{"message", message("mine", "run.a", "run.c")}}))["delivered_to"] ==
        json::array({"run.c"}));
  CHECK(view_log(file, pool).records == 4 + 3 + 2);
}
