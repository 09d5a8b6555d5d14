#pragma once

#include "agentpool/core/outcome.hpp"
#include "serve.hpp"

namespace agentpool::tools {

/// Serves MCP on standard input and output, a message a line, until the end of input or until
/// SIGINT or SIGTERM asks to end. Whoever has the process may do everything; runs that it joined
/// are its own in a later life, too. The error says why it could not start.
[[nodiscard]] core::outcome<void> serve_mcp(const serve_request& request, int input, int output);

}  // namespace agentpool::tools
