#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "process/survey_tree.hpp"
#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool::test;
using agentpool::support::command_line;
using agentpool::support::ended;
using agentpool::support::process;
using agentpool::support::run_to_end;
using agentpool::support::temporary_directory;
using std::chrono::milliseconds;
namespace fs = std::filesystem;

namespace {

/// A tree and a store of a test's own.
struct scene {
  temporary_directory tree;
  temporary_directory kept;
  std::string store = "sqlite:" + kept.file("s.db");

  [[nodiscard]] command_line survey(const std::vector<std::string>& more = {}) const {
    command_line what{agentpool::support::program().string(),
                      {"run", "survey", tree.path().string(), "--store", store}};
    what.arguments.insert(what.arguments.end(), more.begin(), more.end());
    return what;
  }
  [[nodiscard]] nlohmann::json report(const std::string& runs = "3") const {
    const auto end = run_to_end(survey({"--runs", runs, "--json"}));
    INFO(end.errors);
    REQUIRE(end.exit_code == 0);
    return nlohmann::json::parse(end.output);
  }
  [[nodiscard]] std::uint64_t log_length() const {
    const auto end = run_to_end(
        {agentpool::support::program().string(), {"inspect", "--store", store, "--json"}});
    REQUIRE(end.exit_code == 0);
    return nlohmann::json::parse(end.output)["pools"][0]["cursor"]["sequence"];
  }
};

/// The last line that the program wrote to its standard errors.
std::string complaint(const ended& end) {
  auto text = end.errors;
  if (text.ends_with('\n')) text.pop_back();
  return text.substr(text.rfind('\n') + 1);
}

command_line agentpool_with(const std::vector<std::string>& arguments) {
  return {agentpool::support::program().string(), arguments};
}

/// The same, for root to start as a user who owns nothing.
command_line by_nobody(command_line what) {
  what.arguments.insert(what.arguments.begin(),
                        {"--reuid=65534", "--regid=65534", "--clear-groups", "--", what.program});
  what.program = "/usr/bin/setpriv";
  return what;
}

/// The same, where no file may grow beyond `kilobytes`.
command_line where_files_stay_below(int kilobytes, command_line what) {
  const auto script =
      "trap '' XFSZ; ulimit -f " + std::to_string(kilobytes * 2) + "; exec \"$0\" \"$@\"";
  what.arguments.insert(what.arguments.begin(), {"-c", script, what.program});
  what.program = "/bin/sh";
  return what;
}

}  // namespace

TEST_CASE("a survey counts what an independent count finds") {
  const scene here;
  plant(here.tree.path(), 5, 150);
  const recount expected{here.tree.path()};
  const auto report = here.report();
  CHECK(report["files"] == expected.files);
  CHECK(report["lines"] == expected.lines);
  CHECK(report["words"] == expected.words);
  CHECK(report["bytes"] == expected.bytes);
  CHECK(report["complete"] == true);
  CHECK(report["unreadable_files"] == 0);
  REQUIRE(report["longest_lines"].size() == 10);
  for (std::size_t i = 0; i < 10; ++i)
    CHECK(report["longest_lines"][i]["bytes"] == expected.longest[i].first);
  const auto frequent = expected.frequent();
  REQUIRE(report["identifiers"].size() == frequent.size());
  for (std::size_t i = 0; i < frequent.size(); ++i) {
    CHECK(report["identifiers"][i]["name"] == frequent[i].second);
    CHECK(report["identifiers"][i]["count"] == frequent[i].first);
  }
  const std::uint64_t batches = report["batches"];
  CHECK(report["messages"] == 2 * batches + 2);
  CHECK(report["wakes"] == 2 * batches + 3);
}

TEST_CASE("hidden files and strange names count; links, pipes and empty folders don't") {
  const scene here;
  const auto& top = here.tree.path();
  put(top / ".hidden/.file", "one\n");
  put(top / "line\nbreak", "a longer line\n");
  put(top /
          "not\xff"
          "utf-8\xc3",
      "two words\n");
  put(top / "binary", std::string("\0\1\2 \n\xff", 6));
  put(top / "nothing", "");
  fs::create_directories(top / "empty/folder");
  fs::create_symlink("nothing", top / "link");
  fs::create_symlink("/no/such/file", top / "broken");
  fs::create_directory_symlink("..", top / "loop");
  REQUIRE(mkfifo((top / "pipe").c_str(), 0600) == 0);
  const auto report = here.report();
  CHECK(report["files"] == 5);
  CHECK(report["lines"] == 4);
  CHECK(report["words"] == 8);
  CHECK(report["bytes"] == 34);
  CHECK(report["binary_files"] == 1);
  CHECK(report["longest_lines"][0]["path"] == "line\\x0abreak");
  CHECK(report["longest_lines"][1]["path"] == "not\\xffutf-8\\xc3");
}

TEST_CASE("an empty folder has a report of zeros") {
  const scene here;
  const auto report = here.report();
  CHECK(report["complete"] == true);
  CHECK(report["files"] == 0);
  CHECK(report["longest_lines"].empty());
  CHECK(report["messages"] == 2);
}

TEST_CASE("a store below the surveyed folder is left out with all that belongs to it") {
  const scene here;
  put(here.tree.path() / "a", "x\n");
  put(here.tree.path() / "s.db.txt", "y\n");
  auto what = agentpool_with({"run", "survey", ".", "--store", "sqlite:s.db", "--json"});
  what.directory = here.tree.path().string();
  for (int time = 0; time < 2; ++time) {
    const auto end = run_to_end(what);
    REQUIRE(end.exit_code == 0);
    CHECK(nlohmann::json::parse(end.output)["files"] == 2);
  }
  CHECK(fs::exists(here.tree.path() / "s.db.survey/report"));
}

TEST_CASE("a file that cannot be read is told and ends nothing") {
  const scene here;
  put(here.tree.path() / "open", "x\n");
  put(here.tree.path() / "closed", "y\n");
  put(here.tree.path() / "locked/inside", "z\n");
  chmod((here.tree.path() / "closed").c_str(), 0);
  chmod((here.tree.path() / "locked").c_str(), 0);
  auto what = here.survey({"--json"});
  if (geteuid() == 0) {
    // Root reads everything: somebody else looks.
    for (const auto& path : {here.tree.path(), here.kept.path()})
      fs::permissions(path, fs::perms::all);
    if (run_to_end(by_nobody(agentpool_with({"--version"}))).exit_code != 0)
      return agentpool::support::skip("nobody but root may run the program here");
    what = by_nobody(what);
  }
  const auto end = run_to_end(what);
  INFO(end.errors);
  REQUIRE(end.exit_code == 0);
  const auto report = nlohmann::json::parse(end.output);
  CHECK(report["files"] == 1);
  CHECK(report["unreadable_files"] == 1);
  CHECK(report["unreadable"].dump() == R"([{"path":"closed","why":"Permission denied"},)"
                                       R"({"path":"locked/","why":"Permission denied"}])");
  chmod((here.tree.path() / "locked").c_str(), 0700);
}

TEST_CASE("killed again and again a survey ends with the report of an undisturbed one") {
  const scene undisturbed;
  plant(undisturbed.tree.path(), 11, 240);
  const auto expected = undisturbed.report("4").dump();
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 chance{seed};
  for (int round = 0; round < 3; ++round) {
    scene here;
    // The same tree, so that the same report is due to the byte.
    const auto store = here.kept.file("s.db");
    auto what = undisturbed.survey({"--runs", "4", "--json"});
    what.arguments[4] = "sqlite:" + store;
    int kills = 0;
    std::string printed;
    for (; kills < 20; ++kills) {
      process running{what};
      auto end = running.ended_within(milliseconds{chance() % 120});
      if (!end) end = running.kill();
      if (end->signal == SIGKILL) continue;
      // It came to its end, perhaps right before it would have been killed.
      REQUIRE(end->exit_code == 0);
      printed = end->output;
      break;
    }
    const auto last = run_to_end(what);
    INFO(kills << " kills, " << last.errors);
    REQUIRE(last.exit_code == 0);
    CHECK(nlohmann::json::parse(last.output).dump() == expected);
    if (!printed.empty()) CHECK(printed == last.output);
  }
}

TEST_CASE("started again after its end a survey repeats its report and adds nothing to the log") {
  const scene here;
  plant(here.tree.path(), 3, 40);
  const auto first = run_to_end(here.survey());
  const auto length = here.log_length();
  put(here.tree.path() / "later", "not in the list\n");
  const auto second = run_to_end(here.survey({"--runs", "7"}));
  CHECK(first.exit_code == 0);
  CHECK(second.exit_code == 0);
  CHECK(second.output == first.output);
  CHECK(first.output.find("\nit took ") != std::string::npos);
  CHECK(here.log_length() == length);
}

TEST_CASE("asked to end by a signal a survey ends with 128 and its number, and goes on later") {
  for (const int signal : {SIGINT, SIGTERM}) {
    const scene here;
    plant(here.tree.path(), 9, 60);
    put_endless(here.tree.path() / "endless");
    process running{here.survey({"--runs", "2"})};
    REQUIRE(running.error_line());
    running.send_signal(signal);
    const auto end = running.wait();
    CHECK(end.exit_code == 128 + signal);
    CHECK(end.output.empty());
    fs::resize_file(here.tree.path() / "endless", 0);
    const recount expected{here.tree.path()};
    const auto report = here.report("2");
    CHECK(report["files"] == expected.files);
    CHECK(report["words"] == expected.words);
  }
}

TEST_CASE("a survey whose time is over reports what was answered, and goes on later") {
  const scene here;
  plant(here.tree.path(), 9, 30);
  put_endless(here.tree.path() / "endless");
  const auto end = run_to_end(here.survey({"--timeout", "1", "--json"}));
  CHECK(end.exit_code == 1);
  CHECK(complaint(end).find("start it again to go on") != std::string::npos);
  CHECK(nlohmann::json::parse(end.output)["complete"] == false);
  fs::resize_file(here.tree.path() / "endless", 3);
  const auto report = here.report();
  CHECK(report["complete"] == true);
  CHECK(report["files"] == 31);
}

TEST_CASE("of two surveys at once on one store the second is refused in one line") {
  const scene here;
  put_endless(here.tree.path() / "endless");
  process first{here.survey()};
  REQUIRE(first.error_line());
  const auto second = run_to_end(here.survey());
  CHECK(second.exit_code == 1);
  CHECK(second.errors.find("agentpool: another survey is at work on ") == 0);
  CHECK(std::count(second.errors.begin(), second.errors.end(), '\n') == 1);
  first.kill();
}

TEST_CASE("a survey may go on with another number of runs") {
  const scene here;
  plant(here.tree.path(), 21, 80);
  const recount expected{here.tree.path()};
  for (const auto* runs : {"5", "2", "9"}) {
    process running{here.survey({"--runs", runs})};
    if (!running.ended_within(milliseconds{60})) running.kill();
  }
  const auto report = here.report("3");
  CHECK(report["files"] == expected.files);
  CHECK(report["words"] == expected.words);
}

TEST_CASE("a survey that cannot write any more says so in one line, and goes on when it can") {
  const scene here;
  plant(here.tree.path(), 5, 150);
  const recount expected{here.tree.path()};
  const auto end = run_to_end(where_files_stay_below(125, here.survey()));
  CHECK(end.exit_code == 1);
  CHECK(complaint(end).find("agentpool: pool pool.survey, sequence ") == 0);
  CHECK(end.errors.find("[warning]") == std::string::npos);
  CHECK(here.report()["words"] == expected.words);
}

TEST_CASE("a log level shows what the engine saw beside the line that says why it ended") {
  const scene here;
  plant(here.tree.path(), 5, 150);
  auto survey = here.survey();
  survey.arguments.insert(survey.arguments.begin(), {"--log", "warn"});
  const auto end = run_to_end(where_files_stay_below(125, std::move(survey)));
  CHECK(end.exit_code == 1);
  CHECK(end.errors.find("[warning] append failed: JournalFailure/Retryable") != std::string::npos);
  CHECK(complaint(end).find("agentpool: pool pool.survey, sequence ") == 0);
}

TEST_CASE("another folder on a survey's store is refused") {
  const scene here;
  put(here.tree.path() / "a/file", "x\n");
  put(here.tree.path() / "b/file", "y\n");
  const auto survey = [&](const std::string& folder) {
    return run_to_end(
        agentpool_with({"run", "survey", here.tree.file(folder), "--store", here.store}));
  };
  CHECK(survey("a").exit_code == 0);
  const auto refused = survey("b");
  CHECK(refused.exit_code == 1);
  CHECK(complaint(refused).find("agentpool: this store holds the survey of ") == 0);
  CHECK(survey("./a/").exit_code == 0);
}

TEST_CASE("wrong usage of run survey ends with 2, work that cannot be done with 1") {
  const scene here;
  const auto code = [&](const std::vector<std::string>& more) {
    auto arguments = std::vector<std::string>{"run", "survey"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const auto end = run_to_end(agentpool_with(arguments));
    CHECK(std::count(end.errors.begin(), end.errors.end(), '\n') == 1);
    CHECK(end.output.empty());
    return end.exit_code;
  };
  const auto top = here.tree.path().string();
  for (const auto* runs : {"0", "1001", "-1", "two", ""})
    CHECK(code({top, "--store", here.store, "--runs", runs}) == 2);
  CHECK(code({top, "--store", here.store, "--timeout", "0"}) == 2);
  CHECK(code({top}) == 2);
  CHECK(code({"--store", here.store}) == 2);
  CHECK(code({here.tree.file("missing"), "--store", here.store}) == 1);
  CHECK(!fs::exists(here.kept.file("s.db")));
  CHECK(code({top, "--store", "memory"}) == 1);
  CHECK(code({top, "--store", "sqlite:" + here.kept.file("no/folder/s.db")}) == 1);
}
