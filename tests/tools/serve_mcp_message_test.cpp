// Reading a message of MCP: which era it is of, and why it is refused, rule by rule.
#include <map>
#include <nlohmann/json.hpp>

#include "support/catch.hpp"
#include "tools/serve/mcp_message.hpp"

namespace {

using namespace agentpool;
using tools::mcp_era;
using json = nlohmann::ordered_json;
using headers = std::map<std::string, std::string, std::less<>>;
using variant = std::variant<tools::mcp_message, tools::mcp_misread>;

const std::string version_key = "io.modelcontextprotocol/protocolVersion";
const std::string can_key = "io.modelcontextprotocol/clientCapabilities";

variant read(const json& message, const headers& all) {
  return tools::read_mcp_message(message.dump(),
                                 [&](std::string_view name) -> std::optional<std::string_view> {
                                   const auto found = all.find(name);
                                   if (found == all.end()) return std::nullopt;
                                   return found->second;
                                 });
}
variant read_line(const json& message) { return tools::read_mcp_message(message.dump(), nullptr); }

json request(const std::string& method, const json& params = json::object()) {
  return {{"jsonrpc", "2.0"}, {"id", 7}, {"method", method}, {"params", params}};
}
json claim(const json& version = "2026-07-28", const json& can = json::object()) {
  return {{version_key, version}, {can_key, can}};
}
json modern(const std::string& method, json params = json::object(), const json& meta = claim()) {
  params["_meta"] = meta;
  return request(method, params);
}
headers modern_headers(const std::string& method, const std::string& name = {}) {
  headers all{{"mcp-protocol-version", "2026-07-28"}, {"mcp-method", method}};
  if (!name.empty()) all["mcp-name"] = name;
  return all;
}

mcp_era era_of(const variant& what) {
  if (const auto* misread = std::get_if<tools::mcp_misread>(&what)) FAIL(misread->fault.message);
  return std::get<tools::mcp_message>(what).era;
}

/// The error's code, once its status and id are as wanted.
int refused(const variant& what, unsigned status = 400, const std::string& id = "7") {
  const auto* misread = std::get_if<tools::mcp_misread>(&what);
  if (misread == nullptr) return 0;
  CHECK(misread->fault.status == status);
  CHECK(misread->id == id);
  return static_cast<int>(misread->fault.code);
}

}  // namespace

TEST_CASE("what is no JSON-RPC message is refused, with its id when that could be read") {
  const auto text = [](std::string_view bytes) { return tools::read_mcp_message(bytes, nullptr); };
  CHECK(refused(text(""), 400, "null") == -32700);
  CHECK(refused(text("{"), 400, "null") == -32700);
  CHECK(refused(text("\xff"), 400, "null") == -32700);
  CHECK(refused(text("[]"), 400, "null") == -32600);
  CHECK(refused(text("7"), 400, "null") == -32600);
  CHECK(refused(read_line(json::array({request("ping")})), 400, "null") == -32600);
  CHECK(refused(read_line({{"id", 7}, {"method", "ping"}})) == -32600);
  CHECK(refused(read_line({{"jsonrpc", "1.0"}, {"id", 7}, {"method", "ping"}})) == -32600);
  CHECK(refused(read_line({{"jsonrpc", "2.0"}, {"id", 7}})) == -32600);
  CHECK(refused(read_line({{"jsonrpc", "2.0"}, {"id", 7}, {"method", 1}})) == -32600);
  for (const json& id : {json(nullptr), json(true), json::array(), json::object()})
    CHECK(refused(read_line({{"jsonrpc", "2.0"}, {"id", id}, {"method", "ping"}}), 400, "null") ==
          -32600);
  CHECK(refused(read_line({{"jsonrpc", "2.0"}, {"id", 7}, {"method", "ping"}, {"params", 1}})) ==
        -32602);
  CHECK(refused(read_line({{"jsonrpc", "2.0"}, {"id", "a\"b"}, {"method", 1}}), 400,
                "\"a\\\"b\"") == -32600);
}

TEST_CASE("an answer to a request that was never sent is read as one") {
  for (const char* const of : {"result", "error"}) {
    const auto read = read_line({{"jsonrpc", "2.0"}, {"id", 7}, {of, json::object()}});
    CHECK(std::get<tools::mcp_message>(read).method.empty());
  }
}

TEST_CASE("a handshake without a whole claim is of the former era") {
  CHECK(era_of(read(request("initialize"), {})) == mcp_era::legacy);
  CHECK(era_of(read(request("initialize"), {{"mcp-protocol-version", "2025-11-25"}})) ==
        mcp_era::legacy);
  CHECK(era_of(read_line(request("initialize"))) == mcp_era::legacy);
  // A claim that is not whole is none.
  CHECK(era_of(read_line(request("initialize", {{"_meta", {{version_key, "2026-07-28"}}}}))) ==
        mcp_era::legacy);
  CHECK(era_of(read_line(request("initialize", {{"_meta", claim("2025-11-25")}}))) ==
        mcp_era::legacy);
  CHECK(refused(read(request("initialize"), {{"mcp-protocol-version", "2026-07-28"}})) == -32020);
  CHECK(refused(read(request("initialize"), {{"mcp-protocol-version", " v999 "}})) == -32020);
  CHECK(era_of(read(modern("initialize"), modern_headers("initialize"))) == mcp_era::modern);
}

TEST_CASE("a request without a claim is of the former era, unless its headers say otherwise") {
  CHECK(era_of(read(request("ping"), {})) == mcp_era::legacy);
  CHECK(era_of(read(request("ping"), {{"mcp-protocol-version", "2025-06-18"}})) == mcp_era::legacy);
  CHECK(era_of(read_line(request("server/discover"))) == mcp_era::legacy);
  CHECK(era_of(read(request("ping", {{"_meta", {{"progressToken", 3}}}}), {})) == mcp_era::legacy);
  CHECK(refused(read(request("ping"), {{"mcp-protocol-version", "2026-07-28"}})) == -32602);
  const json note{{"jsonrpc", "2.0"}, {"method", "notifications/cancelled"}};
  CHECK(era_of(read(note, {{"mcp-protocol-version", "2026-07-28"}})) == mcp_era::legacy);
}

TEST_CASE("a claim has to be whole: what is missing or ill-typed is a bad parameter") {
  const auto with = [](const json& meta) {
    return read(modern("tools/list", json::object(), meta), modern_headers("tools/list"));
  };
  CHECK(era_of(with(claim())) == mcp_era::modern);
  CHECK(refused(with({{version_key, "2026-07-28"}})) == -32602);
  CHECK(refused(with({{version_key, "2026-07-28"}, {can_key, 1}})) == -32602);
  CHECK(refused(with({{version_key, 1}, {can_key, json::object()}})) == -32602);
  CHECK(refused(with({{version_key, nullptr}, {can_key, json::object()}})) == -32602);
  // Before the headers are looked at.
  CHECK(refused(read(modern("tools/list", json::object(), {{version_key, "2026-07-28"}}), {})) ==
        -32602);
  CHECK(refused(read_line(modern("tools/list", json::object(), {{version_key, 1}}))) == -32602);
  json bad = request("tools/list", {{"_meta", "x"}});
  CHECK(refused(read(bad, modern_headers("tools/list"))) == -32602);
}

TEST_CASE("a version that is not served is told with those that are, before missing headers") {
  const auto newer = read(modern("tools/list", json::object(), claim("2027-01-01")),
                          {{"mcp-protocol-version", "2027-01-01"}});
  CHECK(refused(newer) == -32022);
  const auto data = json::parse(std::get<tools::mcp_misread>(newer).fault.data);
  CHECK(data == json{{"supported", {"2026-07-28"}}, {"requested", "2027-01-01"}});
  CHECK(refused(read(modern("x", json::object(), claim("2027-01-01")),
                     {{"mcp-protocol-version", "2026-07-28"}})) == -32020);
  CHECK(refused(read_line(modern("x", json::object(), claim("v\"999")))) == -32022);
}

TEST_CASE("headers repeat what the request says, spaces around them apart") {
  const auto with = [](const headers& all) { return read(modern("tools/list"), all); };
  CHECK(era_of(with({{"mcp-protocol-version", " 2026-07-28\t"}, {"mcp-method", " tools/list "}})) ==
        mcp_era::modern);
  CHECK(refused(with({})) == -32020);
  CHECK(refused(with({{"mcp-protocol-version", "2026-07-28"}})) == -32020);
  CHECK(refused(with({{"mcp-method", "tools/list"}})) == -32020);
  CHECK(refused(with(modern_headers("tools/call"))) == -32020);
  CHECK(refused(with(modern_headers("Tools/List"))) == -32020);
  CHECK(refused(with({{"mcp-protocol-version", "2025-11-25"}, {"mcp-method", "tools/list"}})) ==
        -32020);
  // A pipe has none.
  CHECK(era_of(read_line(modern("tools/list"))) == mcp_era::modern);
}

TEST_CASE("Mcp-Name repeats what the request names, in base64 where it has to") {
  const std::vector<std::pair<std::string, std::string>> named{
      {"tools/call", "name"},  {"prompts/get", "name"},    {"resources/read", "uri"},
      {"tasks/get", "taskId"}, {"tasks/update", "taskId"}, {"tasks/cancel", "taskId"}};
  for (const auto& [method, field] : named) {
    INFO(method);
    const auto message = modern(method, {{field, "x"}});
    CHECK(era_of(read(message, modern_headers(method, "x"))) == mcp_era::modern);
    CHECK(era_of(read(message, modern_headers(method, "  x "))) == mcp_era::modern);
    CHECK(refused(read(message, modern_headers(method))) == -32020);
    CHECK(refused(read(message, modern_headers(method, "y"))) == -32020);
    CHECK(refused(read(message, modern_headers(method, "X"))) == -32020);
    // Without the field in the body there is nothing to repeat: the method itself refuses it.
    CHECK(era_of(read(modern(method), modern_headers(method))) == mcp_era::modern);
  }
  const auto euro = modern("resources/read", {{"uri", "\xE2\x82\xAC"}});
  CHECK(era_of(read(euro, modern_headers("resources/read", "=?base64?4oKs?="))) == mcp_era::modern);
  CHECK(refused(read(euro, modern_headers("resources/read", "=?base64?4oK?="))) == -32020);
  CHECK(refused(read(euro, modern_headers("resources/read", "=?base64?="))) == -32020);
  CHECK(refused(read(euro, modern_headers("resources/read",
                                          "=?base64?"
                                          "?="))) == -32020);
}

TEST_CASE("what a client says of itself is taken over") {
  json meta =
      claim("2026-07-28", {{"extensions", {{"io.modelcontextprotocol/tasks", json::object()}}}});
  meta["io.modelcontextprotocol/clientInfo"] = {{"name", "client"}, {"version", "1"}};
  const auto read = read_line(modern("tools/list", json::object(), meta));
  const auto& message = std::get<tools::mcp_message>(read);
  CHECK(message.client == "client");
  CHECK(message.knows_tasks);
  CHECK(message.id == "7");
  for (const json& odd : {json(7), json("x"), json::array(), json{{"extensions", 7}}}) {
    const auto other = read_line(modern("tools/list", json::object(), claim("2026-07-28", odd)));
    if (const auto* told = std::get_if<tools::mcp_message>(&other)) CHECK_FALSE(told->knows_tasks);
  }
  CHECK(std::get<tools::mcp_message>(read_line(modern("x"))).client.empty());
}

TEST_CASE("an id is told back as it came") {
  for (const json& id : {json(0), json(-1), json(1.5), json(""), json("a\n\xE2\x82\xAC")}) {
    const auto read = read_line({{"jsonrpc", "2.0"}, {"id", id}, {"method", "ping"}});
    const auto& message = std::get<tools::mcp_message>(read);
    CHECK(json::parse(tools::mcp_result_line(message.id, "")) ==
          json{{"jsonrpc", "2.0"}, {"id", id}, {"result", json::object()}});
  }
}
