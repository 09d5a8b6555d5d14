// Two agents of which one has a bug: what examples 06 and 07 simulate.
#pragma once

#include <memory>
#include <string>

#include "agentpool/actors/agent.hpp"
#include "agentpool/core/addressing.hpp"

namespace counting {

using namespace agentpool;

inline const core::pool_id pool{"pool.shop"};
inline const core::run_id keeper_run{"run.keeper"};

// Keeps a number. Asked "read" it answers "value.N"; "write.N" replaces it.
class keeper : public actors::agent {
 public:
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    const auto& said = entry.message.content_ref.text();
    if (said == "read") context.reply(entry, core::content_ref{"value." + std::to_string(value_)});
    if (said.starts_with("write.")) value_ = std::stoi(said.substr(6));
    context.acknowledge(entry.sequence);
  }

 private:
  int value_ = 0;
};

// Adds one, in two steps: between reading and writing another one may have written. That is the
// bug.
class adder : public actors::agent {
 public:
  void on_start(actors::run_context& context) override { tell(context, "read"); }
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    const auto& said = entry.message.content_ref.text();
    tell(context, "write." + std::to_string(std::stoi(said.substr(6)) + 1));
    context.acknowledge(entry.sequence);
    context.finish();
  }

 private:
  static void tell(actors::run_context& context, const std::string& what) {
    actors::message_draft draft;
    draft.name = what;
    draft.to = core::to_run{keeper_run};
    draft.content_ref = core::content_ref{what};
    context.send(draft);
  }
};

// Site is a simulated world here; an engine has the same function.
template <class Site>
void register_agents(Site& at) {
  at.register_agent(core::agent_id{"agent.keeper"},
                    [](const core::run_id&) { return std::make_unique<keeper>(); });
  at.register_agent(core::agent_id{"agent.adder"},
                    [](const core::run_id&) { return std::make_unique<adder>(); });
}

}  // namespace counting
