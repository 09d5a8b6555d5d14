#include "workloads.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace agentpool::sim {

namespace {

std::vector<workload>& known() {
  static std::vector<workload> all{
      {"chat", "runs talk in a room, answer each other, some leave", swarm::chat},
      {"fan", "a lead gives tasks to workers and gathers the answers", swarm::fan},
      {"pipeline", "items pass from stage to stage", swarm::pipeline},
      {"wakes", "runs wait for the same events, again and again, some not for long", swarm::wakes},
      {"churn", "runs come and go while an agent is written to", swarm::churn},
      {"retries", "callers repeat themselves, messages expire or are cancelled", swarm::retries}};
  return all;
}

}  // namespace

const std::vector<workload>& workloads() { return known(); }

const workload* find_workload(std::string_view name) {
  const auto& all = workloads();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

void add_workload(const workload& own) {
  const auto refuse = [&](const std::string& why) {
    throw std::invalid_argument{"workload \"" + std::string{own.name} + "\": " + why};
  };
  if (own.name.empty() || own.set_up == nullptr) refuse("needs a name and set_up");
  if (own.name == "all" || find_workload(own.name) != nullptr) refuse("the name is taken");
  known().push_back(own);
}

}  // namespace agentpool::sim
