// A trace kept beside a test: what a swarm's actors told each other, compared with what they tell
// each other now. Times do not count, nor the order of steps that do not depend on each other.

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

#include "agentpool/core/addressing.hpp"
#include "agentpool/sim/trace_golden.hpp"
#include "agentpool/sim/world.hpp"

using namespace agentpool;
using namespace std::chrono_literals;

namespace {

const core::pool_id pool{"pool.desk"};
const core::run_id answerer_run{"run.answerer"};

// Asks once and ends with the answer.
class asker : public actors::agent {
 public:
  void on_start(actors::run_context& context) override {
    actors::message_draft question;
    question.name = "question";
    question.to = core::to_run{answerer_run};
    question.content_ref = core::content_ref{"file:question.txt"};
    context.send(question);
  }
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    context.acknowledge(entry.sequence);
    context.finish();
  }
};

// Answers, then acknowledges. The careless one acknowledges first: if it died in between, nobody
// would ever answer.
class answerer : public actors::agent {
 public:
  explicit answerer(bool careless) : careless_{careless} {}
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    if (careless_) context.acknowledge(entry.sequence);
    context.reply(entry, core::content_ref{"file:answer.txt"});
    if (!careless_) context.acknowledge(entry.sequence);
  }

 private:
  bool careless_;
};

// What the runs and their pool told each other, without the engine's inside.
sim::trace trace_of(sim::world_options options, bool careless) {
  std::string text;
  options.strategy.kind = sim::strategy_kind::fifo;
  options.trace = [&](std::string_view line) { (text += line) += '\n'; };
  sim::world at{1, options};
  at.register_agent(core::agent_id{"agent.answerer"},
                    [=](const core::run_id&) { return std::make_unique<answerer>(careless); });
  at.register_agent(core::agent_id{"agent.asker"},
                    [](const core::run_id&) { return std::make_unique<asker>(); });
  at.open(pool);
  at.start_run({pool, answerer_run, core::agent_id{"agent.answerer"}, {}, {}});
  at.run_for(1s);
  at.start_run({pool, core::run_id{"run.asker"}, core::agent_id{"agent.asker"}, {}, {}});
  at.run();
  sim::trace_filter asked;
  asked.name = "pool_asked";
  return sim::filtered(sim::read_trace(text, "desk").value(), asked);
}

}  // namespace

int main() {
  const std::string file = "desk.golden";

  // Once, and whenever it is meant to change: the file is written.
  ::setenv("AGENTPOOL_UPDATE_GOLDEN", "1", 1);
  std::cout << (sim::golden_file(trace_of({}, false), file) ? "written" : "?") << "\n";
  ::unsetenv("AGENTPOOL_UPDATE_GOLDEN");
  std::cout << sim::normalised(trace_of({}, false));

  // Agents that think for a while tell each other the same.
  sim::world_options slow;
  slow.thinking = sim::constant_latency{70'000};
  std::cout << "slow agents: "
            << (sim::golden_file(trace_of(slow, false), file) ? "the same" : "another trace")
            << "\n";

  // An agent that does things in another order does not.
  const auto changed = sim::golden_file(trace_of({}, true), file);
  std::cout << "a careless answerer: " << (changed ? "the same" : changed.reason) << "\n";
}
