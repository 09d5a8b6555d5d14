#pragma once

#include <caf/fwd.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agentpool/core/ids.hpp"

/// Watching the actors of an engine at work: for simulation and traces.
namespace agentpool::actors {

/// What an actor of an engine is.
enum class actor_role : std::uint8_t {
  store,
  pool,
  journal,
  run,
  // Of a node (docs/nodes.md):
  gateway,
  directory,
  session,
  attendance,
  channel,
  // Of a program whose pools are at nodes:
  link,
  standin,
};
inline constexpr std::size_t actor_roles = 11;

/// Which actor of an engine it is. Pools, journals, attendances, channels and stand-ins are of a
/// pool, and only a run is of a run.
struct actor_label {
  actor_role role{};
  core::pool_id pool = {};
  core::run_id run = {};
  std::string peer = {};  ///< A session's and a channel's program; where a link leads.
};

/// How far a program is with a pool that is at a node.
struct standin_view {
  std::string endpoint;              ///< The node's; empty while there is no channel to one.
  std::vector<core::run_id> seated;  ///< The runs of this process that it lets act, sorted.
};

/// Sees every message that one engine's actors are sent and handle. Called on the threads of
/// senders and actors, between their own work: it must not block, throw, or keep what it is shown.
/// What an actor sends lies between `on_starting` or `on_handling` and the next `on_handled`, on
/// one thread; what is sent outside of them comes from no actor. An engine that is given none makes
/// its actors without any of this.
class actor_watch {
 public:
  actor_watch() = default;
  actor_watch(const actor_watch&) = delete;
  actor_watch& operator=(const actor_watch&) = delete;
  virtual ~actor_watch() = default;

  /// An actor was made; before it is sent or handles anything.
  virtual void on_spawned(std::uint64_t actor, const actor_label& who) = 0;

  /// The actor begins its life; before it handles anything.
  virtual void on_starting(std::uint64_t /*actor*/) {}

  /// A message goes into the actor's mailbox. `what` stays at its address until it is handled.
  virtual void on_sent(std::uint64_t actor, const caf::mailbox_element& what) = 0;

  /// The actor begins to handle the message.
  virtual void on_handling(std::uint64_t actor, const caf::mailbox_element& what) = 0;

  /// The actor is done with what it began last, on the same thread, also when that threw.
  virtual void on_handled(std::uint64_t /*actor*/) noexcept {}

  /// The actor is gone. What was sent to it meanwhile is never handled.
  virtual void on_destroyed(std::uint64_t /*actor*/) noexcept {}

  /// A pool's state in words, as `core::pool::fingerprint`. Good while its actor lives, and only
  /// where nothing else runs. Null: the actor ends, since nobody ever opened the pool.
  virtual void on_pool(const core::pool_id& pool, std::function<std::string()> state) = 0;

  /// The same of a pool that is at a node.
  virtual void on_standin(const core::pool_id& /*pool*/,
                          const std::function<standin_view()>& /*look*/) {}
};

}  // namespace agentpool::actors
