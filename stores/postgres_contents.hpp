#pragma once

#include <optional>
#include <span>
#include <string>

#include "agentpool/core/content.hpp"
#include "stores/postgres_connection.hpp"

namespace agentpool::stores {

/// Keeps the contents in a transaction of its own, one round trip. Keeping them again does no harm,
/// so whoever lost the connection meanwhile does just that. Throws `postgres_fault`.
[[nodiscard]] core::outcome<core::content_kept> put_content(postgres_connection& connection,
                                                            std::span<const core::content> items,
                                                            const core::content_limits& limits,
                                                            const deadline& until);

/// Throws `postgres_fault`.
[[nodiscard]] core::outcome<std::optional<std::string>> get_content(postgres_connection& connection,
                                                                    const core::content_ref& name,
                                                                    const deadline& until);

}  // namespace agentpool::stores
