#pragma once

#include <memory>

#include "actors/remote/surroundings.hpp"

namespace agentpool::actors::remote {

/// What a node publishes, alone: lets programs in that speak this protocol, each with a session of
/// its own. It knows nothing that would be lost with it. `surroundings` keep the account of a
/// session; `sessions` is told of each, to end them with the node.
messages::gateway_actor::behavior_type gateway(
    messages::gateway_actor::pointer self, const std::shared_ptr<surroundings>& around,
    const std::function<void(messages::session_actor)>& began);

}  // namespace agentpool::actors::remote
