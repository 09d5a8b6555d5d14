#pragma once

#include <chrono>
#include <cstdint>
#include <span>

#include "agentpool/actors/run_handle.hpp"
#include "agentpool/core/commands.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/log.hpp"
#include "agentpool/core/notice.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/roll.hpp"

/// What a world sees happen: what is asked and answered, becomes durable, and reaches agents.
namespace agentpool::sim {

/// One life of an engine: it begins anew with each restart.
struct engine_life {
  std::size_t engine = 0;
  std::uint64_t life = 0;

  friend auto operator<=>(const engine_life&, const engine_life&) = default;
};

/// A request that reached a pool; of an agent or from outside.
struct request_seen {
  std::uint64_t number = 0;  ///< Of the world's requests.
  engine_life where;
  core::pool_id pool;
  core::command ask;
  std::uint64_t step = 0;  ///< When the pool took it.
  bool waits = false;      ///< For what comes: `waiters_max` bounds it, and it is in nobody's way.
  /// A node was asked it for a program, whose own request is seen too; or by the node itself.
  bool at_node = false;
  /// By the node's own attendance. What came while the pool opened counts as a program's.
  bool by_node = false;
};

/// One life of a run: it begins anew each time that the run is started.
struct run_life {
  std::size_t run = 0;  ///< In the order in which the world's runs were started.
  std::uint64_t life = 0;
  engine_life where;
  core::pool_id pool;
  core::run_id id;
};

/// Is told. Every function is called in the world's thread at the moment when it happens, and does
/// nothing unless overridden. What it is shown is good during the call.
class observer {
 public:
  observer() = default;
  observer(const observer&) = delete;
  observer& operator=(const observer&) = delete;
  virtual ~observer() = default;

  /// A pool takes a request, and later answers it. The answers of an engine that died are not seen.
  virtual void on_asked(const request_seen&) {}
  virtual void on_answered(const request_seen&, const core::outcome<core::answer>&) {}

  /// An entry of a pool's log is durable; in the log's order. `published` are its events.
  virtual void on_recorded(const core::pool_id&, const core::entry_ptr&,
                           std::span<const core::published>) {}
  /// An acknowledgement is durable. It may be one that moves nothing.
  virtual void on_acknowledged(const core::pool_id&, const core::inbox_ack&) {}

  /// An engine's pool tells its journal, and so all subscribers, of these entries.
  virtual void on_published(const engine_life&, const core::pool_id&,
                            std::span<const core::entry_ptr>) {}

  /// The world's own subscriber to all events of a pool on an engine gets frames.
  virtual void on_frames(std::size_t, const core::pool_id&, std::span<const core::event_frame>) {}
  /// What that subscriber got last lies before the horizon by now: it begins anew, there.
  virtual void on_reading_anew(std::size_t, const core::pool_id&) {}

  /// An agent is made, called with a message, called with a wake; its run is over.
  virtual void on_run_started(const run_life&) {}
  virtual void on_delivered(const run_life&, const core::inbox_entry&) {}
  virtual void on_woken(const run_life&, const core::wake_notice&) {}
  virtual void on_run_over(const run_life&, actors::run_status) {}

  virtual void on_crashed(const engine_life&) {}
  virtual void on_restarted(const engine_life&) {}

  /// Time has passed, and nothing has happened yet at the new moment.
  virtual void on_time() {}
  /// After every step.
  virtual void on_step() {}
  /// Nothing more happens by itself.
  virtual void on_idle() {}
};

}  // namespace agentpool::sim
