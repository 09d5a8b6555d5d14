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
  std::string postgres;         ///< Connection string of a server to measure; empty: none.
  std::string json;             ///< Files for the results; empty: none.
  std::string markdown;
  bool list = false;
  double scale = 1;  ///< Of the sizes that parts' names tell, to try them out or to go beyond.

  static constexpr std::uint64_t rounds_max = 1'000;
  static constexpr double seconds_min = 0.001;
  static constexpr double seconds_max = 3'600;
  static constexpr double scale_min = 0.000'001;
  static constexpr double scale_max = 100;
};

/// Measures the parts, each beside its reference, and prints a table; or lists their names.
[[nodiscard]] core::outcome<void> run_bench(const bench_request& request);

}  // namespace agentpool::tools
