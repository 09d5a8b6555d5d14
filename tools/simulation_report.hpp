#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/sim/scenario.hpp"

namespace agentpool::tools {

/// A seed that violates a check.
struct failed_seed {
  std::uint64_t seed = 0;
  sim::scenario what;
  sim::violation found;
};

/// What came of many seeds.
struct simulation_report {
  std::uint64_t seeds = 0;
  std::uint64_t steps = 0;
  double seconds = 0;                    ///< Of the machine.
  std::chrono::microseconds elapsed{0};  ///< Of the worlds.
  std::vector<failed_seed> failed;
  std::map<std::string, std::uint64_t> transitions;  ///< In how many seeds each was recorded.
  std::map<std::pair<std::string, std::size_t>, std::uint64_t> covered;  ///< After that fault.
  std::map<std::size_t, std::uint64_t> faults;  ///< In how many seeds each kind was met.
  std::optional<sim::shrunk> smallest;          ///< Of the first that failed.

  std::uint64_t schedules = 0;   ///< Worlds of an exhaustive search; 0: none was made.
  std::uint64_t incomplete = 0;  ///< Seeds whose search ended before all was tried.

  void add(const sim::scenario_result& result);
  /// A seed whose orders were tried, and nothing found.
  void add(const sim::explored& tried);

  /// Pairs of a status that was recorded at all and a fault that was met at all.
  [[nodiscard]] std::size_t pairs() const { return transitions.size() * faults.size(); }
};

[[nodiscard]] std::string as_text(const simulation_report& report);
[[nodiscard]] std::string as_json(const simulation_report& report);
[[nodiscard]] std::string as_junit(const simulation_report& report);

}  // namespace agentpool::tools
