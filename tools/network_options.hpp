#pragma once

#include "network_choice.hpp"
#include "node.hpp"

namespace CLI {
class App;
}

namespace agentpool::tools {

/// The options of a command that say how connections are protected.
void add_network(CLI::App& command, network_choice& choice);

/// How `agentpool node` is spelled.
void add_node(CLI::App& app, node_request& request);

}  // namespace agentpool::tools
