#include <csignal>
#include <fstream>
#include <memory>
#include <utility>

#include "agentpool/actors/remote/client.hpp"
#include "agentpool/actors/remote/node.hpp"
#include "agentpool/actors/remote/tcp.hpp"
#include "agentpool/stores/memory.hpp"
#include "bench_caf_remote.hpp"
#include "bench_failover.hpp"
#include "bench_kit.hpp"
#include "bench_parts.hpp"
#include "certificate.hpp"

namespace agentpool::tools {

namespace {

namespace remote = actors::remote;
using values = core::outcome<std::vector<double>>;
using steady = std::chrono::steady_clock;

const core::pool_id bench_pool{"pool.bench"};

/// A node on a store in memory, and a program that reaches it, in one process: as CAF's two
/// systems that they are compared with.
class bench_node {
 public:
  [[nodiscard]] static core::outcome<std::unique_ptr<bench_node>> start(
      const remote::tcp_options& tcp) {
    auto made = std::make_unique<bench_node>();
    made->engine_ = std::make_unique<actors::engine>(
        std::make_unique<stores::memory_store>(), remote::with_tcp(actors::engine_options{}, tcp));
    auto network = remote::tcp_network(made->engine_->system(), tcp);
    if (!network) return network.error();
    made->node_ = std::make_unique<remote::node>(*made->engine_, *network, remote::node_options{});
    const auto endpoint = made->node_->start();
    if (!endpoint) return endpoint.error();
    remote::client_options options;
    options.nodes = {*endpoint};
    auto program = remote::client::make(remote::with_tcp(std::move(options), tcp));
    if (!program) return program.error();
    made->program_ = *std::move(program);
    auto opened = made->program_->pools().open_pool(bench_pool);
    if (!opened) return opened.error();
    for (const auto& run : {bench_sender(), bench_receiver()})
      if (const auto joined = opened->join(bench_member(run)); !joined) return joined.error();
    return made;
  }
  ~bench_node() {
    program_.reset();
    node_.reset();
    engine_.reset();
  }

  [[nodiscard]] actors::engine& here() { return *engine_; }
  [[nodiscard]] actors::engine& there() { return program_->pools(); }

 private:
  std::unique_ptr<actors::engine> engine_;
  std::unique_ptr<remote::node> node_;
  std::unique_ptr<remote::client> program_;
};

values sends(const remote::tcp_options& tcp, std::size_t in_flight, std::chrono::nanoseconds time) {
  auto node = bench_node::start(tcp);
  if (!node) return node.error();
  const auto pool = (*node)->there().pool(bench_pool);
  ask_window window{in_flight};
  const auto start = steady::now();
  std::uint64_t count = 0;
  for (; count == 0 || steady::now() < start + time; ++count)
    window.ask(pool, core::send_message{bench_message(first_number + count)});
  window.drain();
  if (window.fault()) return *window.fault();
  return std::vector<double>{rate_since(start, count)};
}

/// Counts what its run is given.
class counting_agent final : public actors::agent {
 public:
  explicit counting_agent(delivery_window& window) : window_{window} {}
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    window_.received();
    if (++seen_ % 64 == 0) context.acknowledge(entry.sequence);
  }

 private:
  delivery_window& window_;
  std::uint64_t seen_ = 0;
};

/// A sender at the node, a run that lives in the program.
values deliveries(const remote::tcp_options& tcp, std::chrono::nanoseconds time) {
  auto node = bench_node::start(tcp);
  if (!node) return node.error();
  delivery_window window{1, 1'024};
  const core::agent_id agent{"agent.counting"};
  (*node)->there().register_agent(
      agent, [&](const core::run_id&) { return std::make_unique<counting_agent>(window); });
  const core::run_id run{"run.counting"};
  const auto started = (*node)->there().start_run({bench_pool, run, agent, {}, {}});
  if (!started) return started.error();
  const auto pool = (*node)->here().pool(bench_pool);
  const auto start = steady::now();
  std::uint64_t count = 0;
  for (; count == 0 || steady::now() < start + time; ++count) {
    if (const auto room = window.sent(); !room) return room.error();
    pool.submit(core::send_message{bench_message(first_number + count, core::to_run{run})},
                [](const auto&) {});
  }
  if (const auto all = window.drain(); !all) return all.error();
  const double rate = rate_since(start, count);
  (*node)->there().close();
  return std::vector<double>{rate};
}

/// Mutual TLS between this process and itself, by an authority made for it.
core::outcome<remote::tcp_options> with_certificates(const std::string& folder) {
  const auto authority = new_authority("benchmark", 1);
  if (!authority) return authority.error();
  const auto member = new_member(*authority, "bench", 1, {"127.0.0.1"});
  if (!member) return member.error();
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream{folder + "/" + name} << text;
    return folder + "/" + name;
  };
  remote::tcp_options tcp;
  tcp.security.tls = {write("bench.pem", certificate_text(*member)),
                      write("bench.key", key_text(*member)),
                      write("ca.pem", certificate_text(*authority))};
  return tcp;
}

/// How one side of a part is protected: by mutual TLS or not at all, on loopback.
core::outcome<remote::tcp_options> protection(bool tls, const bench_effort& effort) {
  if (tls) return with_certificates(effort.folder);
  return remote::tcp_options{};
}

values one(core::outcome<double> rate) {
  if (!rate) return rate.error();
  return std::vector<double>{*rate};
}

comparison_part send_part(bool tls, std::size_t in_flight, std::optional<double> goal) {
  const auto count = std::to_string(in_flight);
  return {(tls ? "remote/send/tls/" : "remote/send/plain/") + count,
          [=](const bench_effort& effort) -> core::outcome<bench_sides> {
            const auto tcp = protection(tls, effort);
            if (!tcp) return tcp.error();
            bench_sides sides;
            sides.measures = {
                {"sends a second",
                 "CAF's own requests between two systems in the clear, " + count + " under way",
                 {}}};
            if (goal) sides.measures[0].goal = bench_goal{bench_goal::kind::ratio_at_least, *goal};
            sides.ours = [=, tcp = *tcp, time = effort.time] {
              return sends(tcp, in_flight, time);
            };
            sides.reference = [=, time = effort.time] {
              return one(caf_remote_round_trips(bench_message(first_number), in_flight, time));
            };
            return sides;
          }};
}

comparison_part deliver_part(bool tls) {
  return {tls ? "remote/deliver/tls" : "remote/deliver/plain",
          [=](const bench_effort& effort) -> core::outcome<bench_sides> {
            const auto tcp = protection(tls, effort);
            if (!tcp) return tcp.error();
            bench_sides sides;
            sides.measures = {{"deliveries a second",
                               "CAF's own one-way messages between two systems in the clear",
                               bench_goal{bench_goal::kind::ratio_at_least, 0.6}}};
            sides.ours = [tcp = *tcp, time = effort.time] { return deliveries(tcp, time); };
            sides.reference = [time = effort.time] {
              return one(caf_remote_one_way(bench_message(first_number), time));
            };
            return sides;
          }};
}

comparison_part failover_part(const std::string& how, int signal) {
  return {"remote/failover/" + how, [=](const bench_effort& effort) -> core::outcome<bench_sides> {
            bench_sides sides;
            sides.measures = {{"milliseconds without an answer", {}, {}}};
            sides.ours = [=] { return one(failover_millis(effort, signal)); };
            return sides;
          }};
}

}  // namespace

std::vector<comparison_part> remote_parts() {
  return {
      send_part(false, 1, {}), send_part(false, 64, 0.5),        send_part(false, 1'024, {}),
      send_part(true, 1, {}),  send_part(true, 64, 0.5),         deliver_part(false),
      deliver_part(true),      failover_part("killed", SIGKILL), failover_part("ended", SIGTERM)};
}

}  // namespace agentpool::tools
