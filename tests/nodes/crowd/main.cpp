// Many programs, or one with many runs, as one process for tests and figures:
//   nodes_crowd NODES PREFIX CLIENTS RUNS    connects CLIENTS times, with RUNS runs behind each
// writes "joined SECONDS" once every run is a member, then takes lines of standard input:
//   count    answered "count N": messages that its runs were given
//   send ID  sends a message to the whole pool from its first run; answered "sent RECIPIENTS
//   SECONDS"
// until the end of input.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <vector>

#include "agentpool/actors/remote/client.hpp"
#include "agentpool/actors/remote/tcp.hpp"
#include "agentpool/core/addressing.hpp"

using namespace agentpool;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

namespace {

const core::pool_id the_pool{"pool.crowd"};
const core::agent_id the_agent{"agent.listener"};

std::atomic<std::uint64_t> got{0};

struct listener final : actors::agent {
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    ++got;
    context.acknowledge(entry.sequence);
  }
};

double seconds_since(steady::time_point start) {
  return std::chrono::duration<double>(steady::now() - start).count();
}

std::unique_ptr<actors::remote::client> connect(const std::string& nodes, const std::string& name) {
  actors::remote::client_options options;
  std::istringstream stream{nodes};
  for (std::string node; std::getline(stream, node, ',');) options.nodes.push_back(node);
  options.program = name;
  options.limits.request_wait = 300s;
  options.engine.limits.beyond_requests = actors::beyond_limit::hold;
  options.engine.limits.held_max = 1'000'000;
  options.engine.worker_threads = 1;
  auto made = actors::remote::client::make(actors::remote::with_tcp(std::move(options), {}));
  if (!made) throw std::runtime_error{core::to_text(made.error())};
  return *std::move(made);
}

/// Starts the runs of all programs and waits until each has started.
void start_runs(std::vector<std::unique_ptr<actors::remote::client>>& programs,
                const std::string& prefix, int runs) {
  std::mutex lock;
  std::condition_variable came;
  std::size_t left = programs.size() * static_cast<std::size_t>(runs);
  std::string fault;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    auto& engine = programs[i]->pools();
    engine.register_agent(the_agent, [](auto&) { return std::make_unique<listener>(); });
    for (int j = 0; j < runs; ++j) {
      const core::run_id id{"run." + prefix + "." + std::to_string(i) + "." + std::to_string(j)};
      engine.start_run({the_pool, id, the_agent, {}, {}}, [&](const auto& what) {
        const std::lock_guard guard{lock};
        if (!what) fault = core::to_text(what.error());
        if (--left == 0) came.notify_all();
      });
    }
  }
  std::unique_lock guard{lock};
  came.wait(guard, [&] { return left == 0; });
  if (!fault.empty()) throw std::runtime_error{fault};
}

void send(actors::remote::client& program, const std::string& from, const std::string& id) {
  core::run_message message;
  message.message_id = core::message_id{"message." + id};
  message.idempotency_key = core::idempotency_key{"key." + id};
  message.from = core::run_id{from};
  message.to = core::address_of(core::to_agent{the_agent});
  message.content_ref = core::content_ref{"content.crowd"};
  const auto start = steady::now();
  const auto receipt = program.pools().pool(the_pool).send(message);
  if (!receipt) throw std::runtime_error{core::to_text(receipt.error())};
  std::cout << "sent " << receipt->delivered_to.size() << " " << seconds_since(start) << std::endl;
}

int run(int argc, char** argv) {
  if (argc < 5) throw std::runtime_error{"nodes, prefix, clients and runs are needed"};
  const std::string prefix = argv[2];
  const int clients = std::stoi(argv[3]);
  std::vector<std::unique_ptr<actors::remote::client>> programs;
  const auto start = steady::now();
  for (int i = 0; i < clients; ++i)
    programs.push_back(connect(argv[1], prefix + "." + std::to_string(i)));
  if (const auto opened = programs.front()->pools().pool(the_pool).open({}, true); !opened)
    throw std::runtime_error{core::to_text(opened.error())};
  start_runs(programs, prefix, std::stoi(argv[4]));
  std::cout << "joined " << seconds_since(start) << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "count") std::cout << "count " << got << std::endl;
    if (line.rfind("send ", 0) == 0)
      send(*programs.front(), "run." + prefix + ".0.0", line.substr(5));
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& fault) {
    std::cerr << fault.what() << '\n';
    return 1;
  }
}
