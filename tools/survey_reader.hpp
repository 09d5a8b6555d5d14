#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>

#include "survey_count.hpp"
#include "survey_plan.hpp"

namespace agentpool::tools {

/// Told how many files were done with and how many bytes were read since it was told last.
using reading_progress = std::function<void(std::uint64_t files, std::uint64_t bytes)>;

/// Reads the files of a batch, a little at a time. What cannot be read, is a regular file no
/// longer or fails in the middle is unreadable and counts nothing else.
class batch_reader {
 public:
  batch_reader(survey_plan batch, reading_progress progress);
  ~batch_reader();
  batch_reader(const batch_reader&) = delete;
  batch_reader& operator=(const batch_reader&) = delete;

  /// Reads for about so long, one piece at least; true once all files are done.
  bool read_for(std::chrono::milliseconds slice);

  /// The counts, once all files are done.
  [[nodiscard]] const tally& counts() const noexcept { return counts_; }

 private:
  void open_next();
  void read_piece();
  void give_up(int fault);
  void close();

  survey_plan batch_;
  reading_progress progress_;
  tally counts_;
  std::size_t next_ = 0;  ///< The file that is open, or to be opened.
  int file_ = -1;
  std::optional<file_counter> counter_;
};

}  // namespace agentpool::tools
