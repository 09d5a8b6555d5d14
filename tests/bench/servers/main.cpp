// Sends through the engine on SQLite beside what people would use instead, in turns in the same
// rounds, all with fsync before the acknowledgement. `./dev bench --against-servers` starts the
// servers and gives their addresses.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <memory>
#include <vector>

#include "sides.hpp"
#include "tools/bench_comparison.hpp"
#include "tools/bench_kit.hpp"

namespace {

using namespace agentpool;
using values = core::outcome<std::vector<double>>;
using sending = std::function<core::outcome<double>(const bench::server_load&)>;

struct request {
  std::string redis;     ///< A Unix socket; empty: not measured.
  std::string postgres;  ///< A connection string; empty: not measured.
  int rabbitmq = 0;      ///< A port of the loopback; 0: not measured.
  std::string directory = ".";
  std::string markdown;
  std::uint64_t rounds = 5;
  double seconds = 1;
};

/// A server and how many may be in flight there.
struct contender {
  std::string name;
  std::string what;
  std::vector<std::size_t> in_flight;
  sending send;
};

std::vector<contender> contenders(const request& asked) {
  std::vector<contender> all;
  if (!asked.redis.empty())
    all.push_back({"redis",
                   "Redis stream, appendfsync always, deduped by a script",
                   {1, 64, 1'024},
                   [=](const auto& load) { return bench::redis_sends(asked.redis, load); }});
  if (!asked.postgres.empty())
    all.push_back(
        {"postgres", "PostgreSQL, a row a commit, unique key", {1, 64}, [=](const auto& load) {
           return bench::postgres_sends(asked.postgres, load);
         }});
  if (asked.rabbitmq != 0)
    all.push_back({"rabbitmq",
                   "RabbitMQ quorum queue, confirms, not deduped",
                   {1, 64, 1'024},
                   [=](const auto& load) { return bench::rabbitmq_sends(asked.rabbitmq, load); }});
  return all;
}

/// Numbers that no side has used yet: a server would only recognise a key that comes again.
using fresh_numbers = std::shared_ptr<std::uint64_t>;

tools::bench_sides::side side_of(const sending& send, std::size_t in_flight,
                                 std::chrono::nanoseconds time, const fresh_numbers& first) {
  return [=]() -> values {
    const auto rate = send({in_flight, time, *first});
    if (!rate) return rate.error();
    *first += 10'000'000;
    return std::vector<double>{*rate};
  };
}

core::outcome<tools::comparison> measure(const contender& other, std::size_t in_flight,
                                         const request& asked, const fresh_numbers& first) {
  const auto time = std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>{asked.seconds});
  const auto name = "send/sqlite/" + std::to_string(in_flight) + " beside " + other.name;
  tools::bench_sides sides;
  sides.measures = {{"sends a second", other.what,
                     tools::bench_goal{tools::bench_goal::kind::ratio_at_least, 1}}};
  const auto ours = [file = asked.directory + "/engine.sqlite"](const bench::server_load& load) {
    return bench::engine_sends(file, load);
  };
  sides.ours = side_of(ours, in_flight, time, first);
  sides.reference = side_of(other.send, in_flight, time, first);
  return tools::compare(name, sides, asked.rounds, [&](std::size_t round) {
    std::cerr << name << ": round " << round << " of " << asked.rounds << '\n';
  });
}

int complain(const std::string& what) {
  std::cerr << "bench_servers: " << what << '\n';
  return 1;
}

int run(const request& asked) {
  const auto first = std::make_shared<std::uint64_t>(tools::first_number);
  std::vector<tools::comparison> all;
  for (const auto& other : contenders(asked))
    for (const auto in_flight : other.in_flight) {
      auto result = measure(other, in_flight, asked, first);
      if (!result) return complain(result.error().message);
      all.push_back(std::move(*result));
    }
  if (all.empty()) return complain("no server is given");
  const auto table = tools::comparison_markdown(all);
  std::cout << table;
  if (asked.markdown.empty()) return 0;
  std::ofstream file{asked.markdown, std::ios::trunc};
  file << table << std::flush;
  return file ? 0 : complain("cannot write " + asked.markdown);
}

}  // namespace

int main(int argc, char** argv) {
  request asked;
  CLI::App app{"Measures sends beside servers that are already running."};
  app.add_option("--redis", asked.redis, "Unix socket of a Redis that this may fill");
  app.add_option("--postgres", asked.postgres, "Connection string of a PostgreSQL likewise");
  app.add_option("--rabbitmq", asked.rabbitmq, "Port of a RabbitMQ likewise");
  app.add_option("--directory", asked.directory, "Of the engine's file; on the servers' disk");
  app.add_option("--markdown", asked.markdown, "Write the table to this file");
  app.add_option("--rounds", asked.rounds, "Rounds of each part (default: 5)");
  app.add_option("--seconds", asked.seconds, "Of each side of a round (default: 1)");
  CLI11_PARSE(app, argc, argv);
  return run(asked);
}
