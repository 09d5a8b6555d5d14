#include "server_metrics.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "agentpool/actors/remote/client.hpp"
#include "tools/version.hpp"

namespace agentpool::tools {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;
using families = std::vector<MetricFamily>;

/// Nodes are told by their endpoints: of a fleet that changes its addresses not all.
constexpr std::size_t endpoints_max = 100;

constexpr std::array<const char*, 5> link_states{"idle", "waiting", "dialing", "greeting", "up"};
constexpr std::array<const char*, 5> pool_states{"resting", "linking", "opening", "seating",
                                                 "ready"};

template <class Number>
void add(families& all, const char* name, const char* help, MetricType type, Number value) {
  looked_up{name, help, type}.add(static_cast<double>(value)).append_to(all);
}

/// How many of `found` are in each state.
template <std::size_t Count, class Report>
void add_states(families& all, const char* name, const char* help,
                const std::array<const char*, Count>& states, const std::vector<Report>& found) {
  looked_up family{name, help, MetricType::Gauge};
  for (std::size_t i = 0; i < Count; ++i)
    family.add(static_cast<double>(std::count_if(
                   found.begin(), found.end(),
                   [&](const Report& one) { return static_cast<std::size_t>(one.state) == i; })),
               {{"state", states[i]}});
  family.append_to(all);
}

void add_loads(families& all, actors::engine& pools) {
  const auto in_use = pools.pools_in_use();
  actors::pool_load sum;
  for (const auto& pool : in_use) {
    const auto load = pool.load();
    sum.under_way += load.under_way;
    sum.waiting += load.waiting;
    sum.held += load.held;
  }
  add(all, "agentpool_pools", "Pools in use", MetricType::Gauge, in_use.size());
  looked_up{"agentpool_pool_requests",
            "Requests of all pools: under way, waiting for what comes, held until there is room",
            MetricType::Gauge}
      .add(static_cast<double>(sum.under_way), {{"state", "under_way"}})
      .add(static_cast<double>(sum.waiting), {{"state", "waiting"}})
      .add(static_cast<double>(sum.held), {{"state", "held"}})
      .append_to(all);
}

void add_links(families& all, const actors::remote::client& program) {
  auto links = program.links();
  add_states(all, "agentpool_links", "Connections to nodes, by how far they are", link_states,
             links);
  if (links.size() > endpoints_max) links.resize(endpoints_max);
  looked_up up{"agentpool_link_up", "Whether the connection to a node is made", MetricType::Gauge};
  looked_up made{"agentpool_link_connects_total", "How often the connection to a node was made",
                 MetricType::Counter};
  looked_up tries{"agentpool_link_failed_tries",
                  "Tries to reach a node that failed since it was last reached", MetricType::Gauge};
  for (const auto& link : links) {
    const prometheus::Labels at{{"endpoint", link.endpoint}};
    up.add(link.state == actors::remote::link_state::up ? 1 : 0, at);
    made.add(static_cast<double>(link.times_up), at);
    tries.add(static_cast<double>(link.tries), at);
  }
  up.append_to(all);
  made.append_to(all);
  tries.append_to(all);
}

void add_remote_pools(families& all, const actors::remote::client& program) {
  const auto reports = program.reports();
  add_states(all, "agentpool_remote_pools", "Pools at nodes, by how far this server is with them",
             pool_states, reports);
  std::uint64_t requests = 0;
  std::uint64_t runs = 0;
  for (const auto& one : reports) {
    requests += one.requests;
    runs += one.runs;
  }
  add(all, "agentpool_remote_requests", "Requests to nodes that are not answered",
      MetricType::Gauge, requests);
  add(all, "agentpool_remote_runs", "Runs that this server acts for at nodes", MetricType::Gauge,
      runs);
}

}  // namespace

std::vector<route> metrics_routes(const metrics& all) {
  route_about about{"get_metrics", "Counters and latencies of the server, for Prometheus",
                    caller_role::observe};
  about.type = "text/plain";
  const auto tell = [&all](front&, const route_call& call) {
    if (!call.desk->shown().who.may(caller_role::observe))
      return call.exchange->answer(bad_request(403, "this needs the role observe"));
    call.exchange->answer({200, "text/plain; version=0.0.4; charset=utf-8", all.text()});
  };
  return {{"GET", "/metrics", false, tell, std::move(about)}};
}

void look_up_server(metrics& into, const http_server& server, const front& gate) {
  into.add([&server, &gate](families& all) {
    const auto http = server.counts();
    const auto taken = gate.counts();
    add(all, "agentpool_http_connections", "Connections that are open", MetricType::Gauge,
        http.connections);
    add(all, "agentpool_http_connections_accepted_total", "Connections that were taken in",
        MetricType::Counter, http.accepted);
    add(all, "agentpool_http_refused_total",
        "Connections and requests that were malformed, too large, too slow or beyond a bound",
        MetricType::Counter, http.refused);
    add(all, "agentpool_http_stuck_readers_total",
        "Of those, readers that took nothing for too long", MetricType::Counter, http.stuck);
    add(all, "agentpool_http_sent_bytes_total", "Bytes of answers", MetricType::Counter,
        http.bytes_out);
    add(all, "agentpool_http_streams", "Event streams that are open", MetricType::Gauge,
        taken.streams);
    add(all, "agentpool_http_waiting", "Requests that wait for what comes", MetricType::Gauge,
        taken.waiting);
    looked_up{"agentpool_build_info", "Always 1", MetricType::Gauge}
        .add(1, {{"version", std::string{version_number}}})
        .append_to(all);
  });
}

void look_up_pools(metrics& into, actors::engine& pools, const actors::remote::client* program) {
  into.add([&pools, program](families& all) {
    add_loads(all, pools);
    if (program == nullptr) return;
    add_links(all, *program);
    add_remote_pools(all, *program);
  });
}

}  // namespace agentpool::tools
