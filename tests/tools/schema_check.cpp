#include "schema_check.hpp"

#include <algorithm>
#include <set>

namespace agentpool::tests {

namespace {

const std::set<std::string> type_names{"object", "array",   "string", "integer",
                                       "number", "boolean", "null"};

bool is_type(const json& value, const std::string& type) {
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return value.type_name() == type;
}

const json& target_of(const json& schema, const json& document) {
  const auto reference = schema.at("$ref").get<std::string>();
  return document.at(json::json_pointer{reference.substr(1)});
}

std::string object_faults(const json& value, const json& schema, const json& document,
                          const std::string& path) {
  std::string faults;
  const auto required = schema.value("required", json::array());
  for (const auto& name : required)
    if (!value.contains(name))
      faults.append(path).append(" lacks ").append(name.get<std::string>()).append("\n");
  const auto known = schema.value("properties", json::object());
  for (const auto& [name, field] : value.items()) {
    if (known.contains(name)) {
      faults +=
          schema_faults(field, known[name], document, std::string{path}.append(".").append(name));
    } else if (schema.value("additionalProperties", true) == false) {
      faults.append(path).append(" has an unknown ").append(name).append("\n");
    }
  }
  return faults;
}

/// Of `oneOf` and `anyOf`.
std::string choice_faults(const json& value, const json& schema, const json& document,
                          const std::string& path, const char* word) {
  std::size_t fits = 0;
  std::string faults;
  for (const auto& each : schema.at(word)) {
    const auto found = schema_faults(value, each, document, path);
    fits += found.empty() ? 1 : 0;
    faults += found;
  }
  const bool one = std::string{word} == "oneOf";
  if (fits == 1 || (fits > 0 && !one)) return {};
  return path + " is " + std::to_string(fits) + " of the alternatives:\n" + faults;
}

std::string string_faults(const json& value, const json& schema, const std::string& path) {
  const auto size = value.get<std::string>().size();
  if (size < schema.value("minLength", std::size_t{0})) return path + " is too short\n";
  if (size > schema.value("maxLength", std::string::npos)) return path + " is too long\n";
  return {};
}

std::string type_faults(const json& value, const json& schema, const std::string& path) {
  if (!schema.contains("type")) return {};
  const auto& type = schema["type"];
  const auto types = type.is_array() ? type : json::array({type});
  const bool fits =
      std::any_of(types.begin(), types.end(), [&](const json& one) { return is_type(value, one); });
  return fits ? "" : path + " is no " + type.dump() + "\n";
}

}  // namespace

std::string schema_faults(const json& value, const json& schema, const json& document,
                          const std::string& path) {
  if (schema.contains("$ref"))
    return schema_faults(value, target_of(schema, document), document, path);
  auto faults = type_faults(value, schema, path);
  if (!faults.empty()) return faults;
  if (schema.contains("const") && value != schema["const"])
    faults += path + " is not " + schema["const"].dump() + "\n";
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
    faults += path + " is none of " + schema["enum"].dump() + "\n";
  if (schema.contains("minimum") && value.is_number() && value < schema["minimum"])
    faults += path + " is too small\n";
  if (schema.contains("maximum") && value.is_number() && value > schema["maximum"])
    faults += path + " is too large\n";
  if (value.is_string()) faults += string_faults(value, schema, path);
  if (value.is_object()) faults += object_faults(value, schema, document, path);
  if (value.is_array() && schema.contains("items"))
    for (std::size_t i = 0; i < value.size(); ++i)
      faults +=
          schema_faults(value[i], schema["items"], document, path + "[" + std::to_string(i) + "]");
  for (const char* word : {"oneOf", "anyOf"})
    if (schema.contains(word)) faults += choice_faults(value, schema, document, path, word);
  return faults;
}

std::string malformed(const json& schema, const json& document, const std::string& path) {
  static const std::set<std::string> words{
      "$ref",      "type",      "properties", "required", "additionalProperties",
      "items",     "enum",      "const",      "oneOf",    "anyOf",
      "minLength", "maxLength", "minimum",    "maximum",  "description",
      "title",     "default"};
  if (!schema.is_object()) return path + " is no schema\n";
  std::string faults;
  for (const auto& [word, value] : schema.items())
    if (!words.contains(word)) faults.append(path).append(" says ").append(word).append("\n");
  if (schema.contains("$ref")) {
    const auto reference = schema["$ref"].get<std::string>();
    if (!document.contains(json::json_pointer{reference.substr(1)}))
      faults += path + " refers to nothing: " + reference + "\n";
  }
  const auto type = schema.value("type", json::array());
  const auto types = type.is_array() ? type : json::array({type});
  for (const auto& one : types)
    if (!type_names.contains(one)) faults += path + " has a type " + one.dump() + "\n";
  const auto fields = schema.value("properties", json::object());
  for (const auto& [name, field] : fields.items())
    faults += malformed(field, document, std::string{path}.append("/properties/").append(name));
  const auto required = schema.value("required", json::array());
  for (const auto& name : required)
    if (!fields.contains(name))
      faults += path + " requires what it does not have: " + name.dump() + "\n";
  if (schema.contains("items")) faults += malformed(schema["items"], document, path + "/items");
  for (const char* word : {"oneOf", "anyOf"}) {
    if (!schema.contains(word)) continue;
    if (schema[word].empty()) faults += path + " has no alternative\n";
    for (const auto& each : schema[word]) faults += malformed(each, document, path + "/" + word);
  }
  if (schema.contains("enum") && schema["enum"].empty()) faults += path + " has no value\n";
  return faults;
}

}  // namespace agentpool::tests
