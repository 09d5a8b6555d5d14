#pragma once

#include "front.hpp"
#include "mcp_server.hpp"

namespace agentpool::tools {

/// MCP over Streamable HTTP at /mcp, for clients of both eras.
[[nodiscard]] std::vector<route> mcp_routes(const std::shared_ptr<mcp_server>& server);

}  // namespace agentpool::tools
