#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mcp_message.hpp"
#include "mcp_resources.hpp"

/// What a listener of the modern era (subscriptions/listen) is told, whatever carries it.
namespace agentpool::tools {

using listened = std::vector<std::pair<std::string, mcp_resource>>;

/// The resources that a listener names and that there are, at most so many.
[[nodiscard]] listened listened_resources(const core::json_value& wanted, std::size_t most);

/// The first message: what of it is honoured.
[[nodiscard]] std::string listen_acknowledgement(const mcp_message& message, const listened& named);
/// That a resource has changed.
[[nodiscard]] std::string listen_update(const mcp_message& message, const std::string& uri);
/// The request's result: the server ends the stream.
[[nodiscard]] std::string listen_end(const mcp_message& message);

}  // namespace agentpool::tools
