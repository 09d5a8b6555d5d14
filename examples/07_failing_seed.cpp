// A failing seed becomes a small scenario, is explained, drawn, and turned into a test.

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <string>

#include "agentpool/sim/scenario.hpp"
#include "agentpool/sim/trace_export.hpp"
#include "agentpool/sim/trace_why.hpp"
#include "counting_swarm.hpp"

using namespace agentpool;
using namespace std::chrono_literals;

namespace {

// The swarm as a workload: as many adders as it is told, each coming when the seed says. In the end
// nothing may be lost: the last write says how many there were.
void adders(sim::world& at, const sim::workload_size& size) {
  if (!at.open(counting::pool)) return;
  counting::register_agents(at);
  at.start_run({counting::pool, counting::keeper_run, core::agent_id{"agent.keeper"}, {}, {}});
  for (std::uint64_t i = 1; i <= size.runs; ++i)
    at.after(1s + std::chrono::milliseconds{at.draws().below(500)}, [&at, i] {
      const core::run_id run{"run.adder." + std::to_string(i)};
      at.start_run({counting::pool, run, core::agent_id{"agent.adder"}, {}, {}});
    });
  const auto all = "write." + std::to_string(size.runs);
  at.add(sim::eventually("nothing_is_lost", 1min, [all](const sim::world_view& view) {
    for (const auto& [message, kept] : view.ledgers().at(counting::pool).messages())
      if (kept.stored.message->content_ref.text() == all) return true;
    return false;
  }));
}

// What the agents are handed: the steps in which they act.
sim::trace of_the_agents(const sim::trace& whole) {
  sim::trace_filter handed;
  handed.name = "entries_handed";
  return sim::filtered(whole, handed);
}

// What an agent sends, and what it is handed; the rest of a trace is the engine's.
void tell(const sim::trace_line& line) {
  const bool sends = line.is_called("send_message");
  if (!sends && !line.is_called("entries_handed")) return;
  std::cout << "  " << sim::seconds_text(line.at) << (sends ? " sends " : " gets  ")
            << line.values("message").front() << "\n";
}

sim::trace trace_of(const sim::scenario& what) {
  std::string text;
  sim::scenario_run how;
  how.trace = [&](std::string_view line) { (text += line) += '\n'; };
  static_cast<void>(sim::run_scenario(what, how));
  return sim::read_trace(text, "adders").value();
}

}  // namespace

int main() {
  sim::add_workload({"adders", "a counter with a race", adders});

  // Four adders in each world; how long they think, who is next and when they come, the seed says.
  sim::campaign what;
  what.workload = "adders";
  what.size = {4, 1};
  what.engines = 1;
  what.faults = "none";
  auto seed = std::uint64_t{1};
  auto failing = sim::scenario_of(what, seed).value();
  while (!sim::run_scenario(failing).found) failing = sim::scenario_of(what, ++seed).value();
  failing.finds = sim::run_scenario(failing).found->check;

  // Everything goes that can go while the same check fails.
  const auto small = sim::shrink(failing).smallest;
  const auto seen = trace_of(small);
  const auto story = of_the_agents(seen);
  const auto& picks = small.strategy.choices;
  const auto drawn = std::count_if(picks.begin(), picks.end(), [](auto pick) { return pick > 0; });
  std::cout << "adders: " << small.size.runs
            << ", fewer than ten steps of agents: " << (story.size() < 10 ? "yes" : "no")
            << ", fewer than ten picks out of turn: " << (drawn < 10 ? "yes" : "no") << "\n";
  for (const auto& line : story.lines()) tell(line);

  // Why did the last one write 1 as well? From the end back to its beginning.
  const auto write = story.lines().back().values("message").front();
  std::cout << "why " << write << ":\n";
  const auto why = sim::why(seen, write).value();
  for (const auto& step : why.steps) tell(seen.lines()[step.line]);

  // The picture: one HTML file.
  std::ofstream{"race.html"} << sim::to_html(seen, "two adders");
  std::cout << "race.html has the picture\n";

  // And a test case in C++ that replays it, to be kept beside the others. Its program has to know
  // the workload: it calls add_workload as we did.
  std::ofstream{"race_test.cpp"} << sim::test_skeleton(small);
  std::cout << "race_test.cpp has the test\n";
}
