#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agentpool/core/outcome.hpp"

/// What a survey counts, and how counts of parts become those of the whole.
namespace agentpool::tools {

/// Bounds of what is kept.
struct tally_limits {
  static constexpr std::size_t longest_lines = 10;
  static constexpr std::size_t unread_named = 20;      ///< Further ones are only counted.
  static constexpr std::size_t identifiers = 200'000;  ///< Beyond it the rarest are forgotten.
  static constexpr std::size_t identifier_bytes = 64;  ///< Longer ones are no identifiers.
};

/// A line among the longest.
struct long_line {
  std::uint64_t bytes = 0;   ///< Without its newline.
  std::string path;          ///< As `shown`.
  std::uint64_t number = 0;  ///< From 1.

  friend bool operator==(const long_line&, const long_line&) = default;
};

/// A file or folder that could not be read.
struct unread {
  std::string path;  ///< As `shown`.
  std::string why;

  friend bool operator==(const unread&, const unread&) = default;
};

/// Finds text without making a string of it.
struct text_hash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};
using identifier_counts =
    std::unordered_map<std::string, std::uint64_t, text_hash, std::equal_to<>>;

/// The counts of some files. `lines` are newline bytes, `words` maximal runs of bytes other than
/// ASCII white space.
struct tally {
  std::uint64_t files = 0;  ///< That were read.
  std::uint64_t lines = 0;
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::uint64_t binary_files = 0;    ///< Of `files`; they give no longest lines or identifiers.
  std::uint64_t unreadable = 0;      ///< Files that could not be read.
  std::vector<unread> unread_files;  ///< The first of them by path.
  std::vector<long_line> longest;    ///< Longest first, then by path and number.
  identifier_counts identifiers;

  friend bool operator==(const tally&, const tally&) = default;

  /// Counts the line among the longest if it is one.
  void add_line(long_line line);
  void add_unread(unread what);
  void add_identifier(std::string_view name);
  /// Adds the counts of other files. Adding the same parts in the same order gives the same.
  void add(const tally& part);

 private:
  void forget_rare_identifiers();
};

/// The `most` most frequent identifiers, most frequent first, then by name.
[[nodiscard]] std::vector<std::pair<std::string, std::uint64_t>> most_frequent(
    const identifier_counts& counts, std::size_t most);

/// The tally as lines of text that end with "end".
[[nodiscard]] std::string to_text(const tally& counts);
/// Reads such text; a contract violation when it is none.
[[nodiscard]] core::outcome<tally> tally_from_text(std::string_view text);

/// A file name as valid UTF-8 of one line: other bytes and control characters become \xHH, a
/// backslash is doubled, so two names never look the same.
[[nodiscard]] std::string shown(std::string_view name);

}  // namespace agentpool::tools
