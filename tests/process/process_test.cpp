#include "support/process.hpp"

#include <csignal>
#include <string>

#include "support/catch.hpp"

using agentpool::support::command_line;
using agentpool::support::process;
using agentpool::support::run_to_end;
using std::chrono::milliseconds;

namespace {

command_line shell(const std::string& script) { return {"/bin/sh", {"-c", script}}; }

}  // namespace

TEST_CASE("a program's output, errors and exit code are told apart") {
  const auto end = run_to_end(shell("cat; echo bad >&2; exit 3"), "some\ninput");
  CHECK(end.output == "some\ninput");
  CHECK(end.errors == "bad\n");
  CHECK(end.exit_code == 3);
  CHECK(end.signal == 0);
}

TEST_CASE("lines come as the program writes them, an unfinished one at its end") {
  process echo{shell("read a; echo one $a; read b; echo two $b >&2; printf three")};
  CHECK(echo.write("x\n"));
  CHECK(echo.line() == "one x");
  CHECK(echo.write("y\n"));
  CHECK(echo.error_line() == "two y");
  CHECK(echo.line() == "three");
  CHECK(echo.line() == std::nullopt);
  CHECK(echo.wait().exit_code == 0);
}

TEST_CASE("a program that writes much at both ends does not block") {
  const std::string much(1 << 20, 'x');
  const auto end = run_to_end(shell("tee /dev/stderr"), much);
  CHECK(end.output == much);
  CHECK(end.errors == much);
}

TEST_CASE("a killed program tells the signal, one that waits does not end by itself") {
  process waits{shell("echo ready; read forever")};
  CHECK(waits.line() == "ready");
  CHECK(!waits.ended_within(milliseconds{20}));
  CHECK_THROWS(waits.line(milliseconds{20}));
  const auto end = waits.kill();
  CHECK(end.signal == SIGKILL);
  CHECK(end.exit_code == -1);
}

TEST_CASE("writing to a program that has ended fails and does not end the test") {
  process gone{shell("exit 0")};
  CHECK(gone.wait().exit_code == 0);
  CHECK(!gone.write("anyone?\n"));
}

TEST_CASE("a program gets its environment and folder; one that is not there ends with 127") {
  command_line what = shell("echo $COLOUR; pwd");
  what.environment["COLOUR"] = "blue";
  what.directory = "/";
  CHECK(run_to_end(what).output == "blue\n/\n");
  CHECK(run_to_end({"/no/such/program"}).exit_code == 127);
}
