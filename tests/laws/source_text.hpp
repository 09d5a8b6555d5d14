// Reading our sources the way the laws need them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace agentpool::laws {

/// A source file: its path below the project's top folder, with slashes, and its content.
struct source_file {
  std::string path;
  std::string text;
};

/// What breaks a law, and where; line 0 means the file as a whole.
struct violation {
  std::string path;
  std::size_t line = 0;
  std::string what;
};

/// "path:line: what" for each, one a line; empty when there is none.
[[nodiscard]] std::string describe(const std::vector<violation>& violations);

/// The content of a file. Throws when it cannot be read.
[[nodiscard]] std::string read_text(const std::filesystem::path& file);

/// Every .hpp and .cpp of the rooms, the tests and the examples, sorted by path.
[[nodiscard]] std::vector<source_file> our_sources(const std::filesystem::path& top);

enum class literals { kept, blanked };

/// The text with its comments, and on request the inside of its literals, turned into blanks; line
/// breaks and columns stay where they are. The name in an #include always stays.
[[nodiscard]] std::string without_comments(const std::string& text, literals what);

[[nodiscard]] std::vector<std::string> split_lines(const std::string& text);

}  // namespace agentpool::laws
