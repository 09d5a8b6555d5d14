#include "node.hpp"

#include <csignal>
#include <iostream>
#include <utility>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/node.hpp"
#include "end_signals.hpp"
#include "real_clock.hpp"
#include "store_url.hpp"
#include "trace_file.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t held_max = 1'000'000;

actors::remote::node_options options_of(const node_request& request,
                                        std::shared_ptr<const core::clock> clock) {
  actors::remote::node_options options;
  options.listen = request.listen;
  options.advertise = request.advertise;
  options.name = request.name;
  options.clock = std::move(clock);
  options.limits.grace = std::chrono::seconds{request.grace_seconds};
  options.limits.lease =
      std::chrono::milliseconds{static_cast<std::int64_t>(request.lease_seconds * 1'000)};
  return options;
}

}  // namespace

core::outcome<void> serve_node(const node_request& request) {
  std::signal(SIGPIPE, SIG_IGN);
  const end_signals signals;
  auto tcp = tcp_of(request.network);
  if (!tcp) return tcp.error();
  tcp->limits.connections_max = request.connections;
  tcp->limits.connections_per_peer_max = request.connections_per_peer;
  const auto clock = std::make_shared<const real_clock>();
  auto backend = open_store(request.store, *clock, store_use::read_write);
  if (!backend) return backend.error();
  auto recorder = record_to(request.trace);
  if (!recorder) return recorder.error();
  actors::engine_options options;
  options.watch = std::move(*recorder);
  options.clock = clock;
  options.limits.retained_entries = request.retain;
  // Each session is bounded; what many of them ask together waits instead of being refused.
  options.limits.beyond_requests = actors::beyond_limit::hold;
  options.limits.held_max = held_max;
  actors::engine engine{std::move(*backend), actors::remote::with_tcp(std::move(options), *tcp)};
  auto network = actors::remote::tcp_network(engine.system(), *tcp);
  if (!network) return network.error();
  actors::remote::node node{engine, *network, options_of(request, clock)};
  const auto endpoint = node.start();
  if (!endpoint) return endpoint.error();
  std::cout << "listening on " << *endpoint << std::endl;
  static_cast<void>(signals.wait());
  node.close();
  engine.close();
  return {};
}

}  // namespace agentpool::tools
