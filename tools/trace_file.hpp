#pragma once

#include <memory>
#include <string>

#include "agentpool/core/outcome.hpp"
#include "agentpool/sim/trace_recorder.hpp"

namespace agentpool::tools {

/// A recorder of a live engine that writes the file anew, by the machine's clocks; null without a
/// path. The error says why the file cannot be opened. Later errors, and what was left out, are
/// told in one line on standard error each: the engine goes on. Whoever holds it last closes it.
[[nodiscard]] core::outcome<std::shared_ptr<sim::trace_recorder>> record_to(
    const std::string& path);

}  // namespace agentpool::tools
