#pragma once

#include <cstdint>
#include <string>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// What `agentpool sim` was asked for.
struct simulate_request {
  std::string workload = "all";
  std::uint64_t runs = 6;
  std::uint64_t messages = 4;
  std::uint64_t engines = 0;         ///< 0: one or two, by the seed.
  std::uint64_t nodes = 0;           ///< In place of engines; 0: there is no network.
  std::uint64_t programs = 0;        ///< With nodes; 0: one to three, by the seed.
  std::string seeds = "1..100";      ///< A seed, or A..B.
  std::string faults = "mixed";      ///< A profile, or a file that holds a plan.
  std::string strategy;              ///< Empty: by the seed. "exhaustive": every order.
  std::uint64_t depth = 200;         ///< Of exhaustive: steps in which orders are tried.
  std::uint64_t deviations = 2;      ///< … picks out of turn.
  std::uint64_t schedules = 10'000;  ///< … worlds of a seed.
  std::string scenario;              ///< A file to run instead of seeds.
  std::string trace;                 ///< A file for the trace of the only seed.
  std::string keep;                  ///< A file for the first failing scenario, shrunk.
  std::string junit;                 ///< A file for the results as JUnit XML.
  std::uint64_t shrink_tries = 400;  ///< 0: the first failing seed is not made smaller.
  std::uint64_t failures_max = 1;    ///< Stop after so many failing seeds.
  bool json = false;
  bool list = false;  ///< Name workloads, profiles and strategies; run nothing.

  static constexpr std::uint64_t runs_max = 1'000'000;
  static constexpr std::uint64_t engines_max = 64;
};

/// Runs the seeds and prints what came of them. False: a seed violates a check.
[[nodiscard]] core::outcome<bool> simulate(const simulate_request& request);

}  // namespace agentpool::tools
