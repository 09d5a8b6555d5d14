#include "state_routes.hpp"

#include <utility>

namespace agentpool::tools {

namespace {

/// The process answers.
void healthz(front&, const route_call& call) { call.exchange->answer({200, "text/plain", "ok\n"}); }

/// A row that is little to ask of a store, and little to write.
constexpr const char* probe_space = "serve.ready";
constexpr const char* probe_key = "probe";

using health_ptr = std::shared_ptr<store_health>;
using rows = std::vector<core::registry_row>;

void tell(const std::shared_ptr<http_exchange>& exchange, const core::agent_error* why) {
  exchange->answer(why == nullptr ? http_response{200, "text/plain", "ready\n"}
                                  : http_response{503, "text/plain", why->message + "\n"});
}

/// The last transaction failed, and nobody may come to try another while this server says so: it
/// tries one itself.
void probe(actors::engine& engine, const std::shared_ptr<http_exchange>& exchange,
           const health_ptr& health, const rows& before) {
  const std::uint64_t version = before.empty() ? 0 : before.front().version;
  engine.write_registry({{probe_space, probe_key, "{}", version}},
                        [exchange, health](const auto& written) {
                          if (written) health->told(true);
                          tell(exchange, written ? nullptr : &written.error());
                        });
}

/// The store takes what it is given, or a node answers, and the server is not about to end.
void readyz(front& at, const route_call& call, const health_ptr& health) {
  if (at.ending()) return call.exchange->answer({503, "text/plain", "about to end\n"});
  auto& engine = at.all().engine;
  engine.read_registry({probe_space, probe_key}, [&engine, exchange = call.exchange,
                                                  health](const core::outcome<rows>& found) {
    if (found && !health->takes()) return probe(engine, exchange, health, *found);
    if (found) return tell(exchange, nullptr);
    if (found.error().kind != core::agent_error_kind::host_configuration_needed)
      return tell(exchange, &found.error());
    // With pools at nodes there is no registry.
    engine.list_pools([exchange](const core::outcome<std::vector<core::pool_id>>& pools) {
      tell(exchange, pools ? nullptr : &pools.error());
    });
  });
}

}  // namespace

std::vector<route> state_routes(const std::shared_ptr<store_health>& health) {
  route_about alive{"healthz", "Whether the server is there"};
  route_about ready{
      "readyz", "Whether it can do something: its store takes what it is given, or a node answers"};
  alive.type = ready.type = "text/plain";
  const auto is_ready = [health](front& at, const route_call& call) { readyz(at, call, health); };
  return {{"GET", "/healthz", true, healthz, std::move(alive)},
          {"GET", "/readyz", true, is_ready, std::move(ready)}};
}

}  // namespace agentpool::tools
