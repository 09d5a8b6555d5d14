#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tools/pool_desk.hpp"

/// Why things in a pool are as they are, in sentences, the nearest cause first.
namespace agentpool::tools {

using reasons = std::vector<std::string>;

/// Why a run waits, or that it does not: its wakes, who could wake it, its inbox, whom it owes.
void why_run(const std::shared_ptr<pool_desk>& desk, const core::pool_id& pool,
             const core::run_id& run, actors::callback<reasons> then);

/// What became of a wake condition, and what led to the event that woke it.
void why_wake(const std::shared_ptr<pool_desk>& desk, const core::pool_id& pool,
              const core::wake_condition_id& id, actors::callback<reasons> then);

/// What became of a message, and what it answers.
void why_message(const std::shared_ptr<pool_desk>& desk, const core::pool_id& pool,
                 const core::message_id& id, const actors::callback<reasons>& then);

}  // namespace agentpool::tools
