#include "workloads.hpp"

#include <algorithm>

namespace agentpool::sim {

const std::vector<workload>& workloads() {
  static const std::vector<workload> all{
      {"chat", "runs talk in a room, answer each other, some leave", swarm::chat},
      {"fan", "a lead gives tasks to workers and gathers the answers", swarm::fan},
      {"pipeline", "items pass from stage to stage", swarm::pipeline},
      {"wakes", "runs wait for the same events, again and again, some not for long", swarm::wakes},
      {"churn", "runs come and go while an agent is written to", swarm::churn},
      {"retries", "callers repeat themselves, messages expire or are cancelled", swarm::retries}};
  return all;
}

const workload* find_workload(std::string_view name) {
  const auto& all = workloads();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace agentpool::sim
