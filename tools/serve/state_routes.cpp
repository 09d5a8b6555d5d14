#include "state_routes.hpp"

#include <utility>

namespace agentpool::tools {

namespace {

/// The process answers.
void healthz(front&, const route_call& call) { call.exchange->answer({200, "text/plain", "ok\n"}); }

/// The store, or a node, answers, too, and the server is not about to end.
void readyz(front& at, const route_call& call) {
  if (at.ending()) return call.exchange->answer({503, "text/plain", "about to end\n"});
  auto& engine = at.all().engine;
  const auto tell = [exchange = call.exchange](const auto& what) {
    exchange->answer(what ? http_response{200, "text/plain", "ready\n"}
                          : http_response{503, "text/plain", what.error().message + "\n"});
  };
  // One row of the registry is little to ask of a store; with pools at nodes there is none.
  engine.read_registry({"serve.ready", "none"}, [&engine, tell](const auto& rows) {
    if (!rows && rows.error().kind == core::agent_error_kind::host_configuration_needed)
      return engine.list_pools(tell);
    tell(rows);
  });
}

}  // namespace

std::vector<route> state_routes() {
  route_about alive{"healthz", "Whether the server is there"};
  route_about ready{"readyz", "Whether it can do something: its store, or a node, answers"};
  alive.type = ready.type = "text/plain";
  return {{"GET", "/healthz", true, healthz, std::move(alive)},
          {"GET", "/readyz", true, readyz, std::move(ready)}};
}

}  // namespace agentpool::tools
