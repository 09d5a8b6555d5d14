#pragma once

#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>

/// Prometheus' text format, read strictly.
namespace agentpool::tests {

struct exposition {
  std::map<std::string, std::string> types;  ///< Of families, by name.
  std::map<std::string, double> values;      ///< By name and labels, as they stand.

  /// 0 for what is not there.
  [[nodiscard]] double of(const std::string& name) const {
    const auto found = values.find(name);
    return found == values.end() ? 0 : found->second;
  }
};

/// Throws for a line that is none of the format.
inline exposition read_exposition(const std::string& text) {
  static const std::regex sample{
      R"re(([a-z_]+(?:\{[a-z_]+="[^"\\\n]*"(?:,[a-z_]+="[^"\\\n]*")*\})?) ([0-9.e+-]+|\+Inf))re"};
  static const std::regex type{"# TYPE ([a-z_]+) (counter|gauge|histogram)"};
  exposition all;
  std::istringstream lines{text};
  for (std::string line; std::getline(lines, line);) {
    std::smatch parts;
    if (std::regex_match(line, parts, type)) {
      if (!all.types.emplace(parts[1], parts[2]).second)
        throw std::runtime_error{"a family twice: " + line};
    } else if (std::regex_match(line, parts, sample)) {
      if (!all.values.emplace(parts[1], std::stod(parts[2])).second)
        throw std::runtime_error{"a sample twice: " + line};
    } else if (!line.starts_with("# HELP ")) {
      throw std::runtime_error{"no line of the format: " + line};
    }
  }
  return all;
}

}  // namespace agentpool::tests
