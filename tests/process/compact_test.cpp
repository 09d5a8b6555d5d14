// `agentpool compact` as a user runs it: on a real file, beside other programs, killed in between.
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "agentpool/stores/sqlite.hpp"
#include "catch.hpp"
#include "registry_rows.hpp"
#include "rpc_client.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool;
using namespace agentpool::tests;
using std::chrono::milliseconds;

namespace {

const json in_pool{{"pool_id", "pool.old"}};

json with(json params) {
  params["pool_id"] = "pool.old";
  return params;
}

json sending(int i) { return with({{"message", message(std::to_string(i), "run.a", "run.b")}}); }

/// Message i is delivered by record 6 + 2 i: the pool is opened, created and joined twice before.
int delivered(int i) { return 6 + 2 * i; }

/// A store in which `messages` were sent and the first `acknowledged` of them acknowledged.
void fill(const std::string& store, int messages, int acknowledged) {
  rpc_client client{store};
  client.result("open_pool", in_pool);
  for (const char* run : {"run.a", "run.b"})
    client.result("join_run", with({{"member", member(run)}}));
  std::vector<int> asked;
  for (int i = 0; i < messages; ++i) asked.push_back(client.send("send", sending(i)));
  for (const int id : asked) client.answer(id);
  client.result("ack_inbox",
                with({{"run_id", "run.b"}, {"sequence", delivered(acknowledged - 1)}}));
  client.process().close_input();
  REQUIRE(client.process().wait().exit_code == 0);
}

support::ended compact(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "compact");
  support::process running{{support::program().string(), std::move(arguments)}};
  return running.wait();
}

std::vector<json> lines_of(const std::string& path) {
  std::ifstream in{path};
  std::vector<json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  return lines;
}

/// What a pool of `fill(store, messages, acknowledged)` promises, whatever was removed.
void check_promises(const std::string& store, int messages, int acknowledged) {
  rpc_client client{store};
  CHECK(client.result("members", in_pool)["members"].size() == 2);
  const auto inbox = client.result("inbox", with({{"run_id", "run.b"}, {"max", 1000}}))["entries"];
  REQUIRE(static_cast<int>(inbox.size()) == messages - acknowledged);
  for (int i = acknowledged; i < messages; ++i)
    REQUIRE(inbox[static_cast<std::size_t>(i - acknowledged)]["sequence"] == delivered(i));
  const auto receipt = client.result("send", sending(messages - 1));
  CHECK(receipt["status"] == "delivered");
  const auto cursor = client.result("join_run", with({{"member", member("run.c")}}))["cursor"];
  CHECK(cursor["sequence"] == delivered(messages - 1) + 1);
}

/// How long a compaction of a copy of `whole` takes.
milliseconds time_of_compaction(const std::string& whole, const std::string& copy) {
  std::filesystem::copy_file(whole, copy);
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(compact({"--store", "sqlite:" + copy, "--keep-records", "1000"}).exit_code == 0);
  return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
}

}  // namespace

TEST_CASE("a compacted store keeps its promises, and its archive has what was removed") {
  support::temporary_directory folder;
  const auto store = "sqlite:" + folder.file("pools.sqlite");
  const auto archive = folder.file("old.jsonl");
  fill(store, 300, 200);
  const auto done = compact({"--store", store, "--keep-records", "104", "--archive", archive});
  CHECK(done.errors.empty());
  REQUIRE(done.exit_code == 0);
  // 604 records, of which 500 are old; the first and the fifty unacknowledged ones stay.
  CHECK(done.output ==
        "pool pool.old: 451 entries removed, the log begins after sequence 500, "
        "48 older records still needed\n");
  const auto lines = lines_of(archive);
  REQUIRE(lines.size() == 451);
  CHECK(lines.front()["sequence"] == 2);
  CHECK(lines.front()["payload"]["type"] == "pool_created");
  CHECK(lines.back()["sequence"] == 499);
  check_promises(store, 300, 200);
}

TEST_CASE("inspecting and compacting a store leave its registry as it is") {
  support::temporary_directory folder;
  const auto path = folder.file("pools.sqlite");
  const auto store = "sqlite:" + path;
  fill(store, 20, 20);
  const no_clock clock;
  const auto row = make_row(**stores::open_sqlite(path, clock));
  const support::command_line inspect{support::program().string(), {"inspect", "--store", store}};
  CHECK(support::run_to_end(inspect).exit_code == 0);
  REQUIRE(compact({"--store", store, "--keep-records", "1"}).exit_code == 0);
  CHECK(only_row((*stores::open_sqlite(path, clock))->read_registry({"pool"})) == row);
}

TEST_CASE("readers of a compacted store are told what is gone") {
  support::temporary_directory folder;
  const auto store = "sqlite:" + folder.file("pools.sqlite");
  fill(store, 100, 100);
  REQUIRE(compact({"--store", store, "--keep-records", "50"}).exit_code == 0);
  rpc_client client{store};
  const auto old = client.answer(
      client.send("watch_pool", with({{"cursor", {{"sequence", 5}}}, {"follow", false}})));
  CHECK(old["error"]["data"]["message"].get<std::string>().find(
            "older than this pool's horizon (sequence 154") == 0);
  const auto records = client.result("watch_pool", with({{"follow", false}}))["records"];
  CHECK(records.size() == 50);
  CHECK(records[0]["cursor"]["sequence"] == 155);
  const auto journal = client.result("journal", in_pool)["records"];
  CHECK(journal.size() == 50);
  CHECK(journal[0]["journal_seq"] == 154);
  support::process inspecting{{support::program().string(), {"inspect", "--store", store}}};
  CHECK(inspecting.wait().output.find("up to sequence 154 is gone") != std::string::npos);
}

TEST_CASE("a store that another program has open is not compacted") {
  support::temporary_directory folder;
  const auto store = "sqlite:" + folder.file("pools.sqlite");
  fill(store, 30, 30);
  rpc_client other{store};
  other.result("members", in_pool);
  const auto refused = compact({"--store", store, "--keep-records", "10"});
  CHECK(refused.exit_code == 1);
  CHECK(refused.errors.find("opening failed: another program holds the store's lock") !=
        std::string::npos);
  CHECK(other.result("inbox", with({{"run_id", "run.b"}, {"after", 0}}))["entries"].size() == 30);
}

TEST_CASE("what compact cannot do is refused in one line and changes nothing") {
  support::temporary_directory folder;
  const auto store = "sqlite:" + folder.file("pools.sqlite");
  fill(store, 30, 30);
  const auto taken = folder.file("taken.jsonl");
  std::ofstream{taken} << "mine\n";
  const std::vector<std::vector<std::string>> wrong{
      {"--store", store},
      {"--store", "memory", "--keep-records", "1"},
      {"--store", "sqlite:" + folder.file("none.sqlite"), "--keep-records", "1"},
      {"--store", store, "--keep-records", "1", "--pool", "pool.none"},
      {"--store", store, "--keep-records", "1", "--archive", taken}};
  for (const auto& arguments : wrong) {
    const auto refused = compact(arguments);
    CHECK(refused.exit_code == 1);
    CHECK(refused.errors.starts_with("agentpool: "));
  }
  rpc_client client{store};
  CHECK(client.result("watch_pool", with({{"follow", false}}))["records"].size() == 64);
}

TEST_CASE("killed at any moment a compaction loses nothing, and the next one completes it") {
  support::temporary_directory folder;
  const auto whole = folder.file("whole.sqlite");
  constexpr int messages = 2'000;
  fill("sqlite:" + whole, messages, messages - 100);
  constexpr int moments = 24;
  // Moments are shares of what a compaction takes here: on a slow machine as on a fast one.
  const auto took = time_of_compaction(whole, folder.file("timed.sqlite"));
  int killed = 0;
  for (int moment = 0; moment < moments; ++moment) {
    const auto file = folder.file("pools" + std::to_string(moment) + ".sqlite");
    std::filesystem::copy_file(whole, file);
    const std::vector<std::string> arguments{"compact", "--store", "sqlite:" + file,
                                             "--keep-records", "1000"};
    support::process running{{support::program().string(), arguments}};
    if (!running.ended_within(took * moment / moments)) {
      ++killed;
      running.kill();
      check_promises("sqlite:" + file, messages, messages - 100);
      // The check joined a run and so made one record more.
      const auto again = compact({"--store", "sqlite:" + file, "--keep-records", "1001"});
      REQUIRE(again.exit_code == 0);
      CHECK(again.output.find("the log begins after sequence 3004\n") != std::string::npos);
    }
    rpc_client client{"sqlite:" + file};
    const auto inbox = client.result("inbox", with({{"run_id", "run.b"}, {"max", 1000}}));
    CHECK(inbox["entries"].size() == 100);
    client.process().close_input();
    client.process().wait();
    std::filesystem::remove(file);
  }
  CHECK(killed > 0);
}
