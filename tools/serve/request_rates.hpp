#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace agentpool::tools {

/// How many requests callers may make: each has a bucket of a second's requests, which fills at the
/// rate. Safe to use from any thread.
class request_rates {
 public:
  using moment = std::chrono::steady_clock::time_point;

  /// So many requests a second of one caller; 0: any number. Beyond so many callers those are
  /// forgotten whose bucket is full again, which is the same as a new one.
  explicit request_rates(double rate, std::size_t callers_kept = 10'000)
      : rate_{rate}, callers_kept_{callers_kept}, look_at_{callers_kept} {}

  /// Takes one of the caller's requests; false when none is left.
  [[nodiscard]] bool take(const std::string& caller, moment now);
  [[nodiscard]] std::size_t callers() const;

 private:
  struct bucket {
    double left = 0;
    moment at;
  };
  [[nodiscard]] double full() const;
  [[nodiscard]] double left_at(const bucket& has, moment now) const;

  const double rate_;
  const std::size_t callers_kept_;
  mutable std::mutex mutex_;
  std::size_t look_at_;  ///< At so many callers it is looked for who may be forgotten.
  std::map<std::string, bucket> buckets_;
};

}  // namespace agentpool::tools
