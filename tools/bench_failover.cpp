#include "bench_failover.hpp"

#include <array>
#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "agentpool/actors/remote/client.hpp"
#include "agentpool/actors/remote/tcp.hpp"
#include "bench_child.hpp"
#include "bench_kit.hpp"
#include "line_reader.hpp"

namespace agentpool::tools {

namespace {

using steady = std::chrono::steady_clock;

const core::pool_id bench_pool{"pool.bench"};

/// A node as a process of its own.
struct node_process {
  std::unique_ptr<child_program> child;
  std::string endpoint;
};

core::outcome<node_process> start_node(const std::string& store) {
  auto child = start_child({"/proc/self/exe", "node", "--store", store});
  if (!child) return child.error();
  line_reader lines{(*child)->output(), 4'096};
  const auto line = lines.next();
  const std::string begins = "listening on ";
  if (!line || line->text.rfind(begins, 0) != 0)
    return core::store_unavailable("a node of the benchmark did not start");
  return node_process{*std::move(child), std::string{line->text.substr(begins.size())}};
}

/// Ends what is left, also after a fault.
struct node_pair {
  std::array<node_process, 2> nodes;
  ~node_pair() {
    for (const auto& node : nodes)
      if (node.child) node.child->send_signal(SIGKILL);
  }
};

core::outcome<double> measure_with(const node_pair& pair, int signal) {
  actors::remote::client_options options;
  for (const auto& node : pair.nodes) options.nodes.push_back(node.endpoint);
  auto program = actors::remote::client::make(actors::remote::with_tcp(std::move(options), {}));
  if (!program) return program.error();
  auto pool = (*program)->pools().open_pool(bench_pool);
  if (!pool) return pool.error();
  for (const auto& run : {bench_sender(), bench_receiver()})
    if (const auto joined = pool->join(bench_member(run)); !joined) return joined.error();
  for (std::uint64_t i = 0; i < 100; ++i)
    if (const auto sent = pool->send(bench_message(first_number + i)); !sent) return sent.error();
  const auto told = (*program)->status(pair.nodes[0].endpoint);
  if (!told) return told.error();
  const auto& has_it = pair.nodes[told->pools.empty() ? 1 : 0];
  const auto start = steady::now();
  has_it.child->send_signal(signal);
  // Sends that are answered before the node is gone do not count.
  std::chrono::duration<double, std::milli> longest{0};
  auto before = start;
  for (std::uint64_t i = 100; steady::now() < start + std::chrono::seconds{2} || i < 110; ++i) {
    if (const auto sent = pool->send(bench_message(first_number + i)); !sent) return sent.error();
    const auto now = steady::now();
    if (now - before > longest) longest = now - before;
    before = now;
  }
  (*program)->close();
  return longest.count();
}

}  // namespace

core::outcome<double> failover_millis(const bench_effort& effort, int signal) {
  for (const auto& file : std::filesystem::directory_iterator{effort.folder})
    std::filesystem::remove_all(file.path());
  const auto store = "sqlite:" + effort.folder + "/failover.sqlite";
  node_pair pair;
  for (auto& node : pair.nodes) {
    auto started = start_node(store);
    if (!started) return started.error();
    node = *std::move(started);
  }
  return measure_with(pair, signal);
}

}  // namespace agentpool::tools
