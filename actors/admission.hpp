#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <variant>

#include "agentpool/actors/limits.hpp"
#include "agentpool/actors/pool_handle.hpp"
#include "agentpool/messages/protocol.hpp"

namespace agentpool::actors {

/// The door of a pool: what this process asks of it is counted here before it goes into the pool's
/// mailbox, which has no bound itself. Beyond a bound it is refused or held, as the limits say.
/// Safe to use from any thread; nobody is called while a lock is held.
class admission : public std::enable_shared_from_this<admission> {
 public:
  using request = std::variant<messages::pool_asked, messages::journal_asked>;

  /// Who asks. What runs ask is held and never refused: `run_actions_max` of each run bounds it.
  enum class asker { handle, run };

  admission(messages::pool_actor pool, const engine_limits& limits);

  /// Asks the pool, at once or once there is room, in the order of the calls; or answers why not.
  /// Gives the request back when the pool is not behind this door any more.
  [[nodiscard]] std::optional<request> take(request what, asker from);

  [[nodiscard]] pool_load load() const;

  /// Lets go of the pool if nothing of what was taken is unanswered; else false.
  [[nodiscard]] bool let_go();
  [[nodiscard]] bool has_let_go() const;

  /// Answers `closed` to what is held, and to everything from now on.
  void close();

 private:
  struct entrant {
    request what;
    asker from;
    bool waits;  ///< It waits for what comes: bounded by `waiters_max`, in nobody's way.
  };

  [[nodiscard]] bool has_room(const entrant& next) const;
  [[nodiscard]] bool may_be_held(const entrant& next) const;
  [[nodiscard]] core::agent_error why_refused(const entrant& next) const;
  void enter(entrant next, std::unique_lock<std::mutex>& guard);
  void pass_on(entrant next, const messages::pool_actor& pool);
  void leave(bool waited);
  void let_in(std::unique_lock<std::mutex>& guard);

  const engine_limits limits_;
  mutable std::mutex lock_;
  messages::pool_actor pool_;
  std::deque<entrant> held_;
  std::size_t under_way_ = 0;
  std::size_t waiting_ = 0;
  std::size_t held_of_handles_ = 0;  ///< What `held_max` bounds.
  bool letting_in_ = false;          ///< Some thread passes on what was held.
  bool let_go_ = false;
  bool closed_ = false;
};

}  // namespace agentpool::actors
