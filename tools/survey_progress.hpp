#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace agentpool::tools {

/// Shows on standard error how far a survey is: a bar on a terminal, else a line a second.
class survey_progress {
 public:
  survey_progress(std::uint64_t files, std::uint64_t bytes);
  ~survey_progress();  ///< Ends the bar's line.
  survey_progress(const survey_progress&) = delete;
  survey_progress& operator=(const survey_progress&) = delete;

  /// A line of its own.
  void say(const std::string& what);
  void show(std::uint64_t files, std::uint64_t bytes);

 private:
  static constexpr std::chrono::seconds between_lines{1};

  [[nodiscard]] std::string bar(std::uint64_t files, std::uint64_t bytes) const;
  void end_bar();

  std::uint64_t files_;
  std::uint64_t bytes_;
  bool terminal_;
  bool bar_open_ = false;
  std::chrono::steady_clock::time_point shown_at_;
};

/// 3,400,000 as "3.4 MB".
[[nodiscard]] std::string in_megabytes(std::uint64_t bytes);

}  // namespace agentpool::tools
