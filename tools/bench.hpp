#pragma once

#include <cstdint>
#include <string>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// What `agentpool bench` was asked for.
struct bench_request {
  std::string only;  ///< Parts whose name begins so; empty: all.
  std::uint64_t rounds = 5;
  double seconds = 1;           ///< Of each side of a round.
  std::string directory = ".";  ///< On the disk that is to be measured.
  std::string json;             ///< Files for the results; empty: none.
  std::string markdown;
  bool list = false;

  static constexpr std::uint64_t rounds_max = 1'000;
  static constexpr double seconds_min = 0.001;
  static constexpr double seconds_max = 3'600;
};

/// Measures the parts, each beside its reference, and prints a table; or lists their names.
[[nodiscard]] core::outcome<void> run_bench(const bench_request& request);

}  // namespace agentpool::tools
