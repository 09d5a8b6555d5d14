#pragma once

#include <caf/scheduler/test_coordinator.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/watch.hpp"
#include "agentpool/sim/check.hpp"
#include "agentpool/sim/observer.hpp"
#include "fault_store.hpp"

namespace agentpool::sim {

class universe;

/// Where a message in a mailbox came from.
struct origin {
  std::uint64_t step = 0;    ///< In which it was sent; 0: from outside, or by the clock.
  std::uint64_t sender = 0;  ///< The actor of that step.
};

/// Wall time of one engine: the world's, and what its clock jumped.
class node_clock final : public core::clock {
 public:
  node_clock(const universe& world, core::instant start) : world_{world}, start_{start} {}
  [[nodiscard]] core::instant now() const override;
  void jump(std::chrono::milliseconds by) { ahead_ += by; }

 private:
  const universe& world_;
  core::instant start_;
  std::chrono::milliseconds ahead_{0};
};

/// One life of an engine as its store and its actors know it. Deaf once the engine is dead.
class node_life final : public actors::actor_watch, public store_master {
 public:
  node_life(universe& world, engine_life who) : world_{world}, who_{who} {}

  [[nodiscard]] const engine_life& who() const noexcept { return who_; }
  void die() noexcept { dead_ = true; }

  // What the engine's actors tell.
  void on_spawned(std::uint64_t actor, const actors::actor_label& who) override;
  void on_sent(std::uint64_t actor, const caf::mailbox_element& what) override;
  void on_handling(std::uint64_t actor, const caf::mailbox_element& what) override;
  void on_pool(const core::pool_id& pool, std::function<std::string()> state) override;

  // What the engine's store asks.
  [[nodiscard]] bool dead() const override { return dead_; }
  [[nodiscard]] append_fate on_append(std::span<const core::append_request> requests) override;
  void on_appended(const core::append_request& request) override;
  void on_died() override;
  void on_checkpoint(const core::checkpoint_request& request, bool kept) override;
  [[nodiscard]] bool read_fails() override;

  [[nodiscard]] const actors::actor_label* label_of(std::uint64_t actor) const;
  [[nodiscard]] std::string name_of(std::uint64_t actor) const;
  /// Takes the origin of what is handled now.
  [[nodiscard]] origin take_origin(const caf::mailbox_element& what);
  /// What waits in an actor's mailbox, by what it holds.
  [[nodiscard]] std::size_t waiting(std::uint64_t actor) const;
  /// The most messages that the mailbox of any actor of that role ever held.
  [[nodiscard]] std::size_t longest(actors::actor_role role) const {
    return longest_[static_cast<std::size_t>(role)];
  }
  [[nodiscard]] const std::map<core::pool_id, std::function<std::string()>>& states() const {
    return states_;
  }
  /// What its pools have forgotten; begins with what they are restored from.
  std::map<core::pool_id, std::vector<forgetting>> forgot;

  /// The latest actor of a run; 0: none.
  [[nodiscard]] std::uint64_t actor_of(const core::run_id& run) const;

 private:
  universe& world_;
  engine_life who_;
  bool dead_ = false;
  /// An actor, and what waits in its mailbox.
  struct known_actor {
    actors::actor_label label;
    std::size_t entries = 0;
    std::size_t messages = 0;
  };
  std::unordered_map<std::uint64_t, known_actor> actors_;
  std::array<std::size_t, 4> longest_{};             ///< By role.
  std::unordered_map<const void*, origin> origins_;  ///< Of those, by address: looked up only.
  std::unordered_map<core::run_id, std::uint64_t> runs_;
  std::map<core::pool_id, std::function<std::string()>> states_;
};

/// A place for an engine: the engine of the moment and what outlives it.
struct node {
  std::size_t number = 0;
  std::uint64_t lives = 0;
  std::shared_ptr<node_clock> clock;
  std::shared_ptr<node_life> life;         ///< Null while the engine is down.
  std::unique_ptr<actors::engine> engine;  ///< Likewise.
  std::uint64_t appends = 0;               ///< Over all lives.
  std::uint64_t reads = 0;
  bool dying = false;  ///< Its life ends with this step.
  std::chrono::milliseconds down{0};

  [[nodiscard]] caf::scheduler::test_coordinator& steps() const;
};

}  // namespace agentpool::sim
