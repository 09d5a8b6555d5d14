#include <cstdlib>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>

#include "catch.hpp"
#include "rpc_client.hpp"
#include "support/log_view.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool;
using namespace agentpool::tests;

namespace {

constexpr int kills = 200;
constexpr int under_way_max = 64;

unsigned seed_of_this_run() {
  const char* given = std::getenv("AGENTPOOL_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                          : std::random_device{}();
}

/// What the client knows: what it asked for, and which answers it has seen.
struct memory_of_client {
  std::map<std::string, json> acknowledged;  ///< Receipt by message id.
  std::set<std::string> asked;               ///< Sent at least once.
  std::deque<std::string> unanswered;        ///< To be sent again.
  int next = 0;
};

json params_of(const std::string& name) {
  return {{"pool_id", "pool.kill"}, {"message", message(name, "run.a", "run.b")}};
}

/// Opens the pool, or finds it as it was left.
void enter(rpc_client& client) {
  client.result("open_pool", {{"pool_id", "pool.kill"}});
  const json members = client.result("members", {{"pool_id", "pool.kill"}})["members"];
  for (const char* run : {"run.a", "run.b"}) {
    bool there = false;
    for (const auto& one : members) there = there || one["run_id"] == run;
    if (!there) client.result("join_run", {{"pool_id", "pool.kill"}, {"member", member(run)}});
  }
}

/// One life of the program: retries what was left unanswered, repeats something acknowledged,
/// sends new messages, and is killed after `answers` answers with others still under way.
void live_and_die(const std::string& store, memory_of_client& known, int answers,
                  std::mt19937& chance) {
  rpc_client client{store};
  enter(client);
  std::map<int, std::string> under_way;
  const auto send = [&](const std::string& name) {
    under_way.emplace(client.send("send", params_of(name)), name);
    known.asked.insert("message." + name);
  };
  const auto send_one = [&] {
    if (!known.unanswered.empty()) {
      send(known.unanswered.front());
      known.unanswered.pop_front();
    } else if (!known.acknowledged.empty() && chance() % 8 == 0) {
      auto one = known.acknowledged.begin();
      std::advance(one, static_cast<long>(chance() % known.acknowledged.size()));
      send(one->first.substr(std::string{"message."}.size()));
    } else {
      send(std::to_string(known.next++));
    }
  };
  for (int seen = 0; seen < answers;) {
    while (under_way.size() < under_way_max) send_one();
    const auto line = client.next();
    REQUIRE(line);
    const auto found = under_way.find((*line)["id"].get<int>());
    if (found == under_way.end()) continue;
    const std::string id = "message." + found->second;
    REQUIRE(line->contains("result"));
    const auto before = known.acknowledged.find(id);
    if (before != known.acknowledged.end()) CHECK(before->second == (*line)["result"]);
    known.acknowledged[id] = (*line)["result"];
    under_way.erase(found);
    ++seen;
  }
  client.process().kill();
  for (const auto& [request, name] : under_way)
    if (!known.acknowledged.contains("message." + name)) known.unanswered.push_back(name);
}

/// Everything acknowledged is there once, nothing is there by half or that nobody asked for.
void check(const log_view& log, const memory_of_client& known) {
  for (const auto& [id, receipt] : known.acknowledged) {
    INFO(id);
    REQUIRE(log.statuses.contains(id));
  }
  using core::message_status;
  const std::vector<message_status> whole{message_status::accepted, message_status::delivered};
  for (const auto& [id, statuses] : log.statuses) {
    INFO(id);
    CHECK(known.asked.contains(id));
    REQUIRE(statuses == whole);
    REQUIRE(log.delivered_to.at(id) == std::vector<std::string>{"run.b"});
  }
}

}  // namespace

TEST_CASE(
    "killed 200 times under load: what was acknowledged is there, nothing by half, and "
    "retries add nothing") {
  const support::temporary_directory folder;
  const std::string file = folder.file("kill.sqlite");
  const std::string store = "sqlite:" + file;
  const unsigned seed = seed_of_this_run();
  INFO("AGENTPOOL_SEED=" << seed);
  std::mt19937 chance{seed};
  memory_of_client known;
  for (int life = 0; life < kills; ++life) {
    INFO("life " << life);
    live_and_die(store, known, static_cast<int>(chance() % 40), chance);
    if (life % 10 == 0) check(view_log(file, "pool.kill"), known);
  }
  rpc_client last{store};
  enter(last);
  while (!known.unanswered.empty()) {
    const json receipt = last.result("send", params_of(known.unanswered.front()));
    known.acknowledged["message." + known.unanswered.front()] = receipt;
    known.unanswered.pop_front();
  }
  const auto log = view_log(file, "pool.kill");
  check(log, known);
  CHECK(log.statuses.size() == known.asked.size());
  const auto records = log.records;
  for (const auto& [id, receipt] : known.acknowledged)
    CHECK(last.result("send", params_of(id.substr(8))) == receipt);
  CHECK(view_log(file, "pool.kill").records == records);
}
