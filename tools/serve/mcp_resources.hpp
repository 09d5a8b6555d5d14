#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "guarded_desk.hpp"

/// What an MCP client can read of a pool as a resource, and watch.
namespace agentpool::tools {

/// A pool's members, or what was recorded in it lately.
struct mcp_resource {
  core::pool_id pool;
  enum class part : std::uint8_t { members, timeline } what{};
};

/// "agentpool://pools/pool.build/members"; none for another text.
[[nodiscard]] std::optional<mcp_resource> resource_at(std::string_view uri);

/// The resources of a page of pools, as "resources" and "nextCursor" of a JSON object.
void list_resources(const std::shared_ptr<guarded_desk>& desk, const std::string& after,
                    actors::callback<std::string> then);

/// The templates, as "resourceTemplates" of a JSON object.
[[nodiscard]] std::string resource_templates();

/// The resource's contents, as "contents" of a JSON object.
void read_resource(const std::shared_ptr<guarded_desk>& desk, const mcp_resource& resource,
                   const std::string& uri, actors::callback<std::string> then);

/// Calls `changed` on threads of the engine whenever something is recorded in the resource's pool
/// that changes it, once for what comes together; for as long as what it gives is kept. The error:
/// it cannot be watched.
void watch_resource(const std::shared_ptr<guarded_desk>& desk, const mcp_resource& resource,
                    std::function<void()> changed, actors::callback<std::shared_ptr<void>> then);

}  // namespace agentpool::tools
