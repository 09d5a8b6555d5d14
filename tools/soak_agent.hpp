#pragma once

#include <atomic>
#include <cstdint>

#include "agentpool/actors/agent.hpp"

namespace agentpool::tools {

/// An agent that acknowledges each message. After every so many it publishes an event and suspends
/// until the sender of that message sends again, whomever to.
class soak_agent final : public actors::agent {
 public:
  /// Counts in `wakes`, which outlives it, the suspends that a message woke.
  soak_agent(std::uint64_t suspend_every, std::atomic<std::uint64_t>& wakes)
      : suspend_every_{suspend_every}, wakes_{wakes} {}

  void on_message(actors::run_context& context, const core::inbox_entry& entry) override;
  void on_wake(actors::run_context& context, const core::wake_notice& notice) override;

 private:
  std::uint64_t suspend_every_;
  std::atomic<std::uint64_t>& wakes_;
  std::uint64_t got_ = 0;
};

}  // namespace agentpool::tools
