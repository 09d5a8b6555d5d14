#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"

using namespace agentpool::support;

namespace {

ended sim(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "sim");
  return run_to_end({program().string(), std::move(arguments)});
}

}  // namespace

TEST_CASE("sim runs seeds, says how many, and a seed gives the same again") {
  const auto once = sim({"chat", "--seeds", "1..20", "--json"});
  REQUIRE(once.exit_code == 0);
  auto told = nlohmann::json::parse(once.output);
  CHECK(told["seeds"] == 20);
  CHECK(told["steps"] > 1'000);
  const auto again = nlohmann::json::parse(sim({"chat", "--seeds", "1..20", "--json"}).output);
  CHECK(again["steps"] == told["steps"]);
}

TEST_CASE("sim says in one line what cannot be simulated, and where") {
  const std::vector<std::pair<std::vector<std::string>, std::string>> wrong{
      {{"nope"}, "no such workload"},
      {{"chat", "--seeds", "5..1"}, "--seeds"},
      {{"chat", "--faults", R"({"faults":[{"type":"fail_append","append":0}]})"},
       "faults[0].append"},
      {{"chat", "--faults", "/nowhere/plan.json"}, "/nowhere/plan.json"},
      {{"--scenario", "/nowhere/scenario.json"}, "/nowhere/scenario.json"}};
  for (const auto& [arguments, place] : wrong) {
    INFO(place);
    const auto end = sim(arguments);
    CHECK(end.exit_code == 2);
    CHECK(end.errors.find(place) != std::string::npos);
    CHECK(end.errors.find('\n') == end.errors.size() - 1);
  }
}

TEST_CASE("sim tries every order of a small scenario, and says whether none is left") {
  const std::vector<std::string> small{
      "fan",       "--runs", "1",        "--messages", "1",          "--seeds",    "1",
      "--engines", "1",      "--faults", "none",       "--strategy", "exhaustive", "--json"};
  auto told = nlohmann::json::parse(sim(small).output);
  CHECK(told["schedules"] > 10);
  CHECK(told["incomplete"] == 0);
  auto few = small;
  few.insert(few.end(), {"--schedules", "10"});
  told = nlohmann::json::parse(sim(few).output);
  CHECK(told["schedules"] <= 10);
  CHECK(told["incomplete"] == 1);
}
