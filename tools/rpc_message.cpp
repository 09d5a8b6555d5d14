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
bool is_id(const core::json_tree& id) { return id.is_string() || id.is_number() || id.is_null(); }

}  // namespace

std::variant<rpc_request, rpc_refusal> parse_request(std::string_view line) {
  auto tree = core::parse_json(line);
  if (!tree) return refuse({}, rpc_code::parse_error, tree.error().message);
  if (!tree->is_object())
    return refuse({}, rpc_code::invalid_request, "a request is one JSON object a line");
  rpc_request request;
  if (const auto id = tree->find("id"); id != tree->end()) {
    if (!is_id(*id))
      return refuse({}, rpc_code::invalid_request, "id must be a string, a number or null");
    request.id = id->dump();
  }
  const auto version = tree->find("jsonrpc");
  if (version == tree->end() || *version != "2.0")
    return refuse(request.id, rpc_code::invalid_request, "jsonrpc must be \"2.0\"");
  const auto method = tree->find("method");
  if (method == tree->end() || !method->is_string())
    return refuse(request.id, rpc_code::invalid_request, "method must be a string");
  request.method = method->get<std::string>();
  const auto params = tree->find("params");
  request.params = params == tree->end() ? core::json_tree::object() : std::move(*params);
  if (request.params.is_object()) return request;
  const bool structured = request.params.is_array();
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
