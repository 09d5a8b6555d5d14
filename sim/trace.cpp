#include "agentpool/sim/trace.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "agentpool/core/json_tree.hpp"

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
    std::stable_sort(lines.begin(), lines.end(), by_step);
  trace made;
  made.lines_ = std::move(lines);
  numbering numbers{made.actors_};
  std::optional<std::uint64_t> last_message;
  for (std::size_t i = 0; i < made.lines_.size(); ++i) {
    const auto& line = made.lines_[i];
    const auto step = std::to_string(line.step);
    if (!line.is_note() && last_message == line.step)
      return core::contract_violation("two messages are step " + step);
    if (!line.is_note()) last_message = line.step;
    if (line.cause && (line.is_note() ? *line.cause > line.step : *line.cause >= line.step))
      return core::contract_violation("the cause of step " + step + " is not before it");
    auto cause = line.cause ? made.find(*line.cause) : std::nullopt;
    if (cause && *cause >= i) cause.reset();
    made.causes_.push_back(cause);
    const bool moment = line.to.empty() && cause;
    const auto of = moment            ? made.actors_[made.places_[*cause].actor]
                    : line.to.empty() ? std::string{"world"}
                                      : line.to;
    made.senders_.push_back(numbers.of(line.is_note() ? of : line.from));
    const auto actor = numbers.of(of);
    made.handled_.resize(made.actors_.size());
    made.places_.push_back({actor, made.handled_[actor].size()});
    made.handled_[actor].push_back(i);
  }
  return made;
}

std::optional<std::size_t> trace::find(std::uint64_t step) const noexcept {
  const auto first =
      std::lower_bound(lines_.begin(), lines_.end(), step,
                       [](const auto& line, std::uint64_t wanted) { return line.step < wanted; });
  if (first == lines_.end() || first->step != step) return std::nullopt;
  auto found = first;
  while (found != lines_.end() && found->step == step && found->is_note()) ++found;
  if (found == lines_.end() || found->step != step) found = first;
  return static_cast<std::size_t>(found - lines_.begin());
}

core::outcome<trace> read_trace(std::string_view text, std::string_view name) {
  std::vector<trace_line> lines;
  std::unordered_map<std::uint64_t, std::size_t> steps;
  std::optional<std::size_t> torn;
  bool begun = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    const bool open = end == text.size();
    const auto here = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (is_blank(here)) continue;
    if (here.size() > trace_line_bytes_max)
      return in_file(name, number,
                     "is longer than " + std::to_string(trace_line_bytes_max) + " bytes");
    const auto heading = lines.empty() ? is_trace_heading(here) : false;
    if (!heading) return in_file(name, number, heading.error().message);
    if (std::exchange(begun, true) && open && !core::parse_json(here)) {
      torn = number;
      break;
    }
    if (*heading) continue;
    auto line = parse_trace_line(here);
    if (!line) return in_file(name, number, line.error().message);
    const auto same = steps.find(line->step);
    if (!line->is_note() && same != steps.end())
      return in_file(name, number,
                     "step: " + std::to_string(line->step) + " is that of line " +
                         std::to_string(same->second) + " already");
    if (!line->is_note()) steps.emplace(line->step, number);
    lines.push_back(*std::move(line));
  }
  auto made = trace::of(std::move(lines));
  if (made) made->torn_line_ = torn;
  return made;
}

}  // namespace agentpool::sim
