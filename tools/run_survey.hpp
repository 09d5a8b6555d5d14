#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// What `agentpool run survey` was asked for.
struct survey_request {
  std::string directory;
  std::string store;
  std::uint64_t runs = 4;  ///< From 1 to `runs_max`.
  std::optional<std::uint64_t> timeout_seconds;
  std::string trace;  ///< A file for the trace of this start; empty: none.
  bool json = false;

  static constexpr std::uint64_t runs_max = 1'000;
  static constexpr std::uint64_t timeout_seconds_max = 31'536'000;
};

/// Surveys the folder by a swarm of runs and prints the report; goes on with a survey that was
/// interrupted, and repeats the report of one that was finished. The value is the signal by which
/// it was asked to end, 0 when the report is there.
[[nodiscard]] core::outcome<int> run_survey(const survey_request& request);

}  // namespace agentpool::tools
