#include "survey_report.hpp"

#include "agentpool/core/json_fields.hpp"
#include "survey_lead.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t number_width = 15;

std::string right(std::string text) {
  if (text.size() < number_width) text.insert(0, number_width - text.size(), ' ');
  return text;
}

std::string row(const std::string& name, std::uint64_t count, const std::string& more = {}) {
  return "  " + name + std::string(12 - name.size(), ' ') + right(with_commas(count)) + more + "\n";
}

}  // namespace

survey_report report_of(const survey_plan& plan, const tally& counts, const survey_costs& costs) {
  survey_report report;
  report.directory = shown(plan.directory);
  report.files = counts.files;
  report.lines = counts.lines;
  report.words = counts.words;
  report.bytes = counts.bytes;
  report.binary_files = counts.binary_files;
  report.unreadable_files = counts.unreadable;
  report.complete = counts.files + counts.unreadable == plan.files.size();
  for (const auto& one : counts.unread_files) report.unreadable.push_back({one.path, one.why});
  for (const auto& one : plan.folders) report.unreadable.push_back({one.path + "/", one.why});
  for (const auto& line : counts.longest)
    report.longest_lines.push_back({line.path, line.number, line.bytes});
  const auto kept = for_report(counts).identifiers;
  for (const auto& [name, count] : most_frequent(kept, kept.size()))
    report.identifiers.push_back({name, count});
  report.batches = batch_bounds(plan).size() - 1;
  report.messages = costs.messages;
  report.wakes = costs.wakes;
  report.commits = costs.commits;
  return report;
}

std::string as_json(const survey_report& report) {
  std::string text;
  core::json_writer::write_value(text, report);
  return text += '\n';
}

std::string as_table(const survey_report& report) {
  std::string text = "survey of " + report.directory + "\n";
  if (!report.complete) text += "not complete: only what was answered in time\n";
  text += "\n" + row("files", report.files,
                     report.binary_files == 0
                         ? ""
                         : "  (" + with_commas(report.binary_files) + " of them binary)");
  text += row("lines", report.lines) + row("words", report.words) + row("bytes", report.bytes);
  if (report.unreadable_files > 0) text += row("unreadable", report.unreadable_files);
  for (const auto& one : report.unreadable)
    text += right("") + "  " + one.path + ": " + one.why + "\n";
  if (!report.longest_lines.empty()) text += "\nlongest lines (bytes)\n";
  for (const auto& line : report.longest_lines)
    text +=
        right(with_commas(line.bytes)) + "  " + line.path + ":" + std::to_string(line.line) + "\n";
  if (!report.identifiers.empty()) text += "\nmost frequent identifiers\n";
  for (const auto& one : report.identifiers)
    text += right(with_commas(one.count)) + "  " + one.name + "\n";
  return text + "\nit took " + counted(report.messages, "message") + ", " +
         counted(report.wakes, "wake") + " and " + counted(report.commits, "commit") + " for " +
         counted(report.batches, "batch") + "\n";
}

std::string counted(std::uint64_t count, const std::string& one) {
  return with_commas(count) + " " + one + (count == 1 ? "" : one == "batch" ? "es" : "s");
}

std::string with_commas(std::uint64_t number) {
  auto digits = std::to_string(number);
  for (auto at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace agentpool::tools
