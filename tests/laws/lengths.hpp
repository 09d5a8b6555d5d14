// How long our functions, files and lines may be, and the ratchet of those that are longer.
#pragma once

#include "source_text.hpp"

#include <map>
#include <string>
#include <vector>

namespace agentpool::laws {

inline constexpr std::size_t function_lines_max = 70;
inline constexpr std::size_t file_lines_max = 400;
inline constexpr std::size_t line_columns_max = 100;

/// A function's body: from its opening brace's line to its closing brace's, both counted.
struct function_extent {
  std::string head;  ///< its signature in one line, at most 80 characters
  std::size_t first_line = 0;
  std::size_t lines = 0;
};

/// The functions defined in the text, in order; lambdas and local classes count to the function
/// around them. A heuristic on braces, not a parser: it knows namespaces, classes, enumerations,
/// initializers and constructors' initializer lists.
[[nodiscard]] std::vector<function_extent> functions_in(const std::string& text);

/// What is too long in a file, as "function PATH: HEAD", "file PATH" or "long_lines PATH", with its
/// lines; for long_lines their number.
[[nodiscard]] std::map<std::string, std::size_t> excesses(const source_file& file);

/// Compares with the ratchet: lines "SIZE WHAT", # for comments. An excess that isn't listed or has
/// grown is a violation, and so is an entry that is larger than the truth: the list only shrinks.
[[nodiscard]] std::string compare(const std::map<std::string, std::size_t>& found,
                                  const std::string& ratchet);

}  // namespace agentpool::laws
