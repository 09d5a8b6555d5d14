#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/client.hpp"
#include "caller.hpp"
#include "tools/pool_desk.hpp"

namespace agentpool::tools {

/// What a request shows to be whom it says to be.
struct credentials {
  caller who;
  std::vector<std::string> tokens = {};  ///< Session tokens of runs; perhaps of other ones, too.
  /// True once nobody is there any more to be answered; null: never.
  std::shared_ptr<const std::atomic<bool>> gone = {};
};

/// Who speaks as a run, as every message of it tells.
struct run_sender {
  std::string name;
  std::optional<std::string> on_behalf_of = {};
  std::optional<core::run_id> spawned_by = {};
  std::optional<core::agent_id> agent_id = {};  ///< Of the run; none: the pool says it.
  /// By which join the run is the caller's, for `core::membership`; none where nothing tells it.
  std::optional<std::uint64_t> joined = {};
};

/// Whose the runs are that were joined here: whoever joined one acts as it, and nobody else does.
/// Safe to use from any thread; nothing of it blocks.
class seats {
 public:
  virtual ~seats() = default;

  /// Joins the run for the caller and gives its session token. A run that somebody else joined is
  /// denied, as long as it is a member.
  virtual void join(const core::pool_id& pool, seat_wanted wanted, const credentials& shown,
                    actors::callback<seat_told> then) = 0;

  /// Whether the caller may act as the run; who that is then. What was known a moment ago counts
  /// unless `afresh`: then it is as of now.
  virtual void check(const core::pool_id& pool, const core::run_id& run, const credentials& shown,
                     bool afresh, actors::callback<run_sender> then) = 0;

  /// The run has left its pool: who joins it next has it.
  virtual void left(const core::pool_id& pool, const core::run_id& run) = 0;
};

/// Of pools whose store this process has: a row of the store's registry for each run, with the
/// SHA-256 of its token, so that they outlive the process and other servers on the store know them.
[[nodiscard]] std::shared_ptr<seats> seats_in_store(actors::engine& engine,
                                                    std::shared_ptr<const core::clock> clock);

/// Of pools at nodes, which keep the tokens themselves.
[[nodiscard]] std::shared_ptr<seats> seats_at_nodes(actors::remote::client& program);

}  // namespace agentpool::tools
