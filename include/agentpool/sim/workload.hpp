#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "agentpool/core/record.hpp"
#include "agentpool/sim/world.hpp"

/// Swarms that come with the simulator.
namespace agentpool::sim {

/// How large a workload is.
struct workload_size {
  std::uint64_t runs = 6;
  std::uint64_t messages = 4;  ///< Of each run, about; or rounds, items, events.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("runs", self.runs);
    visit("messages", self.messages);
  }
  friend bool operator==(const workload_size&, const workload_size&) = default;
};

/// A swarm: agents, runs, and what comes from outside. `set_up` is called once with a new world and
/// leaves it ready to run.
struct workload {
  std::string_view name;
  std::string_view what;
  void (*set_up)(world&, const workload_size&);
  bool whole_log = false;  ///< Its agents need it: seeds draw no retention.
};

/// chat, fan, pipeline, wakes, churn, retries, then those that were added, in that order.
[[nodiscard]] const std::vector<workload>& workloads();
/// Null: there is none of that name. Good until a workload is added.
[[nodiscard]] const workload* find_workload(std::string_view name);

/// Adds a swarm of the program's own: from then on campaigns, "all" among them, and scenarios know
/// it by its name. Its texts have to stay for good. Throws `std::invalid_argument` when it has no
/// name or `set_up`, or the name is taken. Call it before worlds run in other threads.
void add_workload(const workload& own);

}  // namespace agentpool::sim
