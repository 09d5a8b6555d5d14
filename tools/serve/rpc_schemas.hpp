#pragma once

#include <string>

namespace agentpool::tools {

/// The JSON Schemas of what is posted to /rpc and of what is answered there: one alternative for
/// each method.
[[nodiscard]] std::string rpc_request_schema();
[[nodiscard]] std::string rpc_answer_schema();

/// Of what is answered with another status than 200: {"error": {…}}.
[[nodiscard]] std::string http_error_schema();

}  // namespace agentpool::tools
