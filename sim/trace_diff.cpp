#include "agentpool/sim/trace_diff.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace agentpool::sim {

namespace {

/// Causes that are told of a side.
constexpr std::size_t past_max = 8;

/// One of the two traces, with its actors by name.
class side {
 public:
  explicit side(const trace& what) : what_{what} {
    for (std::size_t i = 0; i < what.actors().size(); ++i) numbers_.emplace(what.actors()[i], i);
  }

  [[nodiscard]] const trace& of() const { return what_; }

  [[nodiscard]] const std::vector<std::size_t>& handled(const std::string& actor) const {
    static const std::vector<std::size_t> nothing;
    const auto found = numbers_.find(actor);
    return found == numbers_.end() ? nothing : what_.handled(found->second);
  }

  /// The line that the actor handled as its nth.
  [[nodiscard]] std::optional<std::size_t> at(const std::string& actor, std::size_t nth) const {
    const auto& lines = handled(actor);
    return nth < lines.size() ? std::optional{lines[nth]} : std::nullopt;
  }

 private:
  const trace& what_;
  std::unordered_map<std::string, std::size_t> numbers_;
};

/// Whether both were sent at the same place, or both at none, or both before their file began.
bool same_cause(const trace& a, std::size_t i, const trace& b, std::size_t j) {
  const auto in_a = a.cause(i);
  const auto in_b = b.cause(j);
  if (!in_a || !in_b)
    return !in_a && !in_b && a.lines()[i].cause.has_value() == b.lines()[j].cause.has_value();
  const auto place_a = a.place(*in_a);
  const auto place_b = b.place(*in_b);
  return place_a.nth == place_b.nth && a.actors()[place_a.actor] == b.actors()[place_b.actor];
}

bool same_content(const trace_line& a, const trace_line& b) {
  return a.message == b.message && a.from == b.from && a.ids == b.ids;
}

bool same(const trace& a, std::size_t i, const trace& b, std::size_t j) {
  return same_content(a.lines()[i], b.lines()[j]) && same_cause(a, i, b, j);
}

/// For each actor that handled something else: from which of its messages on.
using first_differences = std::unordered_map<std::string, std::size_t>;

first_differences differences(const side& a, const side& b) {
  first_differences found;
  const auto look = [&](const std::string& actor) {
    if (found.contains(actor)) return;
    const auto& in_a = a.handled(actor);
    const auto& in_b = b.handled(actor);
    const auto both = std::min(in_a.size(), in_b.size());
    std::size_t nth = 0;
    while (nth < both && same(a.of(), in_a[nth], b.of(), in_b[nth])) ++nth;
    if (nth < std::max(in_a.size(), in_b.size())) found.emplace(actor, nth);
  };
  for (const auto& actor : a.of().actors()) look(actor);
  for (const auto& actor : b.of().actors()) look(actor);
  return found;
}

/// For each line whether something that is not the same in the other trace led to it.
std::vector<bool> led_astray(const trace& what, const first_differences& found) {
  std::vector<bool> astray(what.size());
  std::vector<bool> differs(what.size());
  for (std::size_t i = 0; i < what.size(); ++i) {
    const auto place = what.place(i);
    const auto by = [&](std::size_t earlier) { return differs[earlier] || astray[earlier]; };
    const auto cause = what.cause(i);
    astray[i] =
        (cause && by(*cause)) || (place.nth > 0 && by(what.handled(place.actor)[place.nth - 1]));
    const auto first = found.find(what.actors()[place.actor]);
    differs[i] = first != found.end() && place.nth >= first->second;
  }
  return astray;
}

/// The actor whose difference nothing else led to; the earliest of several.
std::string first_of(const first_differences& found, const side& a, const side& b) {
  const auto astray_a = led_astray(a.of(), found);
  const auto astray_b = led_astray(b.of(), found);
  // Lowest is first: led to by nothing else in either trace, then by place in A, else in B.
  using rank = std::array<std::size_t, 3>;
  std::optional<std::pair<rank, std::string>> best;
  for (const auto& [actor, nth] : found) {
    const auto in_a = a.at(actor, nth);
    const auto in_b = b.at(actor, nth);
    const bool astray = (in_a && astray_a[*in_a]) || (in_b && astray_b[*in_b]);
    const std::pair<rank, std::string> here{
        {astray ? std::size_t{1} : 0, in_a ? std::size_t{0} : 1, in_a ? *in_a : *in_b}, actor};
    if (!best || here < *best) best = here;
  }
  return best->second;
}

std::optional<std::size_t> find_later(const side& where, const std::string& actor,
                                      std::size_t after, const trace_line& wanted) {
  const auto& lines = where.handled(actor);
  for (std::size_t nth = after + 1; nth < lines.size(); ++nth)
    if (same_content(where.of().lines()[lines[nth]], wanted)) return lines[nth];
  return std::nullopt;
}

std::vector<std::string> parts_that_differ(const trace& a, std::size_t i, const trace& b,
                                           std::size_t j) {
  const auto& left = a.lines()[i];
  const auto& right = b.lines()[j];
  std::vector<std::string> parts;
  if (left.message != right.message) parts.emplace_back("message");
  if (left.from != right.from) parts.emplace_back("from");
  if (left.ids != right.ids) parts.emplace_back("ids");
  if (!same_cause(a, i, b, j)) parts.emplace_back("cause");
  return parts;
}

std::string ordinal(std::size_t number) {
  const auto tens = number % 100 / 10;
  const char* ending = "th";
  if (tens != 1 && number % 10 == 1) ending = "st";
  if (tens != 1 && number % 10 == 2) ending = "nd";
  if (tens != 1 && number % 10 == 3) ending = "rd";
  return std::to_string(number) + ending;
}

/// The lines that led to one, up to where both traces have the same.
struct own_past {
  std::vector<std::size_t> lines;
  std::optional<std::size_t> shared;
};

own_past past_until_shared(const trace& what, std::optional<std::size_t> line, const trace& other,
                           std::optional<std::size_t> others) {
  own_past past;
  if (!line) return past;
  std::set<std::pair<std::string_view, std::size_t>> there;
  const auto key = [](const trace& of, std::size_t at) {
    const auto place = of.place(at);
    return std::pair<std::string_view, std::size_t>{of.actors()[place.actor], place.nth};
  };
  if (others)
    for (const auto cause : causes(other, *others, other.size())) there.insert(key(other, cause));
  for (const auto cause : causes(what, *line, what.size())) {
    if (there.contains(key(what, cause))) {
      past.shared = cause;
      break;
    }
    past.lines.push_back(cause);
  }
  return past;
}

void append_causes(std::string& out, const trace& what, const std::vector<std::size_t>& lines) {
  for (std::size_t i = 0; i < std::min(lines.size(), past_max); ++i)
    out += "    caused by " + to_text(what.lines()[lines[i]]) + "\n";
  if (lines.size() > past_max)
    out += "    and so on, " + std::to_string(lines.size() - past_max) + " more\n";
}

std::string side_text(const trace& what, const std::string& name, std::optional<std::size_t> line,
                      std::optional<std::size_t> later, const own_past& past) {
  std::string out = "\n" + name + ":\n  ";
  out += line ? to_text(what.lines()[*line]) : "nothing more for this actor";
  out += '\n';
  append_causes(out, what, past.lines);
  if (later) out += "  what the other has comes later: " + to_text(what.lines()[*later]) + "\n";
  return out;
}

/// What led to both, as A has it.
std::string shared_text(const trace& a, std::optional<std::size_t> shared) {
  if (!shared) return "";
  std::string out = "\nboth:\n";
  std::vector<std::size_t> lines{*shared};
  for (const auto cause : causes(a, *shared, a.size())) lines.push_back(cause);
  append_causes(out, a, lines);
  return out;
}

}  // namespace

std::optional<trace_divergence> first_divergence(const trace& a, const trace& b) {
  const side in_a{a};
  const side in_b{b};
  const auto found = differences(in_a, in_b);
  if (found.empty()) return std::nullopt;
  trace_divergence first;
  first.actor = first_of(found, in_a, in_b);
  first.nth = found.at(first.actor);
  first.actors = found.size();
  first.in_a = in_a.at(first.actor, first.nth);
  first.in_b = in_b.at(first.actor, first.nth);
  if (first.in_a)
    first.later_in_b = find_later(in_b, first.actor, first.nth, a.lines()[*first.in_a]);
  if (first.in_b)
    first.later_in_a = find_later(in_a, first.actor, first.nth, b.lines()[*first.in_b]);
  if (first.in_a && first.in_b) first.parts = parts_that_differ(a, *first.in_a, b, *first.in_b);
  return first;
}

std::vector<std::size_t> causes(const trace& what, std::size_t line, std::size_t most) {
  std::vector<std::size_t> found;
  for (auto cause = what.cause(line); cause && found.size() < most; cause = what.cause(*cause))
    found.push_back(*cause);
  return found;
}

std::string to_text(const trace_divergence& found, const trace& a, const trace& b,
                    const std::string& name_a, const std::string& name_b) {
  std::string out = "the traces part at the " + ordinal(found.nth + 1) + " message that " +
                    printable(found.actor) + " handles";
  for (std::size_t i = 0; i < found.parts.size(); ++i)
    out += (i == 0 ? ": other " : ", ") + found.parts[i];
  const auto past_a = past_until_shared(a, found.in_a, b, found.in_b);
  const auto past_b = past_until_shared(b, found.in_b, a, found.in_a);
  out += "\n" + side_text(a, printable(name_a), found.in_a, found.later_in_a, past_a);
  out += side_text(b, printable(name_b), found.in_b, found.later_in_b, past_b);
  out += shared_text(a, past_a.shared);
  if (found.actors > 1)
    out += "\n" + std::to_string(found.actors - 1) + " more " +
           (found.actors == 2 ? "actor" : "actors") + " handled something else, after this\n";
  return out;
}

}  // namespace agentpool::sim
