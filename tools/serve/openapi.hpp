#pragma once

#include <span>
#include <string>
#include <vector>

#include "front.hpp"
#include "tools/rpc_methods.hpp"

namespace agentpool::tools {

/// The OpenAPI 3.1 document of a server with these routes and JSON-RPC methods, as compact JSON.
[[nodiscard]] std::string openapi_document(std::span<const route> routes,
                                           std::span<const rpc_method_info> methods);

/// The address that tells the document of the server that it is at.
[[nodiscard]] std::vector<route> openapi_routes();

}  // namespace agentpool::tools
