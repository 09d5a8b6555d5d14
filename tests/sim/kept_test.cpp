// Scenarios that once found something, in a file that only grows.
#include <fstream>
#include <string>

#include "agentpool/sim/scenario.hpp"
#include "catch.hpp"
#include "environment.hpp"

using namespace agentpool;

TEST_CASE("scenarios that once found something find nothing any more") {
  std::ifstream file{support::source_directory() / "tests/sim/kept_scenarios.jsonl"};
  REQUIRE(file);
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    INFO("line " << lines + 1);
    const auto read = sim::read_scenario(line);
    REQUIRE(read);
    const auto result = sim::run_scenario(*read);
    INFO((result.found ? result.found->check + ": " + result.found->what : ""));
    CHECK_FALSE(result.found);
  }
  CHECK(lines > 0);
}
