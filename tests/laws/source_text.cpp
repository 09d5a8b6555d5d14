#include "source_text.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace agentpool::laws {
namespace {

bool is_word(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

// Walks through the text once; each step takes one comment, one literal or one character.
class blanker {
 public:
  blanker(const std::string& text, literals what)
      : text_(text), result_(text), blank_literals_(what == literals::blanked) {}

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(result_);
  }

 private:
  void step() {
    if (starts("//")) return blank_until("\n", 0);
    if (starts("/*")) return blank_until("*/", 2);
    if (starts("R\"") && !after_word()) return raw_string();
    if (text_[at_] == '"') return literal('"');
    if (text_[at_] == '\'' && !after_word()) return literal('\'');
    ++at_;
  }

  [[nodiscard]] bool starts(const char* what) const { return text_.compare(at_, 2, what) == 0; }
  [[nodiscard]] bool after_word() const { return at_ > 0 && is_word(text_[at_ - 1]); }

  [[nodiscard]] bool in_include() const {
    const auto start = text_.rfind('\n', at_) + 1;  // npos + 1 is 0
    const auto first = text_.find_first_not_of(" \t", start);
    return first < at_ && text_[first] == '#';
  }

  void blank(std::size_t from, std::size_t to) {
    for (auto i = from; i < std::min(to, result_.size()); ++i) {
      if (result_[i] != '\n') result_[i] = ' ';
    }
  }

  void blank_until(const char* end, std::size_t length) {
    const auto found = text_.find(end, at_ + 2);
    const auto stop = found == std::string::npos ? text_.size() : found + length;
    blank(at_, stop);
    at_ = stop;
  }

  void raw_string() {
    const auto open = text_.find('(', at_);
    const auto mark = ")" + text_.substr(at_ + 2, open - at_ - 2) + "\"";
    const auto close = open == std::string::npos ? open : text_.find(mark, open);
    const auto stop = close == std::string::npos ? text_.size() : close;
    if (blank_literals_) blank(open + 1, stop);
    at_ = std::min(stop + mark.size(), text_.size());
  }

  void literal(char quote) {
    auto end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    if (blank_literals_ && !in_include()) blank(at_ + 1, end);
    at_ = end + 1;
  }

  const std::string& text_;
  std::string result_;
  bool blank_literals_;
  std::size_t at_ = 0;
};

}  // namespace

std::string describe(const std::vector<violation>& violations) {
  std::ostringstream out;
  for (const auto& each : violations) {
    out << each.path;
    if (each.line > 0) out << ':' << each.line;
    out << ": " << each.what << '\n';
  }
  return out.str();
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + file.string());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<source_file> our_sources(const std::filesystem::path& top) {
  namespace fs = std::filesystem;
  std::vector<source_file> files;
  for (const char* folder :
       {"include", "core", "messages", "stores", "actors", "sim", "tools", "tests", "examples"}) {
    if (!fs::exists(top / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(top / folder)) {
      const auto extension = entry.path().extension();
      if (!entry.is_regular_file() || (extension != ".hpp" && extension != ".cpp")) continue;
      const auto path = entry.path().lexically_relative(top).generic_string();
      files.push_back({path, read_text(entry.path())});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const source_file& a, const source_file& b) { return a.path < b.path; });
  return files;
}

std::string without_comments(const std::string& text, literals what) {
  return blanker(text, what).run();
}

std::vector<std::string> split_lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace agentpool::laws
