#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "agentpool/core/error.hpp"
#include "agentpool/core/json_fields.hpp"

/// JSON-RPC 2.0 as lines of text (https://www.jsonrpc.org/specification).
namespace agentpool::tools {

/// The specification's codes, and ours for an `agent_error` (section 5.1).
enum class rpc_code : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  agent_error = -32000,
};

/// A request. Without an id it is a notification, which is never answered.
struct rpc_request {
  core::json_tree tree;
  std::string id;  ///< JSON; empty for a notification.
  std::string method;
  std::optional<core::json_value> params;  ///< An object of `tree`; none when left out.
};

/// A line that is no request, as the answer that it gets.
struct rpc_refusal {
  std::string line;
};

[[nodiscard]] std::variant<rpc_request, rpc_refusal> parse_request(std::string_view line);

/// The answer lines. `id` and `result` are JSON.
[[nodiscard]] std::string result_line(const std::string& id, std::string_view result);
[[nodiscard]] std::string error_line(const std::string& id, rpc_code code,
                                     std::string_view message);
[[nodiscard]] std::string error_line(const std::string& id, const core::agent_error& error);

/// A notification to the client: {"method", "params": {"subscription_id", NAME: VALUE}}.
[[nodiscard]] std::string notification_line(std::string_view method, std::string_view subscription,
                                            std::string_view name, std::string_view value);

}  // namespace agentpool::tools
