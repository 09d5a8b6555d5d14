#pragma once

#include <functional>
#include <memory>

#include "agentpool/actors/engine.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/messages/protocol.hpp"

/// Where the pools of an engine come from: from a store of its own, or from elsewhere.
namespace agentpool::actors {

/// A pool and its journal. Either ends when it is told `closing`; both may be one actor.
struct pool_actors {
  messages::pool_actor pool;
  messages::journal_actor journal;
};

/// Makes the actors of pools and answers for the store behind them. Called from any thread, by one
/// at a time.
class pool_source {
 public:
  pool_source() = default;
  pool_source(const pool_source&) = delete;
  pool_source& operator=(const pool_source&) = delete;
  virtual ~pool_source() = default;

  /// Must not block. Actors of a pool that turns out never to have been opened, and that have
  /// nothing to do, call `may_end` and end when that says so: nothing comes to them any more.
  [[nodiscard]] virtual pool_actors make(const core::pool_id& id,
                                         std::function<bool()> may_end) = 0;

  /// Answers the question, now or later.
  virtual void ask_store(std::shared_ptr<messages::store_call> call) = 0;

  /// Keeps the content and answers its name once it is durable.
  virtual void keep_content(std::shared_ptr<messages::content_call> call) = 0;

  /// The actors to be told `closing` once every pool has ended, and waited for.
  [[nodiscard]] virtual std::vector<caf::actor> last() = 0;
};

}  // namespace agentpool::actors
