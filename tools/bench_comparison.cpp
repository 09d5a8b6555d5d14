#include "bench_comparison.hpp"

#include "bench_text.hpp"

namespace agentpool::tools {

namespace {

using values = std::vector<double>;

bool bounds_ratio(bench_goal::kind what) {
  return what == bench_goal::kind::ratio_at_least || what == bench_goal::kind::ratio_at_most;
}

bool bounds_below(bench_goal::kind what) {
  return what == bench_goal::kind::ratio_at_least || what == bench_goal::kind::at_least;
}

/// Figures of this table differ by orders of magnitude: three digits that count.
std::string figure(double value) { return number(value, value < 10 ? 2 : value < 100 ? 1 : 0); }

std::string goal_text(const bench_goal& goal) {
  const auto bound = bounds_ratio(goal.what) ? number(goal.bound, 2) + " ×" : figure(goal.bound);
  return (bounds_below(goal.what) ? "≥ " : "≤ ") + bound;
}

std::string verdict(const measured& one) {
  const auto met = one.met();
  if (!met) return "–";
  return goal_text(*one.what.goal) + (*met ? " met" : " **missed**");
}

std::string json(const measured& one) {
  std::string text = "{\"figure\":\"" + one.what.figure + "\",\"value\":" + spread_json(one.value);
  if (!one.what.reference.empty())
    text += ",\"reference\":\"" + one.what.reference +
            "\",\"reference_value\":" + spread_json(one.reference) +
            ",\"ratio\":" + spread_json(one.ratio);
  if (one.what.goal)
    text += ",\"goal\":\"" + goal_text(*one.what.goal) +
            "\",\"met\":" + (*one.met() ? "true" : "false");
  return text + "}";
}

std::string row(const std::string& name, const measured& one) {
  std::string text = "| " + name + " | " + one.what.figure + " | " + figure(one.value.median) +
                     " (" + figure(one.value.least) + "–" + figure(one.value.most) + ") | ";
  text += one.what.reference.empty()
              ? "– | – | "
              : figure(one.reference.median) + " (" + one.what.reference + ") | " +
                    number(one.ratio.median, 2) + " (" + number(one.ratio.least, 2) + "–" +
                    number(one.ratio.most, 2) + ") | ";
  return text + verdict(one) + " |\n";
}

/// What the sides gave so far, a list a measure.
struct table {
  std::vector<values> ours, references, ratios;
};

core::outcome<void> round(const bench_sides& sides, bool reference_first, table& seen) {
  core::outcome<values> reference{values(sides.measures.size(), 0)};
  if (reference_first && sides.reference) reference = sides.reference();
  const auto ours = sides.ours();
  if (!ours) return ours.error();
  if (!reference_first && sides.reference) reference = sides.reference();
  if (!reference) return reference.error();
  for (std::size_t index = 0; index < sides.measures.size(); ++index) {
    const double beside = reference->at(index);
    seen.ours[index].push_back(ours->at(index));
    seen.references[index].push_back(beside);
    seen.ratios[index].push_back(beside > 0 ? ours->at(index) / beside : 0);
  }
  return {};
}

}  // namespace

std::optional<bool> measured::met() const {
  if (!what.goal) return std::nullopt;
  const double seen = bounds_ratio(what.goal->what) ? ratio.median : value.median;
  return bounds_below(what.goal->what) ? seen >= what.goal->bound : seen <= what.goal->bound;
}

core::outcome<comparison> compare(const std::string& name, const bench_sides& sides,
                                  std::size_t rounds,
                                  const std::function<void(std::size_t)>& told) {
  const std::vector<values> none(sides.measures.size());
  table seen{none, none, none};
  for (std::size_t turn = 1; turn <= rounds; ++turn) {
    told(turn);
    if (auto done = round(sides, turn % 2 == 0, seen); !done) return done.error();
  }
  comparison part{name, rounds, 1, {}};
  for (std::size_t index = 0; index < sides.measures.size(); ++index)
    part.measures.push_back({sides.measures[index], spread_of(seen.ours[index]),
                             spread_of(seen.references[index]), spread_of(seen.ratios[index])});
  return part;
}

std::string comparison_json(const comparison& part) {
  std::string text = "{\"name\":\"" + part.name + "\",\"rounds\":" + std::to_string(part.rounds) +
                     ",\"scale\":" + number(part.scale, 6) + ",\"measures\":[";
  for (const auto& one : part.measures)
    text += (&one == part.measures.data() ? "" : ",") + json(one);
  return text + "]}";
}

std::string comparison_markdown(const std::vector<comparison>& all) {
  if (all.empty()) return {};
  std::string text =
      "| part | figure | value (least–most) | reference | ratio (least–most) | target |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const auto& part : all)
    for (const auto& one : part.measures)
      text += row(part.scale == 1 ? part.name : part.name + " × " + number(part.scale, 6), one);
  return text;
}

}  // namespace agentpool::tools
