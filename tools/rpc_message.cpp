#include "rpc_message.hpp"

namespace agentpool::tools {

namespace {

std::string line_start(const std::string& id) {
  return R"({"jsonrpc":"2.0","id":)" + (id.empty() ? std::string{"null"} : id);
}

rpc_refusal refuse(const std::string& id, rpc_code code, std::string_view why) {
  return {error_line(id, code, why)};
}

/// An id may be a string, a number or null.
bool is_id(const core::json_value& id) {
  return id.is(core::json_kind::string) || id.is(core::json_kind::number) || id.is_null();
}

}  // namespace

std::variant<rpc_request, rpc_refusal> parse_request(std::string_view line) {
  auto tree = core::parse_json(line);
  if (!tree) return refuse({}, rpc_code::parse_error, tree.error().message);
  rpc_request request{std::move(*tree), {}, {}, {}};
  const auto root = request.tree.root();
  if (!root.is(core::json_kind::object))
    return refuse({}, rpc_code::invalid_request, "a request is one JSON object a line");
  if (const auto id = root.find("id")) {
    if (!is_id(*id))
      return refuse({}, rpc_code::invalid_request, "id must be a string, a number or null");
    request.id = id->compact();
  }
  const auto version = root.find("jsonrpc");
  if (!version || !version->is(core::json_kind::string) || version->text() != "2.0")
    return refuse(request.id, rpc_code::invalid_request, "jsonrpc must be \"2.0\"");
  const auto method = root.find("method");
  if (!method || !method->is(core::json_kind::string))
    return refuse(request.id, rpc_code::invalid_request, "method must be a string");
  request.method = method->text();
  request.params = root.find("params");
  if (!request.params || request.params->is(core::json_kind::object)) return request;
  const bool structured = request.params->is(core::json_kind::list);
  return refuse(request.id, structured ? rpc_code::invalid_params : rpc_code::invalid_request,
                "params must be an object");
}

std::string result_line(const std::string& id, std::string_view result) {
  std::string line = line_start(id);
  line += ",\"result\":";
  line += result;
  line += '}';
  return line;
}

std::string error_line(const std::string& id, rpc_code code, std::string_view message) {
  std::string line = line_start(id);
  line += ",\"error\":{\"code\":" + std::to_string(static_cast<int>(code)) + ",\"message\":";
  core::write_json_string(line, message);
  line += "}}";
  return line;
}

std::string error_line(const std::string& id, const core::agent_error& error) {
  std::string line = line_start(id);
  line += ",\"error\":{\"code\":" + std::to_string(static_cast<int>(rpc_code::agent_error)) +
          ",\"message\":";
  core::write_json_string(line, error.message);
  line += ",\"data\":{\"kind\":";
  core::write_json_string(line, core::to_text(error.kind));
  line += ",\"retry\":";
  core::write_json_string(line, core::to_text(error.retry));
  line += ",\"message\":";
  core::write_json_string(line, error.message);
  line += "}}}";
  return line;
}

std::string notification_line(std::string_view method, std::string_view subscription,
                              std::string_view name, std::string_view value) {
  std::string line = R"({"jsonrpc":"2.0","method":)";
  core::write_json_string(line, method);
  line += ",\"params\":{\"subscription_id\":";
  core::write_json_string(line, subscription);
  line += ",\"";
  line += name;
  line += "\":";
  line += value;
  line += "}}";
  return line;
}

}  // namespace agentpool::tools
