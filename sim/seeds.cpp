#include "agentpool/sim/seeds.hpp"

namespace agentpool::sim {

seeds_tried try_seeds(const seed_plan& plan, const std::function<void(world&)>& program) {
  seeds_tried result;
  std::set<std::string> reached;
  for (auto seed = plan.first; seed <= plan.last && result.failed < plan.failures_max; ++seed) {
    world at{seed, plan.options ? plan.options(seed) : world_options{}};
    program(at);
    const auto end = at.run();
    at.close();
    ++result.seeds;
    result.steps += at.steps();
    reached.insert(at.reached().begin(), at.reached().end());
    result.never_reached.merge(at.unreached());
    auto found = found_in(at, end);
    if (!found) continue;
    if (++result.failed > 1) continue;
    result.failing = seed;
    result.found = std::move(found);
  }
  for (const auto& name : reached) result.never_reached.erase(name);
  return result;
}

std::string to_text(const seeds_tried& what) {
  std::string text;
  if (what.found)
    text = "seed " + std::to_string(*what.failing) + ", step " + std::to_string(what.found->step) +
           ": " + what.found->check + ": " + what.found->what;
  for (const auto& name : what.never_reached)
    text += (text.empty() ? "" : "; ") + ("never reached: " + name);
  return text;
}

}  // namespace agentpool::sim
