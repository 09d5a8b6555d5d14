#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>

#include "agentpool/stores/postgres.hpp"
#include "fleet.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/log_view.hpp"
#include "support/postgres_server.hpp"

using namespace agentpool;
using namespace agentpool::tests;
using namespace std::chrono_literals;

namespace {

/// AGENTPOOL_NODES_SECONDS, for long runs by hand.
std::chrono::seconds time_of_this_run(std::chrono::seconds usual) {
  const char* given = std::getenv("AGENTPOOL_NODES_SECONDS");
  return given != nullptr ? std::chrono::seconds{std::strtol(given, nullptr, 10)} : usual;
}

unsigned seed_of_this_run() {
  const char* given = std::getenv("AGENTPOOL_SEED");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                          : std::random_device{}();
}

/// What the programs noted.
struct notes {
  std::map<std::string, std::string> delivered;  ///< Recipient, by message: sends with a receipt.
  std::map<std::string, std::vector<std::string>> got;  ///< Runs that were given it, by message.
  std::vector<std::string> wrong;
};

notes read_notes(const std::vector<std::string>& files) {
  notes all;
  for (const auto& name : files) {
    std::ifstream file{name};
    for (std::string line; std::getline(file, line);) {
      std::istringstream words{line};
      std::string what, first, second, third;
      words >> what >> first >> second >> third;
      if (what == "sent" && second == "delivered") all.delivered[first] = third;
      if (what == "sent" && second != "delivered") all.wrong.push_back(line);
      if (what == "got") all.got[third].push_back(first);
      if (what == "wrong") all.wrong.push_back(line);
    }
  }
  return all;
}

/// Nothing acknowledged is lost, nothing is there or was handed out twice, all waits ended.
void check(const log_view& log, const notes& seen) {
  for (const auto& line : seen.wrong) UNSCOPED_INFO(line);
  CHECK(seen.wrong.empty());
  std::size_t lost = 0, twice = 0, not_handed = 0, open = 0;
  const std::vector<core::message_status> whole{core::message_status::accepted,
                                                core::message_status::delivered};
  for (const auto& [message, to] : seen.delivered) {
    const auto found = log.delivered_to.find(message);
    lost += found == log.delivered_to.end() || found->second != std::vector<std::string>{to};
  }
  for (const auto& [message, statuses] : log.statuses) {
    twice += statuses != whole;
    const auto got = seen.got.find(message);
    not_handed += got == seen.got.end() || got->second != log.delivered_to.at(message);
  }
  for (const auto& [condition, statuses] : log.wakes)
    open += statuses.size() != 2 || !core::is_final(statuses.back());
  CHECK(lost == 0);
  CHECK(twice == 0);
  CHECK(not_handed == 0);
  CHECK(open == 0);
}

/// Everything that was sent has arrived, or will not.
void wait_for_deliveries(fleet& swarm) {
  for (int tries = 0; tries < 150; ++tries) {
    std::uint64_t sent = 0, got = 0;
    for (const auto& words : swarm.tell("count", "count", 30s)) {
      sent += std::stoull(words.at(1));
      got += std::stoull(words.at(2));
    }
    if (sent == got) return;
    swarm.pass(400ms);
  }
}

/// Something that goes wrong for a while.
struct trouble {
  std::string name;
  std::uint64_t longest = 0;  ///< Milliseconds.
  std::function<void(std::size_t)> begin;
  std::function<void(std::size_t)> end;
};

std::vector<trouble> troubles_of(fleet& swarm) {
  return {{"kills", 3'000, [&](std::size_t node) { swarm.kill_node(node); },
           [&](std::size_t node) { swarm.start_node(node); }},
          {"freezes", 6'000, [&](std::size_t node) { swarm.freeze_node(node, true); },
           [&](std::size_t node) { swarm.freeze_node(node, false); }}};
}

/// One trouble at a time, each on a node of chance.
void make_trouble(fleet& swarm, const std::vector<trouble>& kinds, std::mt19937& chance,
                  std::chrono::seconds time) {
  auto left = std::chrono::milliseconds{time};
  const auto pass = [&](std::uint64_t longest) {
    const std::chrono::milliseconds some{200 + chance() % longest};
    swarm.pass(some);
    left -= some;
  };
  std::map<std::string, int> counts;
  while (left > 0ms) {
    const auto& next = kinds[chance() % kinds.size()];
    const auto node = chance() % 3;
    next.begin(node);
    pass(next.longest);
    next.end(node);
    ++counts[next.name];
    pass(3'000);
  }
  for (const auto& [what, count] : counts) std::cout << what << " " << count << "; ";
}

void end_well(fleet& swarm, const std::function<log_view()>& log) {
  static_cast<void>(swarm.tell("stop", "stopped", 180s));
  wait_for_deliveries(swarm);
  const auto finished = swarm.tell("finish", "finished", 180s);
  const auto seen = read_notes(swarm.files());
  const auto view = log();
  std::cout << view.records << " records, " << view.statuses.size() << " messages, "
            << view.wakes.size() << " waits\n";
  CHECK(view.statuses.size() > 100);
  check(view, seen);
}

}  // namespace

TEST_CASE("a swarm over three nodes on one file loses nothing while nodes are killed and frozen") {
  const auto seed = seed_of_this_run();
  INFO("seed " << seed);
  std::mt19937 chance{seed};
  const support::temporary_directory folder;
  const auto file = folder.file("swarm.sqlite");
  fleet swarm{{.store = "sqlite:" + file}, nullptr};
  swarm.start_programs();
  make_trouble(swarm, troubles_of(swarm), chance, time_of_this_run(20s));
  end_well(swarm, [&] { return view_log(file, "pool.swarm"); });
}

TEST_CASE("a swarm over three hosts loses nothing while cables are out and nodes are killed") {
  if (const auto why = host_network::missing()) return support::skip(*why);
  const auto seed = seed_of_this_run();
  INFO("seed " << seed);
  std::mt19937 chance{seed};
  host_network hosts{3};
  const support::temporary_directory folder;
  const auto file = folder.file("swarm.sqlite");
  fleet swarm{
      {.store = "sqlite:" + file, .security = {"--insecure"}, .client_security = {"--insecure"}},
      &hosts};
  swarm.start_programs();
  auto kinds = troubles_of(swarm);
  kinds.push_back({"cuts", 6'000, [&](std::size_t host) { hosts.cable(host, false); },
                   [&](std::size_t host) { hosts.cable(host, true); }});
  make_trouble(swarm, kinds, chance, time_of_this_run(20s));
  end_well(swarm, [&] { return view_log(file, "pool.swarm"); });
}

TEST_CASE("a swarm over three nodes on PostgreSQL loses nothing while its server is killed, too") {
  if (!support::postgres_programs()) return support::skip(support::postgres_missing);
  const auto seed = seed_of_this_run();
  INFO("seed " << seed);
  std::mt19937 chance{seed};
  support::postgres_server server;
  fleet swarm{{.store = "postgres:" + server.conninfo()}, nullptr};
  swarm.start_programs();
  auto kinds = troubles_of(swarm);
  kinds.push_back({"server kills", 2'000, [&](std::size_t) { server.kill(); },
                   [&](std::size_t) { server.start(); }});
  kinds.push_back({"server restarts", 1'000, [&](std::size_t) { server.stop(); },
                   [&](std::size_t) { server.start(); }});
  make_trouble(swarm, kinds, chance, time_of_this_run(20s));
  end_well(swarm, [&] {
    const still_clock clock;
    auto store = stores::open_postgres(server.conninfo(), clock);
    if (!store) throw std::runtime_error{store.error().message};
    return view_log(**store, "pool.swarm");
  });
}
