#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/actors/limits.hpp"
#include "agentpool/actors/run_handle.hpp"
#include "agentpool/actors/watch.hpp"
#include "agentpool/core/pool.hpp"
#include "agentpool/sim/ledger.hpp"
#include "agentpool/sim/observer.hpp"

/// Invariants that a world watches over.
namespace agentpool::sim {

/// Something that must not be.
struct violation {
  std::string check;  ///< The name of the check that found it.
  std::string what;
  std::uint64_t step = 0;
  std::chrono::microseconds at{0};  ///< Since the world's start.
};

/// A run that was asked for, as it stands.
struct run_view {
  actors::run_request request;
  run_life life;                             ///< The latest.
  std::optional<actors::run_status> status;  ///< None before it was first started.
  bool has_agent = false;                    ///< In this life its agent was made.
  bool stuck = false;                        ///< Its agent hangs for good.
  bool over = false;                         ///< It will not be started again.
};

/// A pool forgot what was older than a horizon and not waited for any more (docs/retention.md).
struct forgetting {
  core::log_position horizon;
  std::uint64_t event_seq = 0;                         ///< Of the last stored event up to there.
  core::log_position at;                               ///< Where the log ended then.
  std::map<core::run_id, std::uint64_t> acknowledged;  ///< How far each run had, then.
};

/// A program that acts for runs of a pool through a node.
struct attendant {
  std::size_t program = 0;
  core::pool_id pool;
  std::vector<core::run_id> runs;
  bool reaches = false;  ///< The node has the program's connection and a good lease; both act.
};

/// What checks may look at.
class world_view {
 public:
  virtual ~world_view() = default;

  [[nodiscard]] virtual const sim::ledger& ledgers() const = 0;
  [[nodiscard]] virtual std::uint64_t step() const = 0;
  [[nodiscard]] virtual std::chrono::microseconds elapsed() const = 0;
  [[nodiscard]] virtual std::size_t engines() const = 0;
  /// With nodes: they are counted on after the programs, wherever an engine is named. Without: as
  /// `engines`.
  [[nodiscard]] virtual std::size_t sites() const { return engines(); }
  /// The engine's present life; none while it is down.
  [[nodiscard]] virtual std::optional<engine_life> life_of(std::size_t engine) const = 0;
  /// The wall clock of an engine.
  [[nodiscard]] virtual core::instant wall(std::size_t engine) const = 0;
  /// Some engine's wall clock jumped: what is recorded at a time may have been decided at another.
  [[nodiscard]] virtual bool clocks_jumped() const = 0;
  /// The state in memory of an engine's pool in words; none when it has none.
  [[nodiscard]] virtual std::optional<std::string> state_of(std::size_t engine,
                                                            const core::pool_id& pool) const = 0;
  /// What programs have of pools that are at nodes, now; empty without a network.
  [[nodiscard]] virtual std::vector<attendant> attendants() const { return {}; }
  /// A run that is away for so long leaves its pool.
  [[nodiscard]] virtual std::chrono::milliseconds grace() const { return {}; }
  /// What an engine's pool has forgotten in this life and those that it was restored from, in
  /// order.
  [[nodiscard]] virtual const std::vector<forgetting>& forgot(std::size_t engine,
                                                              const core::pool_id& pool) const = 0;
  [[nodiscard]] virtual std::vector<run_view> runs() const = 0;
  [[nodiscard]] virtual std::size_t count_runs() const = 0;
  /// The world's subscriber to that pool on that engine reads on.
  [[nodiscard]] virtual bool reads(std::size_t engine, const core::pool_id& pool) const = 0;
  [[nodiscard]] virtual const actors::engine_limits& limits() const = 0;
  [[nodiscard]] virtual const core::pool_limits& pool_limits() const = 0;
  /// Messages that wait in the mailbox of a run's actor, by what they hold.
  [[nodiscard]] virtual std::size_t entries_waiting(const core::run_id& run) const = 0;
  /// The most messages that the mailbox of any actor of that role ever held in the engine's present
  /// life; 0 while it is down.
  [[nodiscard]] virtual std::size_t longest_mailbox(std::size_t engine,
                                                    actors::actor_role role) const = 0;
};

/// One invariant. It sees what happens, remembers what it needs, and says what is wrong.
class check : public observer {
 public:
  explicit check(std::string name) : name_{std::move(name)} {}

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Called once, by the world that it is added to.
  void attach(const world_view& world, std::function<void(const check&, std::string)> report) {
    world_ = &world;
    report_ = std::move(report);
  }

 protected:
  [[nodiscard]] const world_view& world() const { return *world_; }
  void violated(std::string what) { report_(*this, std::move(what)); }

 private:
  std::string name_;
  const world_view* world_ = nullptr;
  std::function<void(const check&, std::string)> report_;
};

/// The engine's own invariants, one of each.
[[nodiscard]] std::vector<std::unique_ptr<check>> standard_checks();

/// Holds after every step. `holds` says what is wrong; empty: nothing.
[[nodiscard]] std::unique_ptr<check> always(std::string name,
                                            std::function<std::string(const world_view&)> holds);
/// Holds after no step.
[[nodiscard]] std::unique_ptr<check> never(std::string name,
                                           std::function<bool(const world_view&)> happens);
/// Holds after some step before so much virtual time has passed, or the world is idle.
[[nodiscard]] std::unique_ptr<check> eventually(std::string name, std::chrono::milliseconds within,
                                                std::function<bool(const world_view&)> holds);

}  // namespace agentpool::sim
