#pragma once

#include <string>

#include "bench_figures.hpp"

namespace agentpool::tools {

/// The value with so many digits after the point.
[[nodiscard]] std::string number(double value, int digits = 3);

/// {"median":…,"least":…,"most":…}
[[nodiscard]] std::string spread_json(const spread& value);

}  // namespace agentpool::tools
