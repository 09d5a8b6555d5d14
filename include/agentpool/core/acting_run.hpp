#pragma once

#include "agentpool/core/commands.hpp"

namespace agentpool::core {

/// The run that a request acts as: whoever asks it says to be that run. Null when it acts as none,
/// or does not say: `cancel_wake` and `cancel_message` name what a run did, not the run.
[[nodiscard]] const run_id* acting_run(const command& ask);

}  // namespace agentpool::core
