#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench_comparison.hpp"
#include "bench_send.hpp"

/// The parts of the benchmark that compare sides. Each family is a file of its own.
namespace agentpool::tools {

/// A part, and how it is made ready to be measured.
struct comparison_part {
  std::string name;
  std::function<core::outcome<bench_sides>(const bench_effort&)> set_up;
};

/// broadcast/N: one message to N runs.
[[nodiscard]] std::vector<comparison_part> broadcast_parts();

/// flat/WHAT/N: a send to a pool that holds much, beside one to a pool that holds little.
[[nodiscard]] std::vector<comparison_part> flat_parts();

/// wake/N: from a send to the notice of the one run that waits for it, N wakes registered.
[[nodiscard]] std::vector<comparison_part> wake_parts();

/// suspend/N: suspending and triggering beside N registered wakes that match nothing.
[[nodiscard]] std::vector<comparison_part> suspend_parts();

/// join/N: joins into a pool until it has N members.
[[nodiscard]] std::vector<comparison_part> join_parts();

/// memory/WHAT: what the engine keeps of a run, a wake, a message, a member. `--seconds` says
/// nothing here: 50,000 of them are made.
[[nodiscard]] std::vector<comparison_part> memory_parts();

/// open/HOW/N: opening a pool of N records on SQLite, from its log or from a checkpoint.
[[nodiscard]] std::vector<comparison_part> open_parts();

/// subscribe/N: events to N subscribers.
[[nodiscard]] std::vector<comparison_part> subscribe_parts();

/// rpc/N: sends through `agentpool rpc` in a process of its own, N in flight.
[[nodiscard]] std::vector<comparison_part> rpc_parts();

/// remote/send/HOW/N: sends through a node on loopback, N in flight. remote/deliver/HOW: messages
/// to a run that lives in another program. remote/failover/HOW: how long sends stand still when the
/// node that has the pool is killed, or asked to end, beside another on the same file.
[[nodiscard]] std::vector<comparison_part> remote_parts();

/// sim/N: a swarm of N workers in a simulated world.
[[nodiscard]] std::vector<comparison_part> simulation_parts();

/// fdatasync/N: what the disk can do, N records a sync.
[[nodiscard]] std::vector<comparison_part> sync_parts();

/// trace/WHAT/N: sends, N in flight, while what the actors tell each other is recorded in a file;
/// on a store, or to runs that deal with them.
[[nodiscard]] std::vector<comparison_part> trace_parts();

}  // namespace agentpool::tools
