#include "simulation_report.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "agentpool/core/json_tree.hpp"

namespace agentpool::tools {

namespace {

std::string text_of(const sim::violation& found) {
  return found.check + ": " + found.what + " (step " + std::to_string(found.step) + ", after " +
         std::to_string(found.at.count() / 1000) + " ms)";
}

/// A table: what was recorded, and after which faults, in how many seeds.
std::string coverage_table(const simulation_report& report) {
  std::string text;
  char cell[32];
  std::snprintf(cell, sizeof cell, "%-20s", "recorded / fault");
  text += cell;
  const auto& names = sim::fault_names();
  for (const auto& [kind, seeds] : report.faults) text += " " + std::string{names[kind]};
  text += '\n';
  for (const auto& [what, seeds] : report.transitions) {
    std::snprintf(cell, sizeof cell, "%-20s", what.c_str());
    text += cell;
    for (const auto& [kind, met] : report.faults) {
      const auto found = report.covered.find({what, kind});
      const auto count = found == report.covered.end() ? 0 : found->second;
      std::snprintf(cell, sizeof cell, " %*llu", static_cast<int>(names[kind].size()),
                    static_cast<unsigned long long>(count));
      text += cell;
    }
    text += '\n';
  }
  return text;
}

std::string rate(std::uint64_t count, double seconds) {
  return std::to_string(
      seconds > 0 ? static_cast<std::uint64_t>(static_cast<double>(count) / seconds) : 0);
}

std::string member(std::string_view name, const std::string& text) {
  std::string out = "\"" + std::string{name} + "\":";
  core::write_json_string(out, text);
  return out;
}

std::string xml(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += letter;
    }
  }
  return out;
}

}  // namespace

void simulation_report::add(const sim::scenario_result& result) {
  ++seeds;
  steps += result.steps;
  elapsed += result.elapsed;
  for (const auto& what : result.transitions) ++transitions[what];
  for (const auto& pair : result.covered) ++covered[pair];
  for (const auto kind : result.faults_met) ++faults[kind];
}

void simulation_report::add(const sim::explored& tried) {
  ++seeds;
  steps += tried.steps;
  schedules += tried.schedules;
  if (!tried.complete) ++incomplete;
}

std::string as_text(const simulation_report& report) {
  std::string text = std::to_string(report.seeds) + " seeds, " + std::to_string(report.steps) +
                     " steps, " + std::to_string(report.elapsed.count() / 1'000'000) +
                     " s of virtual time; " + rate(report.steps, report.seconds) + " steps/s, " +
                     rate(report.seeds * 60, report.seconds) + " seeds/min\n";
  if (report.schedules > 0)
    text += std::to_string(report.schedules) + " orders; of " + std::to_string(report.incomplete) +
            " seeds not all within the bounds\n";
  if (!report.faults.empty()) {
    text += "\n" + coverage_table(report);
    text += std::to_string(report.covered.size()) + " of " + std::to_string(report.pairs()) +
            " pairs of a status and a fault\n";
  }
  for (const auto& each : report.failed)
    text += "\nseed " + std::to_string(each.seed) + " (" + each.what.workload + ") violates " +
            text_of(each.found) + "\n";
  if (report.smallest)
    text += "\nshrunk in " + std::to_string(report.smallest->tried) + " tries to " +
            std::to_string(report.smallest->steps) + " steps:\n" +
            sim::to_json(report.smallest->smallest) + "\n";
  return text;
}

std::string as_json(const simulation_report& report) {
  std::string text =
      "{\"seeds\":" + std::to_string(report.seeds) + ",\"steps\":" + std::to_string(report.steps) +
      ",\"milliseconds\":" + std::to_string(static_cast<std::uint64_t>(report.seconds * 1000)) +
      ",\"schedules\":" + std::to_string(report.schedules) +
      ",\"incomplete\":" + std::to_string(report.incomplete) +
      ",\"pairs\":" + std::to_string(report.pairs()) +
      ",\"pairs_covered\":" + std::to_string(report.covered.size()) + ",\"coverage\":[";
  const char* comma = "";
  for (const auto& [pair, count] : report.covered) {
    text += comma + std::string{"{"} + member("recorded", pair.first) + "," +
            member("fault", std::string{sim::fault_names()[pair.second]}) +
            ",\"seeds\":" + std::to_string(count) + "}";
    comma = ",";
  }
  text += "],\"failed\":[";
  comma = "";
  for (const auto& each : report.failed) {
    text += comma + std::string{"{\"seed\":"} + std::to_string(each.seed) + "," +
            member("check", each.found.check) + "," + member("what", each.found.what) +
            ",\"step\":" + std::to_string(each.found.step) +
            ",\"scenario\":" + sim::to_json(each.what) + "}";
    comma = ",";
  }
  text += "]";
  if (report.smallest) text += ",\"smallest\":" + sim::to_json(report.smallest->smallest);
  return text + "}\n";
}

std::string as_junit(const simulation_report& report) {
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"agentpool sim\""
      " tests=\"" +
      std::to_string(report.seeds) + "\" failures=\"" + std::to_string(report.failed.size()) +
      "\">\n";
  const auto well = report.seeds - std::min<std::uint64_t>(report.seeds, report.failed.size());
  text += "  <testcase classname=\"sim\" name=\"" + std::to_string(well) + " seeds\"/>\n";
  for (const auto& each : report.failed)
    text += "  <testcase classname=\"sim." + xml(each.what.workload) + "\" name=\"seed " +
            std::to_string(each.seed) + "\">\n    <failure message=\"" + xml(text_of(each.found)) +
            "\">" + xml(sim::to_json(each.what)) + "</failure>\n  </testcase>\n";
  return text + "</testsuite>\n";
}

}  // namespace agentpool::tools
