#include <algorithm>
#include <array>

#include "agentpool/core/utf8.hpp"
#include "agentpool/sim/trace.hpp"

namespace agentpool::sim {

namespace {

/// Wider columns are not kept straight.
constexpr std::size_t column_width_max = 40;
constexpr std::size_t column_count = 7;

using row = std::array<std::string, column_count>;

bool names(const std::vector<std::string>& ids, const std::string& wanted) {
  return std::find(ids.begin(), ids.end(), wanted) != ids.end();
}

/// Whether it is named so, or is the actor of that id: "run:ID".
bool concerns(const trace_line& line, std::string_view kind, const std::string& wanted) {
  if (wanted.empty() || names(line.values(kind), wanted)) return true;
  for (const auto& actor : {line.from, line.to}) {
    const auto name = split_actor(actor);
    const auto role = name.role == "journal" ? "pool" : name.role;
    if (role == kind && name.id == wanted) return true;
  }
  return false;
}

/// Characters, not bytes.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
  }));
}

row cells(const trace_line& line) {
  return {std::to_string(line.step),
          seconds_text(line.at),
          line.from.empty() ? "-" : printable(line.from),
          line.to.empty() ? "-" : printable(line.to),
          printable(line.message),
          line.cause ? std::to_string(*line.cause) : "-",
          to_text(line.ids)};
}

void append_row(std::string& out, const row& what,
                const std::array<std::size_t, column_count>& widths) {
  std::string line;
  for (std::size_t column = 0; column < column_count; ++column) {
    if (column > 0) line += "  ";
    line += what[column];
    const auto used = width(what[column]);
    if (used < widths[column]) line.append(widths[column] - used, ' ');
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out += line + "\n";
}

}  // namespace

bool trace_filter::allows(const trace_line& line) const {
  if (line.step < after || (before && line.step > *before)) return false;
  const auto like = [](const std::string& text, const std::string& pattern) {
    return pattern.empty() || is_like(text, pattern);
  };
  if (!name.empty() && !line.is_called(name)) return false;
  return like(line.from, from) && like(line.to, to) && concerns(line, "message", message) &&
         concerns(line, "wake", wake) && concerns(line, "run", run) && concerns(line, "pool", pool);
}

trace filtered(const trace& whole, const trace_filter& filter) {
  std::vector<trace_line> kept;
  for (const auto& line : whole.lines())
    if (filter.allows(line)) kept.push_back(line);
  return trace::of(std::move(kept)).value();
}

std::string to_table(const trace& what) {
  const row heading{"step", "at", "from", "to", "message", "cause", "ids"};
  std::array<std::size_t, column_count> widths{};
  const auto widen = [&widths](const row& cells) {
    for (std::size_t column = 0; column < column_count; ++column)
      widths[column] = std::max(widths[column], std::min(width(cells[column]), column_width_max));
  };
  widen(heading);
  for (const auto& line : what.lines()) widen(cells(line));
  std::string out;
  append_row(out, heading, widths);
  for (const auto& line : what.lines()) append_row(out, cells(line), widths);
  return out;
}

}  // namespace agentpool::sim
