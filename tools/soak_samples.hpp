#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "soak.hpp"

namespace agentpool::tools {

/// What was seen between two moments of a soak.
struct soak_sample {
  double seconds = 0;           ///< Since the start, at its end.
  std::uint64_t sends = 0;      ///< Answered since the start.
  double rate = 0;              ///< Sends a second, of this interval.
  double p50_microseconds = 0;  ///< From asking to the durable answer, of this interval.
  double p99_microseconds = 0;
  double p99_9_microseconds = 0;
  double cpu_microseconds = 0;  ///< Of the whole process, a send; 0 without sends.
  std::uint64_t resident_bytes = 0;
  std::uint64_t store_bytes = 0;  ///< Of the store's files.
  double machine_rate = 0;        ///< How fast the machine is just then: `machine_speed`.
};

/// The middle of a tenth of the samples: medians, and of memory the mean.
struct soak_tenth {
  double rate = 0;
  double p50_microseconds = 0;
  double p99_microseconds = 0;
  double p99_9_microseconds = 0;
  double cpu_microseconds = 0;
  double resident_bytes = 0;
  double sends = 0;  ///< Answered by then, in the mean.
  double machine_rate = 0;
};

/// A whole soak.
struct soak_results {
  soak_request request;
  std::vector<soak_sample> samples;
  std::uint64_t wakes = 0;  ///< Suspends that a message woke.

  /// The second tenth, when everything is warm: at least one sample, if there is any.
  [[nodiscard]] soak_tenth second_tenth() const;
  [[nodiscard]] soak_tenth last_tenth() const;
  /// By how much resident memory grew for each send between the two; 0 without sends.
  [[nodiscard]] double growth_bytes() const;
};

/// What else happens on a machine makes all of it faster or slower: how often a second of this
/// thread's processor time reads the JSON of one message. Takes a few milliseconds.
[[nodiscard]] double machine_speed();

/// Everything as one JSON object, with a newline.
[[nodiscard]] std::string soak_json(const soak_results& results);

/// How the end compares with the beginning, in a few lines.
[[nodiscard]] std::string soak_summary(const soak_results& results);

/// A sample in one line.
[[nodiscard]] std::string soak_line(const soak_sample& sample);

}  // namespace agentpool::tools
