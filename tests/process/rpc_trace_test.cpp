#include <algorithm>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "catch.hpp"
#include "rpc_client.hpp"
#include "support/temporary_directory.hpp"

using namespace agentpool;
using namespace agentpool::tests;
using support::ended;
using support::program;
using support::run_to_end;
using support::temporary_directory;

namespace {

ended trace(std::vector<std::string> arguments, const std::string& input = {}) {
  arguments.insert(arguments.begin(), "trace");
  return run_to_end({program().string(), std::move(arguments)}, input);
}

std::string read_file(const std::string& name) {
  std::ifstream file{name, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void enter(rpc_client& client) {
  client.result("open_pool", {{"pool_id", "pool.a"}});
  for (const char* run : {"run.a", "run.b"})
    client.result("join_run", {{"pool_id", "pool.a"}, {"member", member(run)}});
}

json send_of(const std::string& name) {
  return {{"pool_id", "pool.a"}, {"message", message(name, "run.a", "run.b")}};
}

}  // namespace

TEST_CASE("a trace of `agentpool rpc` is shown, explained, checked and exported") {
  const temporary_directory folder;
  const auto file = folder.file("live.jsonl");
  {
    rpc_client client{"memory", {"--trace", file}};
    enter(client);
    for (const char* name : {"1", "2", "3"}) client.result("send", send_of(name));
    client.process().close_input();
    const auto end = client.process().wait();
    CHECK(end.exit_code == 0);
    CHECK(end.errors.empty());
  }
  const auto shown = trace({"show", file, "--message", "message.2"});
  INFO(shown.errors);
  CHECK(shown.exit_code == 0);
  CHECK(shown.errors.empty());
  CHECK(shown.output.find("ask=send_message message=message.2 run=run.a") != std::string::npos);
  const auto told = trace({"why", "message:message.2", file});
  CHECK(told.exit_code == 0);
  CHECK(told.output.find("world -> pool:pool.a pool_asked ask=send_message message=message.2") !=
        std::string::npos);
  const auto spec = folder.file("promises.spec");
  std::ofstream{spec} << "exactly 3 send_message\n"
                         "in_order send_message where message=message.1, append_records, "
                         "records_appended, send_message where message=message.2\n"
                         "always append_records where number=$n followed_by "
                         "records_appended where number=$n\n"
                         "never send_message where from!=world\n";
  const auto checked = trace({"check", file, spec});
  INFO(checked.output);
  CHECK(checked.exit_code == 0);
  for (const char* format : {"html", "perfetto", "shiviz", "mermaid"}) {
    const auto exported = trace({"export", file, "--format", format});
    CHECK(exported.exit_code == 0);
    CHECK(exported.output.find("pool:pool.a") != std::string::npos);
  }
}

TEST_CASE("killed in the middle, `agentpool rpc` leaves a trace that can be read") {
  const temporary_directory folder;
  const auto file = folder.file("live.jsonl");
  rpc_client client{"memory", {"--trace", file}};
  enter(client);
  // Until something was written; then with more on its way.
  const auto written = [&] { return read_file(file).find("send_message") != std::string::npos; };
  for (int i = 0; i < 100'000 && !written(); ++i) client.result("send", send_of(std::to_string(i)));
  REQUIRE(written());
  for (int i = 0; i < 200; ++i) client.send("send", send_of("late." + std::to_string(i)));
  CHECK(client.process().kill().signal == SIGKILL);
  const auto shown = trace({"show", file, "--name", "send_message"});
  INFO(shown.errors);
  CHECK(shown.exit_code == 0);
  CHECK(shown.output.find("message=message.0") != std::string::npos);
  // As it would be, had the kernel taken half of a write.
  auto text = read_file(file);
  text.resize(text.rfind('\n') + 1);
  const auto torn = trace({"show", "-", "--json"}, text.substr(0, text.size() - 7));
  CHECK(torn.exit_code == 0);
  const auto lines = std::count(text.begin(), text.end(), '\n');
  CHECK(torn.errors ==
        "agentpool: standard input:" + std::to_string(lines) + ": is cut off, and left out\n");
  CHECK(std::count(torn.output.begin(), torn.output.end(), '\n') == lines - 2);
}

TEST_CASE("a trace that cannot be opened is told at once, one that cannot be written when it is") {
  const temporary_directory folder;
  const auto missing =
      run_to_end({program().string(),
                  {"rpc", "--store", "memory", "--trace", folder.file("none/live.jsonl")}});
  CHECK(missing.exit_code == 1);
  CHECK(missing.errors.starts_with("agentpool: cannot open the trace "));
  rpc_client client{"memory", {"--trace", "/dev/full"}};
  enter(client);
  client.result("send", send_of("1"));
  client.process().close_input();
  const auto end = client.process().wait();
  CHECK(end.exit_code == 0);
  CHECK(end.errors ==
        "agentpool: cannot write the trace /dev/full: No space left on device; it ends here\n");
}

TEST_CASE("`agentpool soak` and a survey are traced too") {
  const temporary_directory folder;
  const auto file = folder.file("live.jsonl");
  const auto soaked =
      run_to_end({program().string(), {"soak", "--for", "0.2", "--runs", "4", "--trace", file}});
  INFO(soaked.errors);
  CHECK(soaked.exit_code == 0);
  const auto handed = trace({"show", file, "--to", "run:*", "--name", "entries_handed"});
  CHECK(handed.exit_code == 0);
  CHECK(handed.output.find("run:run.soak.3") != std::string::npos);
  const temporary_directory tree;
  std::ofstream{tree.file("words.txt")} << "some words\n";
  const auto surveyed = run_to_end({program().string(),
                                    {"run", "survey", tree.path().string(), "--store",
                                     "sqlite:" + folder.file("s.sqlite"), "--trace", file}});
  INFO(surveyed.errors);
  CHECK(surveyed.exit_code == 0);
  const auto left = trace({"show", file, "--name", "run_gone"});
  CHECK(left.exit_code == 0);
  CHECK(left.output.find("run=run.") != std::string::npos);
}
