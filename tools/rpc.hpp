#pragma once

#include <string>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// Serves JSON-RPC 2.0, one object a line, until the end of input; then what is under way is
/// finished. Bad input of any kind is answered and goes no further. The error says why it could
/// not start, or that nobody reads the output any more.
[[nodiscard]] core::outcome<void> serve_rpc(const std::string& store, int input, int output);

}  // namespace agentpool::tools
