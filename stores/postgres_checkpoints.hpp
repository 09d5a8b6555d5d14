#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "agentpool/core/store_backend.hpp"
#include "stores/postgres_connection.hpp"
#include "stores/postgres_writer.hpp"

/// Keeps checkpoints and removes what is older than a horizon. Each of the functions is the work of
/// a transaction of `postgres_session`: what it gives, and whether there is anything to commit.
namespace agentpool::stores {

using checkpoint_work = std::pair<std::optional<std::uint64_t>, bool>;

/// What `keep_checkpoint` of the store says.
[[nodiscard]] checkpoint_work keep_checkpoint(postgres_connection& connection,
                                              postgres_head_locks& locks,
                                              const core::checkpoint_request& request,
                                              const deadline& until);

/// What `drop_records` of the store says.
[[nodiscard]] checkpoint_work drop_records(postgres_connection& connection,
                                           const core::drop_request& request, std::uint64_t after,
                                           std::size_t most, const deadline& until);

}  // namespace agentpool::stores
