#pragma once

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/client.hpp"
#include "agentpool/actors/remote/network.hpp"
#include "agentpool/actors/remote/transport_options.hpp"

/// Nodes and programs over TCP.
namespace agentpool::actors::remote {

/// How this process is reached, and reaches others.
struct tcp_options {
  transport_security security = {};
  transport_limits limits = {};
};

/// Sets what an engine needs whose node is on the network; before the engine is made.
[[nodiscard]] engine_options with_tcp(engine_options options, const tcp_options& tcp);

/// The network of an engine made so. The error names the file that is at fault.
[[nodiscard]] core::outcome<std::shared_ptr<network>> tcp_network(caf::actor_system& system,
                                                                  const tcp_options& tcp);

/// The same for a program.
[[nodiscard]] client_options with_tcp(client_options options, const tcp_options& tcp);

}  // namespace agentpool::actors::remote
