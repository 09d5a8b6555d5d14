#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "agentpool/sim/trace_line.hpp"

namespace agentpool::sim {

/// The values of a pattern's variables, by name.
using trace_binding = std::map<std::string, std::string>;

/// One condition of a pattern.
struct trace_condition {
  std::string key;  ///< from, to, or a fact: run, message, wake, pool, status, …
  std::string value;
  bool differs = false;   ///< `!=`: no value of the key is like that.
  bool variable = false;  ///< `$name`; `value` is the name.
  bool exact = false;     ///< Written in quotes: `*` is just a star.

  friend bool operator==(const trace_condition&, const trace_condition&) = default;
};

/// Which messages are meant: "NAME [where KEY=VALUE [and KEY=VALUE]…]". NAME is that of a message,
/// or of the request or answer that it carries; it and the values may hold `*`; a value in quotes
/// is taken as it is. `$x` as a value stands for what it was where the pattern was first met, so
/// that one can ask for the same message again.
class trace_pattern {
 public:
  /// Throws std::invalid_argument when it is no pattern; for tests, where one writes them down.
  trace_pattern(const char* text);
  trace_pattern(const std::string& text);
  trace_pattern(std::string name, std::vector<trace_condition> conditions);

  /// The error is a contract violation that begins with the column.
  [[nodiscard]] static core::outcome<trace_pattern> parse(std::string_view text);

  /// Every way in which the line is meant: the values of the variables. Empty when it is not; one
  /// empty binding when the pattern has no variable.
  [[nodiscard]] std::vector<trace_binding> match(const trace_line& line) const;

  [[nodiscard]] bool matches(const trace_line& line) const { return !match(line).empty(); }

  /// Names of the variables, sorted.
  [[nodiscard]] const std::vector<std::string>& variables() const noexcept { return variables_; }

  [[nodiscard]] std::string text() const;

 private:
  std::string name_;
  std::vector<trace_condition> conditions_;
  std::vector<std::string> variables_;
};

}  // namespace agentpool::sim
