#include "agentpool/sim/trace_pattern.hpp"

#include <algorithm>
#include <stdexcept>

#include "agentpool/sim/trace.hpp"
#include "sim/trace_tokens.hpp"

namespace agentpool::sim {

namespace {

trace_pattern parsed(std::string_view text) {
  token_cursor from{tokens_of(text)};
  auto pattern = read_pattern(from);
  from.need_end();
  return pattern;
}

trace_pattern parsed_or_thrown(std::string_view text) {
  auto pattern = trace_pattern::parse(text);
  if (!pattern)
    throw std::invalid_argument{"no pattern: " + printable(text) + ": " + pattern.error().message};
  return *std::move(pattern);
}

/// What the line has for a key.
std::vector<std::string> values_of(const trace_line& line, const std::string& key) {
  if (key == "from") return {line.from};
  if (key == "to") return {line.to};
  return line.values(key);
}

bool holds(const trace_condition& asked, const std::vector<std::string>& values) {
  const auto meant = [&asked](const std::string& value) {
    return asked.exact ? value == asked.value : is_like(value, asked.value);
  };
  return std::any_of(values.begin(), values.end(), meant) != asked.differs;
}

/// Each binding as often as there are values for the variable, but one value a variable.
std::vector<trace_binding> spread(const std::vector<trace_binding>& bindings,
                                  const std::string& variable,
                                  const std::vector<std::string>& values) {
  std::vector<trace_binding> wider;
  for (const auto& binding : bindings) {
    for (const auto& value : values) {
      auto with = binding;
      if (with.try_emplace(variable, value).first->second == value)
        wider.push_back(std::move(with));
    }
  }
  return wider;
}

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    out += letter;
  }
  return printable(out + "\"");
}

}  // namespace

trace_pattern::trace_pattern(const char* text) : trace_pattern{parsed_or_thrown(text)} {}
trace_pattern::trace_pattern(const std::string& text) : trace_pattern{parsed_or_thrown(text)} {}

trace_pattern::trace_pattern(std::string name, std::vector<trace_condition> conditions)
    : name_{std::move(name)}, conditions_{std::move(conditions)} {
  for (const auto& condition : conditions_)
    if (condition.variable) variables_.push_back(condition.value);
  std::sort(variables_.begin(), variables_.end());
  variables_.erase(std::unique(variables_.begin(), variables_.end()), variables_.end());
}

core::outcome<trace_pattern> trace_pattern::parse(std::string_view text) {
  try {
    return parsed(text);
  } catch (const text_fault& fault) {
    return core::contract_violation("column " + std::to_string(fault.column) + ": " + fault.what);
  }
}

std::vector<trace_binding> trace_pattern::match(const trace_line& line) const {
  if (!line.is_called(name_)) return {};
  for (const auto& condition : conditions_)
    if (!condition.variable && !holds(condition, values_of(line, condition.key))) return {};
  std::vector<trace_binding> bindings{{}};
  for (const auto& condition : conditions_)
    if (condition.variable)
      bindings = spread(bindings, condition.value, values_of(line, condition.key));
  return bindings;
}

std::string trace_pattern::text() const {
  std::string out = printable(name_);
  const char* before = " where ";
  for (const auto& condition : conditions_) {
    out += before + condition.key + (condition.differs ? "!=" : "=");
    if (condition.variable) out += '$';
    out += condition.exact ? quoted(condition.value) : printable(condition.value);
    before = " and ";
  }
  return out;
}

}  // namespace agentpool::sim
