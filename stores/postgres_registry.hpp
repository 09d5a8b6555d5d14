#pragma once

#include <span>
#include <utility>
#include <vector>

#include "agentpool/core/registry.hpp"
#include "stores/postgres_connection.hpp"

namespace agentpool::stores {

/// What was written, and whether there is anything to commit.
using registry_work = std::pair<std::vector<core::registry_written>, bool>;

/// Writes the rows in a transaction that has begun; what `postgres_session::transacted` asks of
/// its work. Throws `postgres_fault`.
[[nodiscard]] registry_work write_registry(postgres_connection& connection,
                                           std::span<const core::registry_write> writes,
                                           const deadline& until);

/// Throws `postgres_fault`.
[[nodiscard]] std::vector<core::registry_row> read_registry(postgres_connection& connection,
                                                            const core::registry_query& query,
                                                            const deadline& until);

}  // namespace agentpool::stores
