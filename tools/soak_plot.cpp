#include "soak_plot.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>
#include <vector>

#include "bench_text.hpp"

namespace agentpool::tools {

namespace {

// In pixels: a panel's plot, and what stands around it.
constexpr double left = 80;
constexpr double width = 680;
constexpr double height = 150;
constexpr double above = 40;
constexpr double panel_height = height + above + 30;

constexpr std::string_view style =
    "<style>\n"
    "svg { font: 13px sans-serif; }\n"
    ".ground { fill: #ffffff; }\n"
    "text { fill: #222222; }\n"
    ".grid { stroke: #cccccc; }\n"
    "polyline { fill: none; stroke-width: 1.5; }\n"
    ".one { stroke: #1f5fbf; } text.one { fill: #1f5fbf; stroke: none; }\n"
    ".two { stroke: #b3541e; } text.two { fill: #b3541e; stroke: none; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  .ground { fill: #16181c; }\n"
    "  text { fill: #e6e6e6; }\n"
    "  .grid { stroke: #3a3d44; }\n"
    "  .one { stroke: #7fb2ff; } text.one { fill: #7fb2ff; }\n"
    "  .two { stroke: #ffab70; } text.two { fill: #ffab70; }\n"
    "}\n"
    "</style>\n";

struct line {
  std::string name;
  std::string look;
  std::vector<double> values;
};

struct panel {
  std::string title;
  bool powers = false;  ///< In powers of ten.
  std::vector<line> lines;
};

/// From where to where a panel goes, and the values that have a line across.
struct scale {
  double low = 0;
  double high = 1;
  std::vector<double> marks;
};

/// The least of 1, 2 and 5 times a power of ten that is not less.
double round_up(double value) {
  const auto power = std::pow(10, std::floor(std::log10(value)));
  for (const double times : {1.0, 2.0, 5.0})
    if (times * power >= value) return times * power;
  return 10 * power;
}

scale scale_of(const panel& shown) {
  double least = HUGE_VAL;
  double most = 0;
  for (const auto& each : shown.lines)
    for (const auto value : each.values) {
      if (value > 0) least = std::min(least, value);
      most = std::max(most, value);
    }
  if (most <= 0) return {0, 1, {0, 1}};
  if (!shown.powers) {
    const auto top = round_up(most);
    return {0, top, {0, top / 2, top}};
  }
  scale powers{std::floor(std::log10(least)), std::ceil(std::log10(most)), {}};
  if (powers.high <= powers.low) powers.high = powers.low + 1;
  for (auto power = powers.low; power <= powers.high; ++power)
    powers.marks.push_back(std::pow(10, power));
  return powers;
}

std::string text(double x, double y, std::string_view rest, const std::string& words) {
  return "<text x=\"" + number(x, 1) + "\" y=\"" + number(y, 1) + "\"" + std::string{rest} + ">" +
         words + "</text>\n";
}

std::string grid_line(double y) {
  return "<line class=\"grid\" x1=\"" + number(left, 0) + "\" x2=\"" + number(left + width, 0) +
         "\" y1=\"" + number(y, 1) + "\" y2=\"" + number(y, 1) + "\"/>\n";
}

std::string draw(const panel& shown, const std::vector<double>& seconds, double top) {
  const auto range = scale_of(shown);
  const auto y_of = [&](double value) {
    if (shown.powers) value = value > 0 ? std::log10(value) : range.low;
    return top + height * (1 - (value - range.low) / (range.high - range.low));
  };
  std::string out = text(left, top - 14, " font-weight=\"bold\"", shown.title);
  for (const auto mark : range.marks)
    out += grid_line(y_of(mark)) + text(left - 8, y_of(mark) + 4, " text-anchor=\"end\"",
                                        number(mark, mark > 0 && mark < 10 ? 1 : 0));
  double name_at = left + width;
  for (const auto& each : shown.lines) {
    if (!each.name.empty())
      out += text(name_at, top - 14, " text-anchor=\"end\" class=\"" + each.look + "\"", each.name);
    name_at -= 60;
    out += "<polyline class=\"" + each.look + "\" points=\"";
    for (std::size_t i = 0; i < seconds.size(); ++i)
      out += number(left + width * seconds[i] / seconds.back(), 1) + "," +
             number(y_of(each.values[i]), 1) + " ";
    out += "\"/>\n";
  }
  return out + text(left, top + height + 18, "", "0 s") +
         text(left + width, top + height + 18, " text-anchor=\"end\"",
              number(seconds.back(), seconds.back() < 10 ? 1 : 0) + " s");
}

std::vector<double> values_of(const soak_results& results,
                              const std::function<double(const soak_sample&)>& value) {
  std::vector<double> values;
  for (const auto& sample : results.samples) values.push_back(value(sample));
  return values;
}

}  // namespace

std::string soak_svg(const soak_results& results) {
  const auto of = [&](const auto& value) { return values_of(results, value); };
  const auto seconds = of([](const auto& sample) { return sample.seconds; });
  const std::vector<panel> panels{
      {"sends a second", false, {{"", "one", of([](const auto& at) { return at.rate; })}}},
      {"latency, microseconds",
       true,
       {{"p50", "one", of([](const auto& at) { return at.p50_microseconds; })},
        {"p99", "two", of([](const auto& at) { return at.p99_microseconds; })}}},
      {"resident memory, MiB", false, {{"", "one", of([](const auto& at) {
                                          return static_cast<double>(at.resident_bytes) / 1'048'576;
                                        })}}},
      {"the machine: messages that our JSON reader alone reads a second of processor time",
       false,
       {{"", "one", of([](const auto& at) { return at.machine_rate; })}}}};
  const auto size = "width=\"" + number(left + width + 40, 0) + "\" height=\"" +
                    number(panel_height * static_cast<double>(panels.size()), 0) + "\"";
  std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" " + size + ">\n";
  out += style;
  out += "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>\n";
  for (std::size_t i = 0; i < panels.size(); ++i)
    if (!seconds.empty())
      out += draw(panels[i], seconds, panel_height * static_cast<double>(i) + above);
  return out + "</svg>\n";
}

}  // namespace agentpool::tools
