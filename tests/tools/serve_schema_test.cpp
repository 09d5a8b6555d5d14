// JSON Schemas of what tools take and give.
#include <nlohmann/json.hpp>
#include <set>

#include "agentpool/core/store_records.hpp"
#include "support/catch.hpp"
#include "tools/serve/json_schema.hpp"
#include "tools/serve/mcp_tools.hpp"
#include "tools/serve/tool_records.hpp"
#include "tools/serve/wait_records.hpp"

namespace {

using namespace agentpool;
using json = nlohmann::ordered_json;
using tools::json_schema;
using tools::schema_of;

/// Each object that says `required` has those properties; each has a type or a choice.
void check_schema(const json& schema, const std::string& where) {
  INFO(where);
  REQUIRE(schema.is_object());
  if (schema.contains("required")) {
    REQUIRE(schema.contains("properties"));
    for (const auto& name : schema["required"])
      CHECK(schema["properties"].contains(name.get<std::string>()));
  }
  if (schema.contains("properties"))
    for (const auto& [name, each] : schema["properties"].items())
      check_schema(each, where + "." + name);
  if (schema.contains("items")) check_schema(schema["items"], where + "[]");
  for (const char* const choice : {"oneOf", "anyOf"})
    if (schema.contains(choice))
      for (const auto& each : schema[choice]) check_schema(each, where + "|");
}

std::set<std::string> required(const json& schema) {
  return schema.value("required", json::array()).get<std::set<std::string>>();
}

}  // namespace

TEST_CASE("a request may leave out what has a default, an answer has all that is always there") {
  const auto members = json::parse(json_schema<tools::members_input>(schema_of::request));
  CHECK(required(members) == std::set<std::string>{"pool_id"});
  CHECK(members["additionalProperties"] == false);
  CHECK(members["properties"]["limit"]["type"] == "integer");
  const auto answer = json::parse(json_schema<tools::members_output>(schema_of::answer));
  CHECK(required(answer) == std::set<std::string>{"members", "total"});
  CHECK_FALSE(answer.contains("additionalProperties"));
  const auto wait = json::parse(json_schema<tools::wait_input>(schema_of::request));
  CHECK(required(wait) == std::set<std::string>{"pool_id", "run_id"});
  CHECK(wait["properties"].contains("for"));
  const auto send = json::parse(json_schema<tools::send_input>(schema_of::request));
  CHECK(required(send) == std::set<std::string>{"pool_id", "run_id", "to"});
  CHECK(required(send["properties"]["to"]).empty());
  CHECK(send["properties"]["to"]["additionalProperties"] == false);
}

TEST_CASE("enumerations are told with their words, unions with their tags, sets with any") {
  const auto output = json::parse(json_schema<tools::wait_output>(schema_of::answer));
  CHECK(output["properties"]["status"]["enum"] ==
        json{"woken", "timed_out", "cancelled", "waiting"});
  const auto message = json::parse(json_schema<core::run_message>(schema_of::request));
  const auto target = message["properties"]["to"]["properties"]["target"];
  std::set<std::string> tags;
  for (const auto& one : target["oneOf"]) tags.insert(one["properties"]["type"]["const"]);
  CHECK(tags == std::set<std::string>{"run", "agent", "topic", "pool"});
  const auto filter = json::parse(json_schema<core::event_filter>(schema_of::request));
  CHECK(filter["properties"]["kinds"]["anyOf"][0]["const"] == "any");
}

TEST_CASE("every tool has well-formed schemas, the same each time, with words for each argument") {
  for (const auto& tool : tools::mcp_tools()) {
    const std::string name{tool.name};
    INFO(name);
    const auto input = json::parse(tool.input_schema());
    const auto output = json::parse(tool.output_schema());
    CHECK(tool.input_schema() == tool.input_schema());
    CHECK(input["type"] == "object");
    CHECK(output["type"] == "object");
    CHECK(input["additionalProperties"] == false);
    check_schema(input, name);
    check_schema(output, name);
    for (const auto& [argument, each] : input["properties"].items()) {
      INFO(argument);
      CHECK_FALSE(each.value("description", "").empty());
    }
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos);
  }
}

TEST_CASE("the list of tools is the same text each time, and JSON") {
  for (const bool tasks : {false, true}) {
    const auto& listed = tools::mcp_tools_listed(tasks);
    CHECK(tools::mcp_tools_listed(tasks) == listed);
    const auto parsed = json::parse("{" + listed + "}");
    CHECK(parsed["tools"].size() == tools::mcp_tools().size());
  }
}
