#include "serve.hpp"

#include <csignal>
#include <iostream>
#include <utility>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/client.hpp"
#include "read_routes.hpp"
#include "rpc_route.hpp"
#include "state_routes.hpp"
#include "tools/end_signals.hpp"
#include "tools/real_clock.hpp"
#include "tools/store_url.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t held_max = 1'000'000;
/// What is under way when the server is asked to end has so long.
constexpr std::chrono::seconds ending_max{10};

bool is_loopback(const std::string& listen) {
  return listen.starts_with("127.") || listen.starts_with("[::1]") ||
         listen.starts_with("localhost:");
}

/// What is served, opened: an engine of a store, or of pools at nodes.
struct opened {
  std::shared_ptr<const core::clock> clock = std::make_shared<const real_clock>();
  std::unique_ptr<actors::remote::client> program = {};
  std::unique_ptr<actors::engine> engine = {};

  [[nodiscard]] actors::engine& pools() { return program ? program->pools() : *engine; }
};

core::outcome<opened> open(const serve_request& request) {
  if (request.store.empty() == request.connect.empty())
    return core::host_configuration_needed("name a store with --store or nodes with --connect");
  opened made;
  actors::engine_options options;
  options.clock = made.clock;
  options.limits.retained_entries = request.retain;
  // Each caller is bounded; what many of them ask together waits instead of being refused.
  options.limits.beyond_requests = actors::beyond_limit::hold;
  options.limits.held_max = held_max;
  options.limits.waiters_max = request.waiting;
  if (!request.connect.empty()) {
    if (request.retain != 0)
      return core::host_configuration_needed("--retain is the nodes' to say, not a server's");
    auto program = reach(request.connect, request.network, "agentpool serve", std::move(options));
    if (!program) return program.error();
    made.program = std::move(*program);
    return made;
  }
  auto backend = open_store(request.store, *made.clock, store_use::read_write);
  if (!backend) return backend.error();
  made.engine = std::make_unique<actors::engine>(std::move(*backend), std::move(options));
  return made;
}

/// Where strangers may come they have to say who they are, and nobody must read along.
core::outcome<void> check_exposure(const serve_request& request) {
  if (is_loopback(request.listen)) return {};
  if (request.tls.certificate.empty())
    return core::host_configuration_needed(
        "--listen " + request.listen +
        " is not a loopback address: give --tls-cert and --tls-key as well");
  if (request.tokens.empty())
    return core::host_configuration_needed(
        "--listen " + request.listen +
        " is not a loopback address: give --tokens as well (agentpool token add)");
  return {};
}

std::vector<route> all_routes() {
  std::vector<route> all;
  for (auto* part : {rpc_routes, read_routes, state_routes})
    for (auto& one : part()) all.push_back(std::move(one));
  return all;
}

/// Until a signal asks to end; SIGHUP reads the tokens again.
void serve_until_asked(const end_signals& signals, const std::shared_ptr<token_book>& tokens) {
  while (signals.wait() == SIGHUP) {
    if (!tokens) continue;
    if (const auto read = tokens->load(); !read)
      std::cerr << "agentpool: the tokens stay as they were: " << read.error().message << '\n';
  }
}

}  // namespace

core::outcome<void> serve_http(const serve_request& request) {
  std::signal(SIGPIPE, SIG_IGN);
  const end_signals signals{SIGHUP};
  if (auto safe = check_exposure(request); !safe) return safe.error();
  front_options options;
  options.loopback = is_loopback(request.listen);
  options.hosts = request.hosts;
  options.origins = request.origins;
  options.rate = request.rate;
  options.streams_max = request.streams;
  options.waiting_max = request.waiting;
  if (!request.tokens.empty()) {
    options.tokens = std::make_shared<token_book>(request.tokens);
    if (auto read = options.tokens->load(); !read) return read.error();
  }
  auto at = open(request);
  if (!at) return at.error();
  auto& engine = at->pools();
  const auto runs = at->program ? seats_at_nodes(*at->program) : seats_in_store(engine, at->clock);
  const auto tokens = options.tokens;
  front gate{std::make_shared<const service>(service{engine, runs, at->clock}), std::move(options),
             all_routes()};
  http_options listening{request.listen, request.tls};
  listening.limits.connections_max = request.connections;
  listening.limits.body_bytes_max = request.body_bytes;
  http_server server{gate, std::move(listening)};
  const auto url = server.start();
  if (!url) return url.error();
  std::cout << "listening on " << *url << std::endl;
  serve_until_asked(signals, tokens);
  gate.begin_ending();
  server.close(ending_max);
  engine.close();
  return {};
}

}  // namespace agentpool::tools
