#pragma once

#include "front.hpp"

namespace agentpool::tools {

/// The methods of docs/contract.md at one address: a JSON-RPC 2.0 request a POST. Requests of one
/// caller that must take effect in an order wait for each other's answers.
[[nodiscard]] std::vector<route> rpc_routes();

}  // namespace agentpool::tools
