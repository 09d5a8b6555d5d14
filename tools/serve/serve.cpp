#include "serve.hpp"

#include <csignal>
#include <iostream>
#include <utility>

#include "mcp_route.hpp"
#include "openapi.hpp"
#include "operations.hpp"
#include "page_routes.hpp"
#include "read_routes.hpp"
#include "rpc_route.hpp"
#include "served_pools.hpp"
#include "server_metrics.hpp"
#include "state_routes.hpp"
#include "tools/end_signals.hpp"

namespace agentpool::tools {

namespace {

/// What is under way when the server is asked to end has so long.
constexpr std::chrono::seconds ending_max{10};

bool is_loopback(const std::string& listen) {
  return listen.starts_with("127.") || listen.starts_with("[::1]") ||
         listen.starts_with("localhost:");
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

std::vector<route> all_routes(const std::shared_ptr<const service>& what, operations& seen) {
  auto all = mcp_routes(std::make_shared<mcp_server>(what));
  for (auto& one : metrics_routes(seen.counted())) all.push_back(std::move(one));
  for (auto& one : state_routes(seen.health())) all.push_back(std::move(one));
  for (auto* part : {rpc_routes, read_routes, page_routes, openapi_routes})
    for (auto& one : part()) all.push_back(std::move(one));
  seen.watch(all);
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
  const auto seen = operations::make(request.otlp);
  if (!seen) return seen.error();
  options.elsewhere = (*seen)->elsewhere();
  auto at = open_pools(request, "agentpool serve", (*seen)->looking_on());
  if (!at) return at.error();
  const auto tokens = options.tokens;
  const auto all = at->all();
  front gate{all, std::move(options), all_routes(all, **seen)};
  http_options listening{request.listen, request.tls};
  listening.limits.connections_max = request.connections;
  listening.limits.body_bytes_max = request.body_bytes;
  listening.limits.head_max =
      std::chrono::milliseconds{static_cast<std::int64_t>(request.head_seconds * 1'000)};
  http_server server{gate, std::move(listening)};
  (*seen)->look_up(server, gate, *at);
  const auto url = server.start();
  if (!url) return url.error();
  std::cout << "listening on " << *url << std::endl;
  serve_until_asked(signals, tokens);
  server.stop_taking();  // first: what is answered from now on tells its connection's end
  gate.begin_ending();
  server.close(ending_max);
  at->pools().close();
  (*seen)->close();
  return {};
}

}  // namespace agentpool::tools
