#include "agentpool/sim/trace_match.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <unordered_map>

namespace agentpool::sim {

namespace {

/// Where a pattern matches, by the values of its variables.
class occurrences {
 public:
  occurrences(const trace& what, const trace_pattern& pattern) : pattern_{pattern} {
    for (std::size_t i = 0; i < what.size(); ++i) {
      for (const auto& binding : pattern.match(what.lines()[i])) {
        auto& lines = by_key_[key(binding)];
        if (lines.empty() || lines.back() != i) lines.push_back(i);
      }
    }
  }

  /// The first match after that line; `from` none: the first of all.
  [[nodiscard]] std::optional<std::size_t> after(std::optional<std::size_t> line,
                                                 const trace_binding& binding) const {
    const auto found = by_key_.find(key(binding));
    if (found == by_key_.end()) return std::nullopt;
    const auto& lines = found->second;
    const auto next = line ? std::upper_bound(lines.begin(), lines.end(), *line) : lines.begin();
    return next == lines.end() ? std::nullopt : std::optional{*next};
  }

 private:
  /// Names stand in the binding of the first pattern: that was checked.
  [[nodiscard]] std::string key(const trace_binding& binding) const {
    std::string joined;
    for (const auto& name : pattern_.variables()) (joined += binding.at(name)) += '\0';
    return joined;
  }

  const trace_pattern& pattern_;
  std::unordered_map<std::string, std::vector<std::size_t>> by_key_;
};

void need_bound(const trace_pattern& first, const trace_pattern& later) {
  const auto& bound = first.variables();
  for (const auto& name : later.variables())
    if (!std::binary_search(bound.begin(), bound.end(), name))
      throw std::invalid_argument{"$" + name + " of '" + later.text() + "' has no value in '" +
                                  first.text() + "'"};
}

/// "'send_message where message=$m' (m=m.1)"
std::string with_values(const trace_pattern& pattern, const trace_binding& binding) {
  std::string values;
  for (const auto& name : pattern.variables()) {
    const auto found = binding.find(name);
    if (found == binding.end()) continue;
    values += (values.empty() ? " ($" : ", $") + name + "=" + printable(found->second);
  }
  return "'" + pattern.text() + "'" + (values.empty() ? "" : values + ")");
}

std::string times(std::size_t count) {
  return count == 1 ? "once" : std::to_string(count) + " times";
}

std::vector<std::size_t> matching(const trace& what, const trace_pattern& pattern) {
  std::vector<std::size_t> lines;
  for (std::size_t i = 0; i < what.size(); ++i)
    if (pattern.matches(what.lines()[i])) lines.push_back(i);
  return lines;
}

match_result counted(const trace& what, const trace_pattern& pattern, std::size_t least,
                     std::size_t most, const std::string& wanted) {
  const auto lines = matching(what, pattern);
  match_result result{least <= lines.size() && lines.size() <= most,
                      "'" + pattern.text() + "' " + times(lines.size())};
  if (result.ok) return result;
  result.reason += ", not " + wanted;
  // The first one that is too many tells more than the first of all.
  if (lines.size() > most) result.reason += ": " + to_text(what.lines()[lines[most]]);
  return result;
}

/// Calls `check(line, binding)` for each match of `first` until it gives a reason to fail.
template <class Check>
match_result for_each(const trace& what, const trace_pattern& first, Check check) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < what.size(); ++i) {
    const auto bindings = first.match(what.lines()[i]);
    if (!bindings.empty()) ++count;
    for (const auto& binding : bindings) {
      std::string reason = check(i, binding);
      if (!reason.empty()) return {false, std::move(reason)};
    }
  }
  return {true, count == 0 ? "'" + first.text() + "' never came" : "held " + times(count)};
}

}  // namespace

match_result in_order(const trace& what, const std::vector<trace_pattern>& patterns) {
  if (patterns.empty()) return {true, "nothing was asked for"};
  std::vector<occurrences> later;
  for (const auto& pattern : patterns) {
    need_bound(patterns.front(), pattern);
    later.emplace_back(what, pattern);
  }
  std::size_t best = 0;  // How many were found in order, at most.
  std::string reason = "there is no '" + patterns.front().text() + "'";
  for (std::size_t first = 0; first < what.size(); ++first) {
    for (const auto& binding : patterns.front().match(what.lines()[first])) {
      std::size_t line = first;
      std::size_t found = 1;
      for (; found < patterns.size(); ++found) {
        const auto next = later[found].after(line, binding);
        if (!next) break;
        line = *next;
      }
      if (found == patterns.size())
        return {true, "from step " + std::to_string(what.lines()[first].step) + " to step " +
                          std::to_string(what.lines()[line].step)};
      if (found <= best) continue;
      best = found;
      reason =
          "no " + with_values(patterns[found], binding) + " after " + to_text(what.lines()[line]);
    }
  }
  return {false, reason};
}

match_result before(const trace& what, const trace_pattern& earlier, const trace_pattern& later) {
  need_bound(later, earlier);
  const occurrences first{what, earlier};
  auto result = for_each(what, later, [&](std::size_t line, const trace_binding& binding) {
    const auto found = first.after(std::nullopt, binding);
    if (found && *found < line) return std::string{};
    return "no " + with_values(earlier, binding) + " before " + to_text(what.lines()[line]);
  });
  if (result.ok && matching(what, later).empty())
    return {false, "there is no '" + later.text() + "'"};
  return result;
}

match_result exactly(const trace& what, std::size_t count, const trace_pattern& pattern) {
  return counted(what, pattern, count, count, times(count));
}

match_result at_least(const trace& what, std::size_t count, const trace_pattern& pattern) {
  return counted(what, pattern, count, what.size(), "at least " + times(count));
}

match_result at_most(const trace& what, std::size_t count, const trace_pattern& pattern) {
  return counted(what, pattern, 0, count, "at most " + times(count));
}

match_result never(const trace& what, const trace_pattern& pattern) {
  return counted(what, pattern, 0, 0, "never");
}

match_result never_between(const trace& what, const trace_pattern& pattern,
                           const trace_pattern& opening, const trace_pattern& closing) {
  need_bound(opening, pattern);
  need_bound(opening, closing);
  const occurrences unwanted{what, pattern};
  const occurrences ends{what, closing};
  return for_each(what, opening, [&](std::size_t line, const trace_binding& binding) {
    const auto end = ends.after(line, binding);
    const auto found = unwanted.after(line, binding);
    if (!end || !found || *found >= *end) return std::string{};
    return to_text(what.lines()[*found]) + " came between " + to_text(what.lines()[line]) +
           " and " + to_text(what.lines()[*end]);
  });
}

match_result followed_by(const trace& what, const trace_pattern& first, const trace_pattern& then) {
  need_bound(first, then);
  const occurrences later{what, then};
  return for_each(what, first, [&](std::size_t line, const trace_binding& binding) {
    if (later.after(line, binding)) return std::string{};
    return "no " + with_values(then, binding) + " after " + to_text(what.lines()[line]);
  });
}

match_result within(const trace& what, std::chrono::microseconds time, const trace_pattern& first,
                    const trace_pattern& then) {
  need_bound(first, then);
  const occurrences later{what, then};
  const auto most = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
  const auto since = [&what](std::size_t a, std::size_t b) {
    const auto begin = what.lines()[a].at;
    return what.lines()[b].at > begin ? what.lines()[b].at - begin : 0;
  };
  return for_each(what, first, [&](std::size_t line, const trace_binding& binding) {
    const auto found = later.after(line, binding);
    const auto end = found.value_or(what.size() - 1);
    if (since(line, end) <= most) return std::string{};
    const auto& begin = to_text(what.lines()[line]);
    if (!found) return "no " + with_values(then, binding) + " after " + begin;
    return to_text(what.lines()[*found]) + " came " + seconds_text(since(line, *found)) +
           " s after " + begin;
  });
}

}  // namespace agentpool::sim
