// Trees of files for the survey's tests, and a count of them by the simplest code.
#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

namespace agentpool::test {

inline void put(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream{path, std::ios::binary} << text;
}

/// A file of so many bytes that takes no room and longer to read than any test lasts.
inline void put_endless(const std::filesystem::path& path) {
  put(path, "");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40);
}

/// Some folders of source-like text, the same for the same seed.
inline void plant(const std::filesystem::path& top, unsigned seed, int files) {
  std::mt19937 chance{seed};
  const std::vector<std::string> words{"int", "value", "return", "x1", "_a", "+", "42", "the", "}"};
  for (int i = 0; i < files; ++i) {
    std::string text;
    for (auto left = chance() % 400; left > 0; --left) {
      text += words[chance() % words.size()];
      text += chance() % 7 == 0 ? "\n" : chance() % 5 == 0 ? "\t " : " ";
    }
    put(top / ("d" + std::to_string(i % 7)) / ("f" + std::to_string(i) + ".txt"), text);
  }
}

inline bool identifier_byte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_';
}

/// Counts a tree of text files as the survey should.
struct recount {
  std::uint64_t files = 0;
  std::uint64_t lines = 0;
  std::uint64_t words = 0;
  std::uint64_t bytes = 0;
  std::map<std::string, std::uint64_t> identifiers;
  std::vector<std::pair<std::uint64_t, std::string>> longest;  ///< Bytes and "path:line".

  explicit recount(const std::filesystem::path& top) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator{top})
      if (entry.is_regular_file() && !entry.is_symlink())
        add(entry.path(), entry.path().lexically_relative(top).string());
    std::sort(longest.begin(), longest.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
  }

  [[nodiscard]] std::vector<std::pair<std::uint64_t, std::string>> frequent() const {
    std::vector<std::pair<std::uint64_t, std::string>> all;
    for (const auto& [name, count] : identifiers) all.emplace_back(count, name);
    std::stable_sort(all.begin(), all.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    return all;
  }

 private:
  void add(const std::filesystem::path& path, const std::string& name) {
    std::ifstream file{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    ++files;
    bytes += text.size();
    std::string word;
    std::string identifier;
    std::uint64_t line = 0;
    std::uint64_t number = 1;
    for (const char byte : text + " ") {
      if (std::isspace(static_cast<unsigned char>(byte)) == 0)
        word += byte;
      else if (!std::exchange(word, {}).empty())
        ++words;
      if (identifier_byte(byte))
        identifier += byte;
      else if (const auto it = std::exchange(identifier, {});
               !it.empty() && std::isdigit(static_cast<unsigned char>(it[0])) == 0)
        ++identifiers[it];
      if (byte != '\n') ++line;
      if (byte != '\n') continue;
      ++lines;
      longest.emplace_back(std::exchange(line, 0), name + ":" + std::to_string(number++));
    }
    if (line > 1) longest.emplace_back(line - 1, name + ":" + std::to_string(number));
  }
};

}  // namespace agentpool::test
