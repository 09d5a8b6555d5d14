#include "trace.hpp"

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "agentpool/sim/trace_diff.hpp"
#include "agentpool/sim/trace_export.hpp"
#include "agentpool/sim/trace_spec.hpp"
#include "agentpool/sim/trace_why.hpp"
#include "write_file.hpp"

namespace agentpool::tools {

namespace {

enum exit_code : int { done = 0, not_so = 1, bad_input = 2 };

int complain(int code, const std::string& what) {
  std::cerr << "agentpool: " << what << '\n';
  return code;
}

core::outcome<std::string> read_all(std::istream& in, const std::string& name) {
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (in.bad()) return core::host_configuration_needed("cannot read " + sim::printable(name));
  return text;
}

core::outcome<std::string> read_file(const std::string& path) {
  if (path == "-") return read_all(std::cin, "standard input");
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return core::host_configuration_needed("cannot read " + sim::printable(path) +
                                           ": it is a folder");
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return core::host_configuration_needed("cannot read " + sim::printable(path) + ": " +
                                           std::strerror(errno));
  return read_all(in, path);
}

core::outcome<sim::trace> read_trace(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  const std::string name = path == "-" ? "standard input" : path;
  auto what = sim::read_trace(*text, name);
  if (what && what->torn_line())
    static_cast<void>(complain(done, sim::printable(name) + ":" +
                                         std::to_string(*what->torn_line()) +
                                         ": is cut off, and left out"));
  return what;
}

int show(const trace_request& request, const sim::trace& what) {
  const auto kept = sim::filtered(what, request.filter);
  if (request.json) {
    for (const auto& line : kept.lines()) std::cout << sim::to_json(line) << '\n';
  } else {
    std::cout << sim::to_table(kept);
  }
  return done;
}

int diff(const trace_request& request, const sim::trace& what) {
  const auto other = read_trace(request.other);
  if (!other) return complain(bad_input, other.error().message);
  const auto found = sim::first_divergence(what, *other);
  if (!found) {
    std::cout << "the same: " << what.size() << " messages\n";
    return done;
  }
  std::cout << sim::to_text(*found, what, *other, request.file, request.other);
  return not_so;
}

int check(const trace_request& request, const sim::trace& what) {
  const auto text = read_file(request.other);
  if (!text) return complain(bad_input, text.error().message);
  const auto spec = sim::parse_spec(*text, request.other);
  if (!spec) return complain(bad_input, spec.error().message);
  std::size_t broken = 0;
  for (const auto& statement : *spec) {
    const auto result = statement.holds(what);
    if (!result.ok) ++broken;
    std::cout << sim::printable(request.other) << ':' << statement.line << ": "
              << (result.ok ? "holds   " : "BROKEN  ") << statement.text << "\n    "
              << result.reason << '\n';
  }
  std::cout << spec->size() - broken << " of " << spec->size() << " hold\n";
  return broken == 0 ? done : not_so;
}

int why(const trace_request& request, const sim::trace& what) {
  const auto story = sim::why(what, request.about);
  if (!story) return complain(not_so, story.error().message);
  std::cout << sim::to_text(*story, what, request.most);
  return done;
}

std::string exported(const trace_request& request, const sim::trace& what) {
  if (request.format == "mermaid") return sim::to_mermaid(what);
  if (request.format == "perfetto") return sim::to_perfetto(what);
  if (request.format == "shiviz") return sim::to_shiviz(what);
  const auto name = request.file == "-" ? std::filesystem::path{"standard input"}
                                        : std::filesystem::path{request.file}.filename();
  return sim::to_html(what, "Trace " + name.string());
}

int write_export(const trace_request& request, const sim::trace& what) {
  const auto text = exported(request, sim::filtered(what, request.filter));
  if (request.out.empty()) {
    std::cout << text;
    return done;
  }
  const auto written = write_file(request.out, text);
  return written ? done : complain(bad_input, written.error().message);
}

}  // namespace

int run_trace(const CLI::App& app, const trace_request& request) {
  const auto what = read_trace(request.file);
  if (!what) return complain(bad_input, what.error().message);
  const auto* group = app.get_subcommand("trace");
  if (group->got_subcommand("show")) return show(request, *what);
  if (group->got_subcommand("diff")) return diff(request, *what);
  if (group->got_subcommand("check")) return check(request, *what);
  if (group->got_subcommand("why")) return why(request, *what);
  return write_export(request, *what);
}

}  // namespace agentpool::tools
