#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "agentpool/core/content.hpp"
#include "agentpool/core/error.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/registry.hpp"
#include "agentpool/core/store_backend.hpp"

/// What every store asks of the requests it is given.
namespace agentpool::stores {

/// The largest sequence or number that every store can keep.
inline constexpr std::uint64_t position_max = INT64_MAX;

/// The longest space or key of a registry row, in bytes: two of them are what an index of
/// PostgreSQL takes.
inline constexpr std::size_t registry_name_bytes_max = 1'024;

/// The pool as what an error is about.
[[nodiscard]] std::vector<core::entity_ref> about_pool(const core::pool_id& pool);

/// Says which request is no continuation of the position that it expects: entries missing, of
/// another pool, out of order, or an acknowledgement out of range. Empty when all are sound.
[[nodiscard]] std::optional<core::agent_error> request_fault(
    std::span<const core::append_request> requests);

/// Says which write no registry can take: a space or key that is empty or too long, a text that is
/// no valid UTF-8 or contains U+0000. Empty when all are sound.
[[nodiscard]] std::optional<core::agent_error> registry_fault(
    std::span<const core::registry_write> writes);

/// The same of a query; `after` may be empty.
[[nodiscard]] std::optional<core::agent_error> registry_fault(const core::registry_query& query);

/// The items by name, each content once; pointers into `items`.
[[nodiscard]] std::vector<const core::content*> distinct(std::span<const core::content> items);

/// What contents are kept by: the hex digits of the name, as a view into it.
[[nodiscard]] std::string_view digest_of(const core::content& item);

/// `position` lacks records or host events that `other` has.
[[nodiscard]] bool is_before(core::log_position position, core::log_position other) noexcept;

/// Entries before the pool's horizon were asked for.
[[nodiscard]] core::agent_error before_horizon(const core::pool_id& pool, core::log_position at);

/// There is no record where one was asked for.
[[nodiscard]] core::agent_error record_missing(const core::pool_id& pool, std::uint64_t sequence);

}  // namespace agentpool::stores
