#include <iostream>

#include "agentpool/core/json_fields.hpp"
#include "agentpool/core/time.hpp"
#include "inspect.hpp"
#include "network_choice.hpp"

namespace agentpool::tools {

namespace {

void print(const messages::status_told& told) {
  std::cout << "node " << told.self.node << " at " << told.self.endpoint << ", lease until "
            << core::rfc3339(told.self.expires_millis)
            << "\n  refused acts for runs: " << told.refused
            << "\n  nodes of the store: " << told.nodes.size() << '\n';
  for (const auto& node : told.nodes)
    std::cout << "    " << node.node << " at " << node.endpoint << ", lease until "
              << core::rfc3339(node.expires_millis) << '\n';
  std::cout << "  pools here: " << told.pools.size() << '\n';
  for (const auto& pool : told.pools)
    std::cout << "    " << pool.pool_id.text() << ": taken " << pool.epoch << " times, "
              << pool.attached << " runs attached, " << pool.detached << " detached\n";
  std::cout << "  programs connected: " << told.sessions.size() << '\n';
  for (const auto& program : told.sessions)
    std::cout << "    " << program.program << " since " << core::rfc3339(program.since_millis)
              << ": " << program.channels << " pools, " << program.runs << " runs, "
              << program.unanswered << " requests unanswered, " << program.untaken
              << " messages on their way\n";
}

}  // namespace

core::outcome<void> inspect_node(const inspect_request& request) {
  auto program = reach({request.connect}, request.network, "agentpool inspect");
  if (!program) return program.error();
  auto told = (*program)->status(request.connect);
  if (!told) return told.error();
  if (request.json) {
    std::cout << core::written(*told) << '\n';
  } else {
    print(*told);
  }
  return {};
}

}  // namespace agentpool::tools
