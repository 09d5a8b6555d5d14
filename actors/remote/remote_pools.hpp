#pragma once

#include <memory>

#include "actors/remote/dialing.hpp"
#include "agentpool/actors/pool_source.hpp"

namespace agentpool::actors::remote {

/// Pools that are at nodes: a stand-in each. `made` is told what the actors have in common.
[[nodiscard]] pool_source_factory remote_pools(dialing::setup with,
                                               std::function<void(std::shared_ptr<dialing>)> made);

}  // namespace agentpool::actors::remote
