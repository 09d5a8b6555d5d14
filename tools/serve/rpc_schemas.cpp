#include "rpc_schemas.hpp"

#include <optional>
#include <set>

#include "tools/rpc_methods.hpp"
#include "tools/rpc_params.hpp"

namespace agentpool::tools {

namespace {

constexpr std::string_view id_schema = R"({"type":["string","integer","null"]})";

/// What an agent_error is on the wire.
struct told_error {
  std::optional<core::agent_error_kind> kind;
  std::optional<core::retry_classification> retry;
  std::string message;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("kind", self.kind);
    visit("retry", self.retry);
    visit("message", self.message);
  }
};

struct told_refusal {
  told_error error;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("error", self.error);
  }
};

std::string method_schema(const rpc_method_info& method) {
  std::string out = R"({"type":"object","title":)";
  core::write_json_string(out, method.name);
  out += ",\"description\":";
  core::write_json_string(out, method.summary);
  out += R"(,"properties":{"jsonrpc":{"const":"2.0"},"id":)";
  out += id_schema;
  out += ",\"method\":{\"const\":";
  core::write_json_string(out, method.name);
  out += "},\"params\":" + method.params();
  return out + R"(},"required":["jsonrpc","method"]})";
}

}  // namespace

std::string rpc_request_schema() {
  std::string list;
  for (const auto& each : rpc_methods()) {
    if (!list.empty()) list += ',';
    list += method_schema(each);
  }
  return "{\"oneOf\":[" + list + "]}";
}

std::string rpc_answer_schema() {
  std::set<std::string> results;
  for (const auto& each : rpc_methods()) results.insert(each.result());
  std::string list;
  for (const auto& each : results) {
    if (!list.empty()) list += ',';
    list += each;
  }
  const std::string head =
      R"({"type":"object","properties":{"jsonrpc":{"const":"2.0"},"id":)" + std::string{id_schema};
  return "{\"oneOf\":[" + head + ",\"result\":{\"anyOf\":[" + list +
         R"(]}},"required":["jsonrpc","id","result"]},)" + head +
         R"(,"error":{"type":"object","properties":{"code":{"type":"integer"},)"
         R"("message":{"type":"string"},"data":)" +
         given<told_error>() +
         R"(},"required":["code","message"]}},"required":["jsonrpc","id","error"]}]})";
}

std::string http_error_schema() { return given<told_refusal>(); }

}  // namespace agentpool::tools
