#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench_comparison.hpp"
#include "bench_send.hpp"

/// The parts of the benchmark that compare sides. Each family is a file of its own.
namespace agentpool::tools {

/// A part, and how it is made ready to be measured.
struct comparison_part {
  std::string name;
  std::function<core::outcome<bench_sides>(const bench_effort&)> set_up;
};

/// broadcast/N: one message to N runs.
[[nodiscard]] std::vector<comparison_part> broadcast_parts();

}  // namespace agentpool::tools
