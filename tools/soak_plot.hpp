#pragma once

#include <string>

#include "soak_samples.hpp"

namespace agentpool::tools {

/// Three panels over time, as an SVG of its own: sends a second, latency (p50 and p99, in powers of
/// ten) and resident memory. Legible on light and dark ground.
[[nodiscard]] std::string soak_svg(const soak_results& results);

}  // namespace agentpool::tools
