#include "agentpool/sim/trace.hpp"

#include <algorithm>
#include <unordered_map>

namespace agentpool::sim {

namespace {

/// Numbers names in the order in which they come.
class numbering {
 public:
  explicit numbering(std::vector<std::string>& names) : names_{names} {}

  std::size_t of(const std::string& name) {
    const auto [found, is_new] = numbers_.try_emplace(name, names_.size());
    if (is_new) names_.push_back(name);
    return found->second;
  }

 private:
  std::vector<std::string>& names_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

core::agent_error in_file(std::string_view name, std::size_t number, const std::string& what) {
  return core::contract_violation(printable(name) + ":" + std::to_string(number) + ": " + what);
}

}  // namespace

core::outcome<trace> trace::of(std::vector<trace_line> lines) {
  const auto by_step = [](const auto& a, const auto& b) { return a.step < b.step; };
  if (!std::is_sorted(lines.begin(), lines.end(), by_step))
    std::sort(lines.begin(), lines.end(), by_step);
  trace made;
  numbering numbers{made.actors_};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& line = lines[i];
    if (i > 0 && lines[i - 1].step == line.step)
      return core::contract_violation("two lines are step " + std::to_string(line.step));
    if (line.cause && *line.cause >= line.step)
      return core::contract_violation("the cause of step " + std::to_string(line.step) +
                                      " is not before it");
    made.senders_.push_back(numbers.of(line.from));
    const auto actor = numbers.of(line.to);
    made.handled_.resize(made.actors_.size());
    made.places_.push_back({actor, made.handled_[actor].size()});
    made.handled_[actor].push_back(i);
  }
  made.lines_ = std::move(lines);
  return made;
}

std::optional<std::size_t> trace::find(std::uint64_t step) const noexcept {
  const auto found =
      std::lower_bound(lines_.begin(), lines_.end(), step,
                       [](const auto& line, std::uint64_t wanted) { return line.step < wanted; });
  if (found == lines_.end() || found->step != step) return std::nullopt;
  return static_cast<std::size_t>(found - lines_.begin());
}

std::optional<std::size_t> trace::cause(std::size_t line) const noexcept {
  const auto& step = lines_[line].cause;
  return step ? find(*step) : std::nullopt;
}

core::outcome<trace> read_trace(std::string_view text, std::string_view name) {
  std::vector<trace_line> lines;
  std::unordered_map<std::uint64_t, std::size_t> steps;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto here = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (is_blank(here)) continue;
    if (here.size() > trace_line_bytes_max)
      return in_file(name, number,
                     "is longer than " + std::to_string(trace_line_bytes_max) + " bytes");
    auto line = parse_trace_line(here);
    if (!line) return in_file(name, number, line.error().message);
    const auto [same, is_new] = steps.try_emplace(line->step, number);
    if (!is_new)
      return in_file(name, number,
                     "step: " + std::to_string(line->step) + " is that of line " +
                         std::to_string(same->second) + " already");
    lines.push_back(*std::move(line));
  }
  return trace::of(std::move(lines));
}

bool is_like(std::string_view text, std::string_view pattern) noexcept {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  auto star = std::string_view::npos;
  std::size_t retried = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      retried = at;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == text[at]) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++retried;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

}  // namespace agentpool::sim
