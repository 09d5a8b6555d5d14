#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agentpool/core/json_tree.hpp"
#include "tool_call.hpp"

namespace agentpool::tools {

/// A tool of the MCP server.
struct mcp_tool {
  std::string_view name;
  std::string_view title;
  std::string_view description;
  bool read_only = false;
  bool idempotent = false;
  bool waits = false;  ///< It may be made a task.
  std::string (*input_schema)();
  std::string (*output_schema)();
  /// Does it and calls back once. `arguments` is an object, and good until this returns.
  void (*run)(const tool_caller&, const core::json_value& arguments, tool_callback);
};

/// All of them, by name.
[[nodiscard]] std::span<const mcp_tool> mcp_tools();

/// All of them as "tools" of a JSON object; with `with_tasks` those that wait say that they may be
/// tasks.
[[nodiscard]] const std::string& mcp_tools_listed(bool with_tasks);

/// The parts of that list.
[[nodiscard]] std::span<const mcp_tool> member_tools();
[[nodiscard]] std::span<const mcp_tool> message_tools();
[[nodiscard]] std::span<const mcp_tool> waiting_tools();
[[nodiscard]] std::span<const mcp_tool> looking_tools();
[[nodiscard]] std::span<const mcp_tool> content_tools();

}  // namespace agentpool::tools
