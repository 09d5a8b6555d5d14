#pragma once

#include <functional>
#include <memory>

#include "agentpool/actors/agent.hpp"
#include "agentpool/sim/workload.hpp"

/// The survey in a simulated world: its own agents, unchanged, under every fault.
namespace agentpool::tools {

/// Makes "survey" known to the simulator, once.
void add_survey_workload();

/// What is put in place of a worker's agent, made of it.
using worker_dresser =
    std::function<std::unique_ptr<actors::agent>(std::unique_ptr<actors::agent>)>;

/// Sets up a survey by a lead and `size.runs` - 1 workers (at least one) of `size.runs` times
/// `size.messages` files, with the checks `survey_report` and `survey_ends`. The world is the
/// program that runs it: it starts the runs in order, gives the order, leaves in the end, and
/// where the survey's board tells trouble it ends and is started again.
void stage_survey(sim::world& at, const sim::workload_size& size, const worker_dresser& dress = {});

}  // namespace agentpool::tools
