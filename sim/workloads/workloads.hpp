#pragma once

#include "agentpool/sim/workload.hpp"

/// How each swarm begins.
namespace agentpool::sim::swarm {

void chat(world& at, const workload_size& size);
void fan(world& at, const workload_size& size);
void pipeline(world& at, const workload_size& size);
void wakes(world& at, const workload_size& size);
void churn(world& at, const workload_size& size);
void retries(world& at, const workload_size& size);

}  // namespace agentpool::sim::swarm
