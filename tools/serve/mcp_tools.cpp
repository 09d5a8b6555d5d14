#include "mcp_tools.hpp"

#include <algorithm>
#include <vector>

namespace agentpool::tools {

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

}  // namespace agentpool::tools
