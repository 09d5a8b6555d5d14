#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace agentpool::tools {

/// Room for the bodies of requests that are not answered yet. One caller has half of it at most,
/// so that others find some. Safe to use from any thread.
class body_room {
 public:
  explicit body_room(std::size_t bytes_max) : bytes_max_{bytes_max} {}

  /// Room for so many bytes more; false when there is none, and then nothing is taken.
  [[nodiscard]] bool take(const std::string& whose, std::size_t bytes);
  /// Of what the same caller took.
  void give(const std::string& whose, std::size_t bytes);

 private:
  const std::size_t bytes_max_;
  std::mutex mutex_;
  std::size_t taken_ = 0;
  std::unordered_map<std::string, std::size_t> by_caller_;  ///< Of those that have some.
};

}  // namespace agentpool::tools
