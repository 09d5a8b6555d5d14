#include "state_routes.hpp"

#include <utility>

namespace agentpool::tools {

namespace {

/// The process answers.
void healthz(front&, const route_call& call) { call.exchange->answer({200, "text/plain", "ok\n"}); }

/// The store, or a node, answers, too, and the server is not about to end.
void readyz(front& at, const route_call& call) {
  if (at.ending()) return call.exchange->answer({503, "text/plain", "about to end\n"});
  at.all().engine.list_pools(
      [exchange = call.exchange](const core::outcome<std::vector<core::pool_id>>& pools) {
        exchange->answer(pools ? http_response{200, "text/plain", "ready\n"}
                               : http_response{503, "text/plain", pools.error().message + "\n"});
      });
}

}  // namespace

std::vector<route> state_routes() {
  return {{"GET", "/healthz", true, healthz}, {"GET", "/readyz", true, readyz}};
}

}  // namespace agentpool::tools
