#pragma once

#include <nlohmann/json.hpp>
#include <string>

/// JSON Schema 2020-12 as far as the documents of the server use it.
namespace agentpool::tests {

using json = nlohmann::json;

/// What is wrong with the value, by paths; "" when it is as the schema says. `document` is what
/// references are into.
[[nodiscard]] std::string schema_faults(const json& value, const json& schema, const json& document,
                                        const std::string& path = "$");

/// What is wrong with the schema itself: words that this does not know, types that are none,
/// references to nothing.
[[nodiscard]] std::string malformed(const json& schema, const json& document,
                                    const std::string& path = "#");

}  // namespace agentpool::tests
