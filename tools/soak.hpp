#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "agentpool/core/outcome.hpp"

namespace agentpool::tools {

/// What `agentpool soak` was asked for.
struct soak_request {
  double seconds = 60;
  double every = 1;  ///< Seconds between two samples.
  std::size_t in_flight = 256;
  std::uint64_t runs = 64;
  std::string store = "memory";              ///< "memory" or "sqlite".
  std::string directory = ".";               ///< For the files of SQLite.
  std::optional<std::size_t> recent_events;  ///< None: the engine's own default.
  std::size_t retain = 0;                    ///< Entries of the log kept at least; 0: all.
  std::uint64_t seed = 1;                    ///< Of who sends to whom.
  std::string trace;                         ///< A file for the trace; empty: none.
  std::string json;                          ///< Files for the results; empty: none.
  std::string svg;

  static constexpr double seconds_min = 0.01;
  static constexpr double seconds_max = 31'536'000;
  static constexpr std::size_t in_flight_max = 16'384;
  static constexpr std::uint64_t runs_min = 2;
  static constexpr std::uint64_t runs_max = 100'000;
};

/// Keeps runs talking to each other for that long, tells a line a sample on standard error, and
/// prints how the end compares with the beginning. The error is the first thing that went wrong.
[[nodiscard]] core::outcome<void> run_soak(const soak_request& request);

}  // namespace agentpool::tools
