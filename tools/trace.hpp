#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "agentpool/sim/trace.hpp"

namespace CLI {
class App;
}

namespace agentpool::tools {

/// What `agentpool trace` was asked for. Files may be "-" for standard input.
struct trace_request {
  std::string file;
  std::string other;  ///< The second trace, or the specification.
  std::string about;  ///< A run, message or wake.
  sim::trace_filter filter;
  bool json = false;
  std::size_t most = 40;  ///< Steps of a story that are told.
  std::string format;     ///< mermaid, perfetto, shiviz or html.
  std::string out;        ///< Empty: standard output.
};

/// Adds the command with its own commands show, diff, check, why and export.
void add_trace(CLI::App& app, trace_request& request);

/// Runs the one that was asked for; the result is the exit code. 0: shown, the same, holds, found.
/// 1: different, does not hold, not in the trace. 2: a file cannot be read, is no trace or no
/// specification; one line on standard error says where.
[[nodiscard]] int run_trace(const CLI::App& app, const trace_request& request);

}  // namespace agentpool::tools
