// How `agentpool trace` is spelled.
#include <CLI/CLI.hpp>

#include "trace.hpp"

namespace agentpool::tools {

namespace {

void add_filter(CLI::App& command, sim::trace_filter& filter) {
  command.add_option("--run", filter.run, "Only what names this run, goes to it or comes from it");
  command.add_option("--pool", filter.pool, "The same for a pool");
  command.add_option("--message", filter.message, "Only what names the message with this id");
  command.add_option("--wake", filter.wake, "Only what names this wake condition");
  command.add_option("--name", filter.name, "Only messages of this name; * stands for any text");
  command.add_option("--from", filter.from, "Only what this actor sent; * stands for any text");
  command.add_option("--to", filter.to, "Only what this actor handled; * stands for any text");
  command.add_option("--after", filter.after, "Only from this step on");
  command.add_option("--before", filter.before, "Only up to this step");
}

void add_file(CLI::App& command, trace_request& request) {
  command
      .add_option("FILE", request.file, "The trace, one JSON object a line; - for standard input")
      ->required();
}

void add_show(CLI::App& group, trace_request& request) {
  auto* command = group.add_subcommand("show", "Show the messages as a table");
  add_file(*command, request);
  add_filter(*command, request.filter);
  command->add_flag("--json", request.json, "As lines of JSON: a trace again");
  command->footer(
      "Example:\n"
      "  agentpool trace show world.jsonl --run run.a --name '*_handed'");
}

void add_diff(CLI::App& group, trace_request& request) {
  auto* command = group.add_subcommand("diff", "Where two traces part first, by cause");
  command->add_option("A", request.file, "A trace")->required();
  command->add_option("B", request.other, "Another one")->required();
  command->footer(
      "Times, step numbers and the order of steps that do not depend on each other do not count.\n"
      "Exit codes: 0 the same, 1 different, 2 bad input.");
}

void add_check(CLI::App& group, trace_request& request) {
  auto* command = group.add_subcommand("check", "Check a trace against a specification");
  add_file(*command, request);
  command->add_option("SPEC", request.other, "One statement a line (docs/traces.md)")->required();
  command->footer(
      "Example of a specification:\n"
      "  exactly 2 send_message where run=run.a\n"
      "  always suspend_until where wake=$w followed_by wake_handed where wake=$w\n"
      "  within 50ms append_records where number=$n -> records_appended where number=$n\n"
      "Exit codes: 0 all of it holds, 1 something does not, 2 bad input.");
}

void add_why(CLI::App& group, trace_request& request) {
  auto* command = group.add_subcommand("why", "What led to the last thing that happened to it");
  command->add_option("RUN|MESSAGE|WAKE", request.about, "Its id, or run:ID, message:ID, wake:ID")
      ->required();
  add_file(*command, request);
  command->add_option("--most", request.most, "Steps told at most (default: 40)")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}));
  command->footer("Exit codes: 0 told, 1 the trace does not name it, 2 bad input.");
}

void add_export(CLI::App& group, trace_request& request) {
  auto* command = group.add_subcommand("export", "Write the trace for another program");
  add_file(*command, request);
  command->add_option("--format", request.format, "mermaid, perfetto, shiviz or html")
      ->required()
      ->check(CLI::IsMember({"mermaid", "perfetto", "shiviz", "html"}));
  command->add_option("-o,--out", request.out, "To this file (default: standard output)");
  add_filter(*command, request.filter);
  command->footer(
      "html is one page that needs no network; perfetto is for https://ui.perfetto.dev.\n"
      "Example:\n"
      "  agentpool trace export world.jsonl --format html -o world.html");
}

}  // namespace

void add_trace(CLI::App& app, trace_request& request) {
  auto* group = app.add_subcommand("trace", "Look at recorded messages of the engine's actors");
  group->require_subcommand(1);
  add_show(*group, request);
  add_diff(*group, request);
  add_check(*group, request);
  add_why(*group, request);
  add_export(*group, request);
}

}  // namespace agentpool::tools
