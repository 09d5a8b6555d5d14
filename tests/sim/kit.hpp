// Agents and programs that several tests use.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agentpool/actors/agent.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/sim/world.hpp"

namespace agentpool::testing {

using namespace std::chrono_literals;

/// An agent made of functions.
struct scripted_agent final : actors::agent {
  std::function<void(actors::run_context&)> start;
  std::function<void(actors::run_context&, const core::inbox_entry&)> message;
  std::function<void(actors::run_context&, const core::wake_notice&)> wake;

  void on_start(actors::run_context& context) override {
    if (start) start(context);
  }
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    if (message) return message(context, entry);
    context.acknowledge(entry.sequence);
  }
  void on_wake(actors::run_context& context, const core::wake_notice& notice) override {
    if (wake) wake(context, notice);
  }
};

inline core::pool_id pool() { return core::pool_id{"pool.test"}; }

/// Makes runs of `agent.NAME` possible.
inline void register_agent(sim::world& at, const std::string& name,
                           const std::function<void(scripted_agent&)>& fill) {
  at.register_agent(core::agent_id{"agent." + name}, [fill](const core::run_id&) {
    auto made = std::make_unique<scripted_agent>();
    fill(*made);
    return made;
  });
}

/// Asks for `run.NAME` of `agent.OF`.
inline void start(sim::world& at, const std::string& name, const std::string& of) {
  at.start_run({pool(), core::run_id{"run." + name}, core::agent_id{"agent." + of}, {}, {}});
}

/// A draft of `message.NAME` to `run.TO`.
inline actors::message_draft draft(const std::string& name, const std::string& to) {
  actors::message_draft made;
  made.name = name;
  made.to = core::to_run{core::run_id{"run." + to}};
  made.content_ref = core::content_ref{"content." + name};
  return made;
}

/// `run.ping` sends to `run.pong`, which answers; `rounds` times each.
inline void ping_pong(sim::world& at, int rounds) {
  at.open(pool());
  register_agent(at, "pong", [rounds](scripted_agent& agent) {
    agent.message = [rounds, seen = 0](actors::run_context& context,
                                       const core::inbox_entry& entry) mutable {
      context.reply(entry, core::content_ref{"content.pong"});
      context.acknowledge(entry.sequence);
      if (++seen == rounds) context.finish();
    };
  });
  register_agent(at, "ping", [rounds](scripted_agent& agent) {
    agent.start = [](actors::run_context& context) { context.send(draft("0", "pong")); };
    agent.message = [rounds, sent = 1](actors::run_context& context,
                                       const core::inbox_entry& entry) mutable {
      context.acknowledge(entry.sequence);
      if (sent == rounds) return context.finish();
      context.send(draft(std::to_string(sent++), "pong"));
    };
  });
  start(at, "pong", "pong");
  at.run_for(1ms);
  start(at, "ping", "ping");
}

}  // namespace agentpool::testing
