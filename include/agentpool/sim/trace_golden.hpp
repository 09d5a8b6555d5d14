#pragma once

#include <string>

#include "agentpool/sim/trace.hpp"
#include "agentpool/sim/trace_match.hpp"

namespace agentpool::sim {

/// A trace as text to keep beside a test: no times and steps, ids numbered by kind ("run#1"), one
/// message a line. The order of the lines does not change when steps that do not depend on each
/// other are swapped.
[[nodiscard]] std::string normalised(const trace& what);

/// Whether the trace, normalised, is `expected`; else the first line that is not.
[[nodiscard]] match_result golden(const trace& what, const std::string& expected);

/// The same with the text of a file. With AGENTPOOL_UPDATE_GOLDEN=1 in the environment the file is
/// written instead. The one thing in this room that touches a disk; a world never does.
[[nodiscard]] match_result golden_file(const trace& what, const std::string& path);

}  // namespace agentpool::sim
