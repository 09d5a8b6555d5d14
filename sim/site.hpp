#pragma once

#include <array>
#include <caf/scheduler/test_coordinator.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/client.hpp"
#include "agentpool/actors/remote/node.hpp"
#include "agentpool/actors/watch.hpp"
#include "agentpool/sim/check.hpp"
#include "agentpool/sim/observer.hpp"
#include "fault_store.hpp"

namespace agentpool::sim {

class universe;
class site_life;

/// Where a message in a mailbox came from.
struct origin {
  std::uint64_t step = 0;           ///< In which it was sent; 0: from outside, or by the clock.
  std::uint64_t sender = 0;         ///< The actor of that step.
  const site_life* life = nullptr;  ///< Whose actor that is.
};

/// Wall time of one engine: the world's, and what its clock jumped.
class site_clock final : public core::clock {
 public:
  site_clock(const universe& world, core::instant start) : world_{world}, start_{start} {}
  [[nodiscard]] core::instant now() const override;
  void jump(std::chrono::milliseconds by) { ahead_ += by; }

 private:
  const universe& world_;
  core::instant start_;
  std::chrono::milliseconds ahead_{0};
};

/// One life of an engine as its store and its actors know it. Deaf once the engine is dead.
class site_life final : public actors::actor_watch, public store_master {
 public:
  /// `name` is what its actors' names begin with: "e0", "n1", "p2".
  site_life(universe& world, engine_life who, std::string name)
      : world_{world}, who_{who}, name_{std::move(name)} {}

  [[nodiscard]] const engine_life& who() const noexcept { return who_; }
  void die() noexcept { dead_ = true; }

  // What the engine's actors tell.
  void on_spawned(std::uint64_t actor, const actors::actor_label& who) override;
  void on_sent(std::uint64_t actor, const caf::mailbox_element& what) override;
  void on_handling(std::uint64_t actor, const caf::mailbox_element& what) override;
  void on_pool(const core::pool_id& pool, std::function<std::string()> state) override;
  void on_standin(const core::pool_id& pool,
                  const std::function<actors::standin_view()>& look) override;

  // What the engine's store asks.
  [[nodiscard]] bool dead() const override { return dead_; }
  [[nodiscard]] append_fate on_append(std::span<const core::append_request> requests) override;
  void on_appended(const core::append_request& request) override;
  void on_died() override;
  void on_checkpoint(const core::checkpoint_request& request, bool kept) override;
  [[nodiscard]] bool read_fails() override;
  [[nodiscard]] append_fate on_registry() override;

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
  [[nodiscard]] const std::map<core::pool_id, std::function<actors::standin_view()>>& standins()
      const {
    return standins_;
  }
  /// What its pools have forgotten; begins with what they are restored from.
  std::map<core::pool_id, std::vector<forgetting>> forgot;

  /// The latest actor of a run; 0: none.
  [[nodiscard]] std::uint64_t actor_of(const core::run_id& run) const;

 private:
  universe& world_;
  engine_life who_;
  std::string name_;
  bool dead_ = false;
  /// An actor, and what waits in its mailbox.
  struct known_actor {
    actors::actor_label label;
    std::size_t entries = 0;
    std::size_t messages = 0;
  };
  std::unordered_map<std::uint64_t, known_actor> actors_;
  std::array<std::size_t, actors::actor_roles> longest_{};  ///< By role.
  std::unordered_map<const void*, origin> origins_;  ///< Of those, by address: looked up only.
  std::unordered_map<core::run_id, std::uint64_t> runs_;
  std::map<core::pool_id, std::function<std::string()>> states_;
  std::map<core::pool_id, std::function<actors::standin_view()>> standins_;
};

/// What is at a site.
enum class site_kind : std::uint8_t {
  engine,   ///< On the store, with runs of its own.
  node,     ///< On the store, for programs.
  program,  ///< Whose pools are at nodes.
};

/// A place for an engine: the engine of the moment and what outlives it.
struct site {
  std::size_t number = 0;
  site_kind kind = site_kind::engine;
  std::string name;  ///< "e0", "n1", "p2": also its host in the network.
  std::uint64_t lives = 0;
  std::shared_ptr<site_clock> clock;
  std::shared_ptr<site_life> life;   ///< Null while the engine is down.
  actors::engine* engine = nullptr;  ///< Likewise; of those that follow.
  std::unique_ptr<actors::engine> on_store;
  std::unique_ptr<actors::remote::node> hosting;    ///< Of a node.
  std::unique_ptr<actors::remote::client> program;  ///< Of a program, in place of `on_store`.
  std::uint64_t appends = 0;                        ///< Over all lives.
  std::uint64_t reads = 0;
  std::uint64_t registry_writes = 0;
  bool dying = false;   ///< Its life ends with this step.
  bool frozen = false;  ///< It does nothing while time passes.
  std::chrono::milliseconds down{0};
  /// Secrets of runs that a program keeps for its next life.
  std::map<std::pair<core::pool_id, core::run_id>, std::string> tokens;
  std::uint64_t tokens_made = 0;

  [[nodiscard]] caf::scheduler::test_coordinator& steps() const;
};

}  // namespace agentpool::sim
