#include "openapi.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>

#include "rpc_schemas.hpp"
#include "schema_components.hpp"
#include "tools/version.hpp"

namespace agentpool::tools {

namespace {

constexpr std::string_view intro =
    "Pools of agent runs that talk, wait and wake. Docs: docs/http.md of the project; the records "
    "are those of docs/records.md, the operations those of docs/contract.md.";

std::string json_text(std::string_view text) {
  std::string out;
  core::write_json_string(out, text);
  return out;
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return text;
}

/// "a,b" with a comma where there is something before.
void append(std::string& list, const std::string& one) {
  if (!list.empty()) list += ',';
  list += one;
}

std::string parameter(std::string_view name, std::string_view in, bool required,
                      std::string_view text, const std::string& schema) {
  std::string out = "{\"name\":" + json_text(name) + ",\"in\":" + json_text(in);
  if (required) out += ",\"required\":true";
  if (!text.empty()) out += ",\"description\":" + json_text(text);
  return out + ",\"schema\":" + schema + '}';
}

std::string parameters_of(const route& at) {
  std::string list;
  for (std::size_t begin = at.pattern.find('{'); begin != std::string::npos;
       begin = at.pattern.find('{', begin + 1)) {
    const auto name = at.pattern.substr(begin + 1, at.pattern.find('}', begin) - begin - 1);
    append(list,
           parameter(name, "path", true, {}, R"({"type":"string","minLength":1,"maxLength":512})"));
  }
  for (const auto& each : at.about.query)
    append(list, parameter(each.name, "query", false, each.text, each.schema()));
  if (at.about.streams)
    append(list,
           parameter("Last-Event-ID", "header", false,
                     "Where a stream goes on: the id that it had last", R"({"type":"string"})"));
  return list;
}

std::string responses_of(const route& at, const schema_components& all) {
  const auto& about = at.about;
  std::string content =
      json_text(about.type.substr(0, about.type.find(';'))) + ":{\"schema\":" +
      (about.gives == nullptr ? R"({"type":"string"})" : all.referring(about.gives())) + '}';
  if (about.streams) content += R"(,"text/event-stream":{"schema":{"type":"string"}})";
  return R"({"200":{"description":"What was asked for","content":{)" + content +
         R"(}},"default":{"$ref":"#/components/responses/Refused"}})";
}

/// Names a program generates functions by have to be there, and once.
std::string operation_of(const route& at) {
  if (!at.about.operation.empty()) return std::string{at.about.operation};
  std::string name = lower(at.method) + at.pattern;
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')); }, '_');
  return name;
}

std::string rpc_extension(std::span<const rpc_method_info> methods, const schema_components& all) {
  std::string list;
  for (const auto& each : methods)
    append(list, json_text(each.name) + ":{\"summary\":" + json_text(each.summary) + ",\"role\":" +
                     json_text(each.role) + ",\"params\":" + all.referring(each.params()) +
                     ",\"result\":" + all.referring(each.result()) + '}');
  return '{' + list + '}';
}

std::string operation(const route& at, const schema_components& all,
                      std::span<const rpc_method_info> methods) {
  const auto& about = at.about;
  std::string out = "{\"operationId\":" + json_text(operation_of(at));
  out += ",\"summary\":" + json_text(about.summary);
  if (about.role) out += ",\"x-role\":" + json_text(core::to_text(*about.role));
  out += at.open ? R"(,"security":[])" : R"(,"security":[{"token":[]}])";
  if (const auto parameters = parameters_of(at); !parameters.empty())
    out += ",\"parameters\":[" + parameters + ']';
  if (about.takes != nullptr)
    out += R"(,"requestBody":{"required":true,"content":{"application/json":{"schema":)" +
           all.referring(about.takes()) + "}}}";
  out += ",\"responses\":" + responses_of(at, all);
  if (at.pattern == "/rpc") out += ",\"x-rpc-methods\":" + rpc_extension(methods, all);
  return out + '}';
}

/// By path, in the order of the table.
std::string paths(std::span<const route> routes, const schema_components& all,
                  std::span<const rpc_method_info> methods) {
  std::vector<std::pair<std::string, std::string>> by_path;
  for (const auto& each : routes) {
    auto found = std::find_if(by_path.begin(), by_path.end(),
                              [&](const auto& one) { return one.first == each.pattern; });
    if (found == by_path.end()) found = by_path.insert(by_path.end(), {each.pattern, {}});
    append(found->second, json_text(lower(each.method)) + ':' + operation(each, all, methods));
  }
  std::string out;
  for (const auto& [path, operations] : by_path)
    append(out, json_text(path) + ":{" + operations + '}');
  return '{' + out + '}';
}

}  // namespace

std::string openapi_document(std::span<const route> routes,
                             std::span<const rpc_method_info> methods) {
  auto all = record_components();
  for (const auto& each : methods) {
    all.add("rpc_" + std::string{each.name} + "_params", each.params());
    all.add("rpc_" + std::string{each.name} + "_result", each.result());
  }
  all.add("Error", http_error_schema());
  std::string out = R"({"openapi":"3.1.0","info":{"title":"agentpool","version":)";
  out += json_text(version_number);
  out += ",\"description\":" + json_text(intro) + '}';
  out += ",\"paths\":" + paths(routes, all, methods);
  out += ",\"components\":{\"schemas\":" + all.json();
  out += R"(,"responses":{"Refused":{"description":"Why it was not done",)"
         R"("content":{"application/json":{"schema":{"$ref":"#/components/schemas/Error"}}}}})";
  out += R"(,"securitySchemes":{"token":{"type":"http","scheme":"bearer",)"
         R"("description":"A token of agentpool token add, where the server has --tokens"},)"
         R"("session":{"type":"apiKey","in":"header","name":"Agentpool-Session-Token",)"
         R"("description":"The token of a run, as join_run answered it"}}}})";
  return out;
}

std::vector<route> openapi_routes() {
  /// Made when it is first asked for: the routes are the server's by then.
  struct made_once {
    std::once_flag flag;
    std::string document;
  };
  route_about about{"get_openapi", "This document"};
  about.gives = [] { return std::string{R"({"type":"object"})"}; };
  const auto kept = std::make_shared<made_once>();
  const auto tell = [kept](front& at, const route_call& call) {
    std::call_once(kept->flag,
                   [&] { kept->document = openapi_document(at.routes(), rpc_methods()); });
    call.exchange->answer(json_response(kept->document));
  };
  return {{"GET", "/openapi.json", true, tell, std::move(about)}};
}

}  // namespace agentpool::tools
