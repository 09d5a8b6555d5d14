#include "lengths.hpp"

#include <algorithm>
#include <cctype>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace agentpool::laws {
namespace {

enum class brace_kind { scope, function, initializer };

// What opens here, judged by the text since the last statement ended.
brace_kind kind_of(const std::string& whole) {
  static const std::regex access(R"(^\s*(public|private|protected)\s*:)");
  static const std::regex scope(
      R"(^\s*(template\s*<.*>\s*)?(inline\s+)?)"
      R"((namespace|struct|class|union|enum)\b|^\s*extern\s*"[^"]*"\s*$)");
  static const std::regex operators(R"(operator\s*[=<>!+\-*/%&|^]+)");
  static const std::regex member_initializer(R"(\)[^;]*[^:]:[^:].*[\w>]\s*$)");
  static const std::regex tail(R"(\b(const|noexcept|override|final|mutable|try)\s*$)");
  const auto head = std::regex_replace(whole, access, "");
  if (head.find('(') == std::string::npos || std::regex_search(head, scope)) {
    return std::regex_search(head, scope) ? brace_kind::scope : brace_kind::initializer;
  }
  auto bare = std::regex_replace(head, operators, "operator");
  int depth = 0;
  for (const char letter : bare) {
    if (letter == '(' || letter == '<') ++depth;
    if (letter == ')' || letter == '>') --depth;
    if (letter == '=' && depth <= 0) return brace_kind::initializer;
  }
  if (std::regex_search(bare, member_initializer) && !std::regex_search(bare, tail)) {
    return brace_kind::initializer;
  }
  return brace_kind::function;
}

std::string in_one_line(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    if (std::isspace(static_cast<unsigned char>(letter)) == 0) {
      result += letter;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (result.size() > 80) result.resize(80);
  while (!result.empty() && result.back() == ' ') result.pop_back();
  return result;
}

// Preprocessor lines hold braces and semicolons that belong to nobody.
std::string without_directives(const std::string& text) {
  std::string result;
  bool continued = false;
  for (const auto& line : split_lines(text)) {
    const auto first = line.find_first_not_of(" \t");
    const bool directive = continued || (first != std::string::npos && line[first] == '#');
    continued = directive && line.ends_with('\\');
    result += directive ? std::string(line.size(), ' ') : line;
    result += '\n';
  }
  return result;
}

class function_finder {
 public:
  explicit function_finder(const std::string& text)
      : original_(without_comments(text, literals::kept)),
        text_(without_directives(without_comments(text, literals::blanked))) {}

  std::vector<function_extent> run() {
    for (at_ = 0; at_ < text_.size(); ++at_) step();
    return std::move(found_);
  }

 private:
  void step() {
    const char letter = text_[at_];
    if (letter == '\n') ++line_;
    if (letter == '(') ++parentheses_;
    if (letter == ')') --parentheses_;
    if (letter == '{') return open();
    if (parentheses_ == 0 && (letter == ';' || letter == '}')) head_ = at_ + 1;
  }

  void open() {
    const auto head = text_.substr(head_, at_ - head_);
    const auto kind = parentheses_ > 0 ? brace_kind::initializer : kind_of(head);
    if (kind == brace_kind::scope) {
      head_ = at_ + 1;
      return;
    }
    const auto first = line_;
    const auto start = head_;
    const auto before = at_;
    skip_block();
    if (kind == brace_kind::initializer) return;
    // The words are the original's: a test's name is a literal, and literals are blank by now.
    found_.push_back(
        {in_one_line(original_.substr(start, before - start)), first, line_ - first + 1});
    head_ = at_ + 1;
  }

  void skip_block() {
    int depth = 1;
    while (depth > 0 && ++at_ < text_.size()) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] == '{') ++depth;
      if (text_[at_] == '}') --depth;
    }
  }

  std::string original_;
  std::string text_;
  std::vector<function_extent> found_;
  std::size_t at_ = 0;
  std::size_t head_ = 0;
  std::size_t line_ = 1;
  int parentheses_ = 0;
};

// Columns are code points: the bytes that go on with one don't count.
std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

std::map<std::string, std::size_t> parse_ratchet(const std::string& text) {
  std::map<std::string, std::size_t> listed;
  for (const auto& line : split_lines(text)) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream words(line);
    std::size_t size = 0;
    std::string what;
    if (!(words >> size) || !std::getline(words >> std::ws, what)) {
      throw std::runtime_error("lengths_ratchet.txt: " + line);
    }
    listed[what] = size;
  }
  return listed;
}

}  // namespace

std::vector<function_extent> functions_in(const std::string& text) {
  return function_finder(text).run();
}

std::map<std::string, std::size_t> excesses(const source_file& file) {
  std::map<std::string, std::size_t> found;
  const auto lines = split_lines(file.text);
  if (lines.size() > file_lines_max) found["file " + file.path] = lines.size();
  const auto wide = std::count_if(lines.begin(), lines.end(), [](const std::string& line) {
    return columns(line) > line_columns_max;
  });
  if (wide > 0) found["long_lines " + file.path] = static_cast<std::size_t>(wide);
  for (const auto& function : functions_in(file.text)) {
    if (function.lines <= function_lines_max) continue;
    auto& size = found["function " + file.path + ": " + function.head];
    size = std::max(size, function.lines);
  }
  return found;
}

std::string compare(const std::map<std::string, std::size_t>& found, const std::string& ratchet) {
  const auto listed = parse_ratchet(ratchet);
  std::ostringstream out;
  for (const auto& [what, size] : found) {
    const auto entry = listed.find(what);
    if (entry == listed.end()) out << "too long: " << size << ' ' << what << '\n';
    if (entry != listed.end() && size > entry->second) {
      out << "grown from " << entry->second << ": " << size << ' ' << what << '\n';
    }
  }
  for (const auto& [what, size] : listed) {
    const auto entry = found.find(what);
    if (entry == found.end()) out << "no longer too long, remove: " << size << ' ' << what << '\n';
    if (entry != found.end() && entry->second < size) {
      out << "shrunk from " << size << ", write: " << entry->second << ' ' << what << '\n';
    }
  }
  return out.str();
}

}  // namespace agentpool::laws
