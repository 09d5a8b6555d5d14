// Plants each bug of the table in turn and looks for the first seed that finds it: mutation_tests
// [SEEDS [NAME]]. A table in Markdown; exit code 1 when a bug is not found.
#include <spdlog/sinks/null_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "agentpool/sim/scenario.hpp"
#include "mutations/planted.hpp"

namespace {

std::string now_planted;

constexpr std::string_view names[]{AGENTPOOL_MUTATIONS};

struct finding {
  std::uint64_t seeds = 0;  ///< 0: not found.
  agentpool::sim::violation what;
  std::string workload;
};

finding look_for(std::string_view name, std::uint64_t most) {
  now_planted = name;
  agentpool::sim::campaign any;
  any.workload = "all";
  any.retention = false;
  for (std::uint64_t seed = 1; seed <= most; ++seed) {
    const auto made = agentpool::sim::scenario_of(any, seed);
    const auto result = agentpool::sim::run_scenario(*made);
    if (result.found) return {seed, *result.found, made->workload};
  }
  return {};
}

}  // namespace

bool agentpool::planted(std::string_view name) noexcept { return name == now_planted; }

int main(int count, char** words) {
  spdlog::register_logger(std::make_shared<spdlog::logger>(
      "agentpool", std::make_shared<spdlog::sinks::null_sink_mt>()));
  const std::uint64_t most = count > 1 ? std::strtoull(words[1], nullptr, 10) : 1'000;
  const std::string_view only = count > 2 ? words[2] : "";
  std::cout << "| planted bug | seeds needed | found by | in |\n| --- | --- | --- | --- |\n";
  bool all = true;
  for (const auto name : names) {
    if (!only.empty() && name != only) continue;
    const auto found = look_for(name, most);
    std::cout << "| " << name << " | ";
    if (found.seeds == 0) std::cout << "not within " << most << " | | |" << std::endl;
    if (found.seeds > 0)
      std::cout << found.seeds << " | " << found.what.check << " | " << found.workload << " |"
                << std::endl;
    all = all && found.seeds > 0;
  }
  return all ? 0 : 1;
}
