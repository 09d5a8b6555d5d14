// A swarm with a race, found by trying seeds in a simulated world and repeated at will.

#include <chrono>
#include <iostream>
#include <string>

#include "agentpool/sim/world.hpp"
#include "counting_swarm.hpp"

using namespace agentpool;
using namespace std::chrono_literals;
using counting::keeper_run;
using counting::pool;

namespace {

// The same program runs in each world; the agents are those of production.
void program(sim::world& at) {
  at.open(pool);
  counting::register_agents(at);
  at.start_run({pool, keeper_run, core::agent_id{"agent.keeper"}, {}, {}});
  at.run_for(1s);
  at.start_run({pool, core::run_id{"run.a"}, core::agent_id{"agent.adder"}, {}, {}});
  // The second comes a while later; how long, the seed says.
  at.after(std::chrono::milliseconds{at.draws().below(100)}, [&at] {
    at.start_run({pool, core::run_id{"run.b"}, core::agent_id{"agent.adder"}, {}, {}});
  });

  // What has to hold in the end, said of the log.
  at.add(sim::eventually("nothing_is_lost", 1min, [](const sim::world_view& view) {
    for (const auto& [id, log] : view.ledgers())
      for (const auto& [message, kept] : log.messages())
        if (kept.stored.message->content_ref.text() == "write.2") return true;
    return false;
  }));
  at.run();
}

// How long each takes to act is drawn: up to 20 milliseconds.
sim::world_options options() {
  sim::world_options made;
  made.thinking = sim::uniform_latency{0, 20'000};
  return made;
}

}  // namespace

int main() {
  int well = 0;
  std::uint64_t failing = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    sim::world at{seed, options()};
    program(at);
    if (at.violations().empty()) ++well;
    if (!at.violations().empty() && failing == 0) failing = seed;
  }
  std::cout << (well > 0 ? "some" : "no") << " seeds go well, " << (failing > 0 ? "some" : "none")
            << " lose an addition\n";

  sim::world again{failing, options()};
  program(again);
  const auto& found = again.violations().front();
  std::cout << "the first of them does so again: " << found.check << ", " << found.what << "\n";
  std::cout << "and is the same each time: "
            << (sim::run_twice(failing, options(), program).empty() ? "yes" : "no") << "\n";
}
