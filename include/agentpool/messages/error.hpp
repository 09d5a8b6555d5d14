#pragma once

#include <caf/atom.hpp>
#include <caf/error.hpp>

#include "agentpool/core/error.hpp"

/// Errors of the engine as actors send them.
namespace agentpool::messages {

/// The category that they carry.
inline constexpr caf::atom_value error_category = caf::atom("agentpool");

/// The error as an actor answers it.
[[nodiscard]] caf::error make_error(core::agent_error error);

/// What was refused and why. An error that did not come from the engine (a lost connection, an
/// actor that ended) becomes `store_unavailable`: what it was about may be repeated.
[[nodiscard]] core::agent_error agent_error_of(const caf::error& error);

/// The engine was closed before the request was decided.
[[nodiscard]] core::agent_error closed();

}  // namespace agentpool::messages
