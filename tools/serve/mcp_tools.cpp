#include "mcp_tools.hpp"

#include <algorithm>
#include <vector>

namespace agentpool::tools {

namespace {

void field(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  core::write_json_string(out, name);
  out += ':';
  core::write_json_string(out, value);
}

std::string tool_listed(const mcp_tool& tool, bool with_tasks) {
  std::string out = "{";
  field(out, "name", tool.name);
  field(out, "title", tool.title);
  field(out, "description", tool.description);
  out += ",\"inputSchema\":" + tool.input_schema() + ",\"outputSchema\":" + tool.output_schema();
  out += ",\"annotations\":{";
  field(out, "title", tool.title);
  const auto flag = [&](std::string_view name, bool value) {
    out += ",\"" + std::string{name} + "\":" + (value ? "true" : "false");
  };
  flag("readOnlyHint", tool.read_only);
  if (!tool.read_only) flag("destructiveHint", false);
  flag("idempotentHint", tool.idempotent);
  flag("openWorldHint", false);
  out += '}';
  if (with_tasks && tool.waits) out += R"(,"execution":{"taskSupport":"optional"})";
  return out + '}';
}

}  // namespace

std::span<const mcp_tool> mcp_tools() {
  static const std::vector<mcp_tool> all = [] {
    std::vector<mcp_tool> made;
    for (const auto part :
         {member_tools(), message_tools(), waiting_tools(), looking_tools(), content_tools()})
      made.insert(made.end(), part.begin(), part.end());
    std::sort(made.begin(), made.end(),
              [](const mcp_tool& a, const mcp_tool& b) { return a.name < b.name; });
    return made;
  }();
  return all;
}

const std::string& mcp_tools_listed(bool with_tasks) {
  static const auto all = [](bool tasks) {
    std::string out = "\"tools\":[";
    for (const auto& tool : mcp_tools()) {
      if (out.back() != '[') out += ',';
      out += tool_listed(tool, tasks);
    }
    return out + ']';
  };
  static const std::string plain = all(false);
  static const std::string tasked = all(true);
  return with_tasks ? tasked : plain;
}

}  // namespace agentpool::tools
