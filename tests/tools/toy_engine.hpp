// Runs agents on a pool one call at a time, in an order given by a seed, and forgets everything
// but the log when told to crash.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "agentpool/actors/agent.hpp"
#include "agentpool/core/pool.hpp"

namespace agentpool::support {

/// A log that outlives its engines.
struct toy_log {
  std::vector<core::entry_ptr> entries;
  std::map<core::run_id, std::uint64_t> acks;
};

/// What `crash_after` throws.
struct toy_crash {};

/// The contract's run_context and engine in small: no threads, no store, no timers.
class toy_engine {
 public:
  toy_engine(core::pool_id pool, toy_log& log, unsigned long seed);
  ~toy_engine();

  /// Lets the request after so many throw `toy_crash`, in the middle of whatever asks it.
  void crash_after(std::uint64_t requests) { requests_left_ = requests; }

  /// Asks the pool; throws what it refuses.
  core::answer ask(const core::command& what);
  /// Joins the run and calls its agent from now on.
  void start(const core::run_id& run, const core::agent_id& agent_id,
             std::unique_ptr<actors::agent> agent);
  /// Makes one call to one run's agent; false when there is none to make.
  bool step();

 private:
  class context;
  friend class context;

  core::outcome<core::answer> try_ask(const core::command& what);
  core::evidence found(const core::missing& wanted) const;
  void hand_out(const core::entry_ptr& entry);
  void tell_wake(const core::wake_condition_id& id);
  void finish(context& run);

  toy_log& log_;
  core::pool pool_;
  std::mt19937 chance_;
  std::uint64_t requests_left_ = 1'000'000;
  std::map<core::run_id, std::unique_ptr<context>> runs_;
};

}  // namespace agentpool::support
