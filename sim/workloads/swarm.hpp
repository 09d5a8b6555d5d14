// What the workloads' agents share.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "agentpool/actors/agent.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/sim/workload.hpp"

namespace agentpool::sim::swarm {

inline core::pool_id pool() { return core::pool_id{"pool.sim"}; }
inline core::run_id run_named(const std::string& name) { return core::run_id{"run." + name}; }
inline core::run_id run_named(const std::string& name, std::uint64_t number) {
  return run_named(name + "." + std::to_string(number));
}
inline core::agent_id agent_named(const std::string& name) {
  return core::agent_id{"agent." + name};
}

template <class Agent, class... Args>
void register_as(world& at, const std::string& name, Args... args) {
  at.register_agent(agent_named(name), [args...](const core::run_id& run) {
    return std::make_unique<Agent>(run, args...);
  });
}

inline actors::message_draft draft(std::string name, core::run_address_target to) {
  actors::message_draft made;
  made.name = std::move(name);
  made.to = std::move(to);
  made.content_ref = core::content_ref{"content.sim"};
  return made;
}

/// Sends until it is acknowledged or refused for good: the same name is the same message.
inline void send_surely(actors::run_context& context, actors::message_draft what,
                        std::function<void(actors::run_context&)> then = {}) {
  context.send(what, [what, then](actors::run_context& next, const auto& receipt) {
    if (!receipt && receipt.error().retry == core::retry_classification::retryable)
      return send_surely(next, what, then);
    if (receipt && then) then(next);
  });
}

inline void reply_surely(actors::run_context& context, const core::inbox_entry& entry,
                         std::function<void(actors::run_context&)> then = {}) {
  context.reply(entry, core::content_ref{"content.reply"},
                [entry, then](actors::run_context& next, const auto& receipt) {
                  if (!receipt && receipt.error().retry == core::retry_classification::retryable)
                    return reply_surely(next, entry, then);
                  if (receipt && then) then(next);
                });
}

inline void acknowledge(actors::run_context& context, std::uint64_t sequence) {
  context.acknowledge(sequence, [sequence](actors::run_context& next, const auto& acked) {
    if (!acked && acked.error().retry == core::retry_classification::retryable)
      acknowledge(next, sequence);
  });
}

inline void publish_surely(actors::run_context& context, const actors::event_draft& event,
                           std::function<void(actors::run_context&)> then = {}) {
  context.publish(event, [event, then](actors::run_context& next, const auto& published) {
    if (!published && published.error().retry == core::retry_classification::retryable)
      return publish_surely(next, event, then);
    if (published && then) then(next);
  });
}

inline void suspend_surely(actors::run_context& context, const actors::condition_draft& waits) {
  context.suspend(waits, [waits](actors::run_context& next, const auto& registered) {
    if (!registered && registered.error().retry == core::retry_classification::retryable)
      suspend_surely(next, waits);
  });
}

/// Waits for nothing but time.
inline void pause(actors::run_context& context, const std::string& name,
                  std::chrono::milliseconds time) {
  actors::condition_draft waits;
  waits.name = name;
  waits.filter.run_ids.include = {core::run_id{"run.nobody"}};
  waits.timeout = time;
  suspend_surely(context, waits);
}

}  // namespace agentpool::sim::swarm
