#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "caller.hpp"

/// What the addresses of a server are for, as GET /openapi.json tells it.
namespace agentpool::tools {

/// Gives a JSON Schema, compact.
using schema_text = std::string (*)();

/// A parameter of the query; all of them may be left out.
struct query_about {
  std::string_view name;
  std::string_view text;
  schema_text schema = nullptr;
};

/// What one route takes and gives.
struct route_about {
  std::string_view operation = {};  ///< Its name for programs, of letters and underscores.
  std::string_view summary = {};
  std::optional<caller_role> role = {};  ///< That a caller needs; none: it depends, or nobody is.
  std::vector<query_about> query = {};
  schema_text takes = nullptr;                 ///< The JSON of its body; null: it has none.
  schema_text gives = nullptr;                 ///< The JSON that it answers; null: no JSON.
  std::string_view type = "application/json";  ///< Of the answer.
  bool streams = false;  ///< Or it gives text/event-stream, where Accept asks for that.
};

}  // namespace agentpool::tools
