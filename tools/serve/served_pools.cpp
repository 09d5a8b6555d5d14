#include "served_pools.hpp"

#include <utility>

#include "mcp_tasks.hpp"
#include "tools/real_clock.hpp"
#include "tools/store_url.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t held_max = 1'000'000;
/// One for each task, and what is left for a moment of how it began.
constexpr std::size_t task_waiters_max = 2 * task_bounds{}.all_max;

}  // namespace

std::shared_ptr<const service> served_pools::all() {
  auto runs = program ? seats_at_nodes(*program) : seats_in_store(*engine, clock);
  return std::make_shared<const service>(service{
      .engine = pools(), .runs = std::move(runs), .clock = clock, .watch = watch, .sends = sends});
}

core::outcome<served_pools> open_pools(const serve_request& request, const std::string& name,
                                       onlookers seen) {
  if (request.store.empty() == request.connect.empty())
    return core::host_configuration_needed("name a store with --store or nodes with --connect");
  served_pools made;
  made.clock = std::make_shared<const real_clock>();
  made.watch = std::move(seen.desk);
  made.sends = std::move(seen.sends);
  actors::engine_options options;
  options.clock = made.clock;
  options.limits.retained_entries = request.retain;
  // Each caller is bounded; what many of them ask together waits instead of being refused.
  options.limits.beyond_requests = actors::beyond_limit::hold;
  options.limits.held_max = held_max;
  options.limits.waiters_max = request.waiting + task_waiters_max;
  if (!request.connect.empty()) {
    if (request.retain != 0)
      return core::host_configuration_needed("--retain is the nodes' to say, not a server's");
    auto program = reach(request.connect, request.network, name, std::move(options));
    if (!program) return program.error();
    made.program = std::move(*program);
    return made;
  }
  auto backend = open_store(request.store, *made.clock, store_use::read_write);
  if (!backend) return backend.error();
  if (!seen.appends.empty()) *backend = watched_store(std::move(*backend), std::move(seen.appends));
  made.engine = std::make_unique<actors::engine>(std::move(*backend), std::move(options));
  return made;
}

}  // namespace agentpool::tools
