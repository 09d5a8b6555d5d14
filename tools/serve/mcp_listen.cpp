#include "mcp_listen.hpp"

#include "mcp_server.hpp"

namespace agentpool::tools {

namespace {

std::string meta_of(const mcp_message& message) {
  return R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" + message.id + '}';
}

}  // namespace

listened listened_resources(const core::json_value& wanted, std::size_t most) {
  listened named;
  const auto uris = wanted.find("resourceSubscriptions");
  if (!uris || !uris->is(core::json_kind::list)) return named;
  for (const auto uri : *uris) {
    if (!uri.is(core::json_kind::string) || named.size() == most) continue;
    if (const auto resource = resource_at(uri.text()))
      named.emplace_back(std::string{uri.text()}, *resource);
  }
  return named;
}

std::string listen_acknowledgement(const mcp_message& message, const listened& named) {
  std::string honoured = "{";
  if (!named.empty()) {
    honoured += "\"resourceSubscriptions\":[";
    for (const auto& [uri, resource] : named) {
      if (honoured.back() != '[') honoured += ',';
      core::write_json_string(honoured, uri);
    }
    honoured += ']';
  }
  return mcp_notification_line("notifications/subscriptions/acknowledged",
                               meta_of(message) + ",\"notifications\":" + honoured + '}');
}

std::string listen_update(const mcp_message& message, const std::string& uri) {
  std::string fields = meta_of(message) + ",\"uri\":";
  core::write_json_string(fields, uri);
  return mcp_notification_line("notifications/resources/updated", fields);
}

std::string listen_end(const mcp_message& message) {
  return mcp_result_line(message.id, R"("resultType":"complete","_meta":{)"
                                     R"("io.modelcontextprotocol/subscriptionId":)" +
                                         message.id + R"(,"io.modelcontextprotocol/serverInfo":)" +
                                         mcp_server_info() + '}');
}

}  // namespace agentpool::tools
