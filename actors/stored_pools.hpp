#pragma once

#include <memory>

#include "agentpool/actors/pool_source.hpp"
#include "agentpool/core/store_backend.hpp"

namespace agentpool::actors {

/// Pools on a store of the engine's own: a pool and a journal actor each, and one of the store.
[[nodiscard]] std::unique_ptr<pool_source> stored_pools(
    caf::actor_system& system, const engine_options& options,
    std::unique_ptr<core::store_backend> backend);

}  // namespace agentpool::actors
