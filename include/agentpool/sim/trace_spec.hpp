#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "agentpool/sim/trace_match.hpp"

namespace agentpool::sim {

/// One statement of a specification.
struct trace_statement {
  std::size_t line = 0;  ///< In its file, from 1.
  std::string text;
  std::function<match_result(const trace&)> holds;
};

/// Reads a specification: one statement a line, `#` begins a comment. docs/traces.md has the
/// language. The error is a contract violation that begins with "NAME:LINE:COLUMN: "; one without
/// any statement is an error too.
[[nodiscard]] core::outcome<std::vector<trace_statement>> parse_spec(std::string_view text,
                                                                     std::string_view name);

}  // namespace agentpool::sim
