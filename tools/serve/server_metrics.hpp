#pragma once

#include "front.hpp"
#include "http_server.hpp"
#include "metrics.hpp"

namespace agentpool::actors::remote {
class client;
}  // namespace agentpool::actors::remote

namespace agentpool::tools {

/// The address that tells the metrics, for who may observe. They must live longer.
[[nodiscard]] std::vector<route> metrics_routes(const metrics& all);

/// The connections, what is under way in pools and, with pools at nodes (else null), the links to
/// them are looked up whenever somebody asks. All of these live as long as anybody does.
void look_up_server(metrics& into, const http_server& server, const front& gate);
void look_up_pools(metrics& into, actors::engine& pools, const actors::remote::client* program);

}  // namespace agentpool::tools
