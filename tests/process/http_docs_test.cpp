#include <fstream>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"
#include "support/web_client.hpp"

using namespace agentpool;

namespace {

/// Where the page says that the server listens.
const std::string documented_url = "http://127.0.0.1:7070";

/// A command of the page and what it says that the command prints.
struct example {
  std::string command;
  std::string output;
};

/// The commands of all blocks "```console", in their order: "$ " begins one, "> " goes on with it,
/// what follows is printed.
std::vector<example> examples_of(std::istream& page) {
  std::vector<example> all;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("```")) {
      inside = line == "```console";
    } else if (inside && line.starts_with("$ ")) {
      all.push_back({line.substr(2), {}});
    } else if (inside && line.starts_with("> ") && all.back().output.empty()) {
      all.back().command += "\n" + line.substr(2);
    } else if (inside) {
      all.back().output += line + "\n";
    }
  }
  return all;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

/// What differs from run to run stands as what it is: tokens, and moments.
std::string without_chance(const std::string& text) {
  static const std::regex token{"[0-9a-f]{64}"};
  static const std::regex time{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"};
  static const std::regex millis{R"re("timestamp_millis":\d+)re"};
  auto plain = std::regex_replace(text, token, "TOKEN");
  plain = std::regex_replace(plain, time, "TIME");
  return std::regex_replace(plain, millis, "\"timestamp_millis\":MILLIS");
}

/// One shell that all commands are given to, in a folder of its own.
class shell {
 public:
  shell()
      : process_{{.program = "/bin/bash",
                  .arguments = {"--noprofile", "--norc"},
                  .directory = folder_.path().string()}} {
    process_.write("exec 2>&1\nagentpool() { '" + support::program().string() + "' \"$@\"; }\n");
  }

  /// What it prints.
  std::string run(const std::string& command) {
    const std::string end = "-- that was all --";
    process_.write(command + "\nprintf '\\n%s\\n' '" + end + "'\n");
    std::string printed;
    for (auto line = process_.line(); line && *line != end; line = process_.line())
      printed += *line + "\n";
    // The newline before the last line is ours, unless the command left a line unfinished.
    if (printed.ends_with("\n\n") || printed == "\n") printed.pop_back();
    return printed;
  }

  [[nodiscard]] std::string path() const { return folder_.path().string(); }

 private:
  support::temporary_directory folder_;
  support::process process_;
};

/// The server that a command of the page starts, on a free port.
std::unique_ptr<support::web_server> started(const std::string& command, const std::string& at) {
  std::istringstream words{command};
  std::vector<std::string> options;
  std::string word;
  words >> word >> word;  // agentpool serve
  while (words >> word) {
    if (word == "&") continue;
    if (word == "--listen") {
      words >> word;
      continue;
    }
    std::string named = at;
    named.append("/").append(word);
    options.push_back(word == "tokens.jsonl" ? named : word);
  }
  return std::make_unique<support::web_server>(options);
}

}  // namespace

TEST_CASE("every example of docs/http.md prints what the page says") {
  if (support::run_to_end({.program = "/bin/sh", .arguments = {"-c", "command -v curl"}})
          .exit_code != 0)
    return support::skip("no curl here, which the examples need");
  std::ifstream page{support::source_directory() / "docs/http.md"};
  REQUIRE(page);
  const auto examples = examples_of(page);
  REQUIRE(examples.size() > 20);
  shell at;
  std::unique_ptr<support::web_server> server;
  for (const auto& one : examples) {
    INFO(one.command);
    if (one.command.starts_with("agentpool serve ")) {
      server = started(one.command, at.path());
      CHECK(one.output == "listening on " + documented_url + "\n");
      continue;
    }
    const auto url = server ? server->url() : documented_url;
    const auto printed = at.run(replaced(one.command, documented_url, url));
    CHECK(without_chance(replaced(printed, url, documented_url)) == without_chance(one.output));
  }
  REQUIRE(server);
  CHECK(server->stop().exit_code == 0);
}
