#pragma once

#include <functional>
#include <memory>

#include "agentpool/actors/run_context.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/notice.hpp"

namespace agentpool::actors {

/// What a run executes. One object a run; its functions are called one at a time, on threads of
/// the engine, and should not block for long. What they throw fails the run and nothing else.
class agent {
 public:
  agent() = default;
  agent(const agent&) = delete;
  agent& operator=(const agent&) = delete;
  virtual ~agent() = default;

  /// The run is a member of its pool. Called once, before everything else.
  virtual void on_start(run_context&) {}

  /// The next message of the run's inbox, in the pool's order; first those that an earlier life
  /// of the run was given and did not acknowledge. Repeats have the same sequence.
  virtual void on_message(run_context&, const core::inbox_entry&) {}

  /// A wake condition of the run is final: triggered, timed out, cancelled or failed.
  virtual void on_wake(run_context&, const core::wake_notice&) {}
};

/// Makes the agent of a run. Called on a thread of the engine; what it throws fails the run.
using agent_factory = std::function<std::unique_ptr<agent>(const core::run_id&)>;

}  // namespace agentpool::actors
