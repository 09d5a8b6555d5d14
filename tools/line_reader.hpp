#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace agentpool::tools {

/// Cuts what comes from a file descriptor into lines.
class line_reader {
 public:
  /// A line has at most `line_bytes_max` bytes; the rest of a longer one is read and forgotten.
  line_reader(int input, std::size_t line_bytes_max)
      : input_{input}, line_bytes_max_{line_bytes_max} {}

  struct line {
    std::string_view text;  ///< Without its newline; until the next call.
    bool too_long = false;  ///< Then `text` is empty.
  };

  /// The next line, the last one also without a newline; none at the end of input or when input
  /// fails. Blocks.
  [[nodiscard]] std::optional<line> next();

 private:
  /// More bytes into `buffer_`, in place of the lines that were given; false at the end.
  bool fill();

  int input_;
  std::size_t line_bytes_max_;
  std::string buffer_;
  std::size_t begin_ = 0;    ///< Of the next line in `buffer_`.
  std::size_t scanned_ = 0;  ///< Of `buffer_`: from `begin_` to here there is no newline.
  bool ended_ = false;
};

}  // namespace agentpool::tools
