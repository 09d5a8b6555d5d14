#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "survey_tally.hpp"

namespace agentpool::tools {

/// Counts the bytes of one file as they come, in pieces of any size; memory stays bounded however
/// long the file or a line is. A file with a NUL among its first `text_probe_bytes` is binary:
/// its lines, words and bytes count, its longest lines and identifiers don't.
class file_counter {
 public:
  static constexpr std::uint64_t text_probe_bytes = 8'000;

  /// `path` as `shown`.
  explicit file_counter(std::string path);

  void take(std::string_view piece);

  /// The counts of the file, its last line included. The counter is used up.
  [[nodiscard]] tally finish();

 private:
  void look_for_nul(std::string_view piece);
  void take_lines(std::string_view piece);
  void take_words(std::string_view piece);
  void take_identifiers(std::string_view piece);
  void end_line();
  void end_identifier();

  std::string path_;
  tally counts_;
  bool binary_ = false;
  bool in_word_ = false;
  std::uint64_t line_bytes_ = 0;
  std::string open_identifier_;  ///< The end of the piece before, while it may go on.
};

}  // namespace agentpool::tools
