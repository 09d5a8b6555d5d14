#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/actors/agent.hpp"
#include "agentpool/actors/limits.hpp"
#include "agentpool/actors/pool_handle.hpp"
#include "agentpool/actors/remote/client_limits.hpp"
#include "agentpool/actors/remote/node_limits.hpp"
#include "agentpool/actors/run_handle.hpp"
#include "agentpool/core/commands.hpp"
#include "agentpool/core/pool.hpp"
#include "agentpool/sim/check.hpp"
#include "agentpool/sim/fault_plan.hpp"
#include "agentpool/sim/latency.hpp"
#include "agentpool/sim/ledger.hpp"
#include "agentpool/sim/observer.hpp"
#include "agentpool/sim/strategy.hpp"

/// Simulation: the same engine and the same agents, in one thread and virtual time, everything by a
/// seed.
namespace agentpool::sim {

/// Bounds of nodes as a world has them: in virtual time the times are shorter, so that waits of
/// many seeds are few steps.
[[nodiscard]] actors::remote::node_limits quick_node_limits();
/// The same of programs.
[[nodiscard]] actors::remote::client_limits quick_client_limits();

/// Nodes on the world's store, and programs that reach them over a network: then runs live in
/// programs, and who asks from outside asks a program. Every program reaches every node.
struct topology {
  std::size_t nodes = 0;  ///< 0: there is no network, and the engines stand on the store.
  std::size_t programs = 1;
  actors::remote::node_limits node_limits = quick_node_limits();
  actors::remote::client_limits client_limits = quick_client_limits();
};

/// How a world is made.
struct world_options {
  std::size_t engines = 1;  ///< All on one store, as several programs on one file; without nodes.
  sim::topology network = {};
  strategy_plan strategy = {};
  fault_plan faults = {};
  latency_law thinking = constant_latency{};  ///< How long agents take to act on what they get.
  actors::engine_limits limits = {};
  core::pool_limits pool_limits = {};
  bool keeps_checkpoints = false;
  core::instant start = core::from_millis(1'800'000'000'000);
  std::uint64_t steps_max = 5'000'000;
  std::chrono::milliseconds time_max{86'400'000};
  std::uint64_t lives_max = 8;  ///< So often a run that did not end well is started.
  bool checks = true;           ///< The standard ones.
  bool readers = true;          ///< One on every engine subscribes to all events of each pool.
  std::shared_ptr<sim::strategy> picks = {};  ///< Who is next, in place of `strategy`.
  /// Told after each step which actors it involved: the one that acted, and those it sent to; 0
  /// stands for the log where engines share it.
  std::function<void(std::span<const std::uint64_t>)> touched = {};
  bool choices = false;                              ///< Remember every pick, for replaying.
  std::function<void(std::string_view)> trace = {};  ///< Gets every line of the trace.
};

/// Why a world stopped.
enum class world_end : std::uint8_t {
  idle,          ///< Nothing more happens by itself.
  violated,      ///< A check found something.
  out_of_steps,  ///< `steps_max`.
  out_of_time,   ///< `time_max`.
};

class universe;

/// Engines, their pools and runs, and who asks them from outside. Nothing happens but in `run`,
/// `run_for` and `open`. Use it from one thread; agents and callbacks run in it, and must take time
/// and chance from the world alone for a seed to say everything.
class world {
 public:
  /// Throws `std::invalid_argument` when the options make no sense, and says where.
  explicit world(std::uint64_t seed, world_options options = {});
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// Makes runs of that agent possible on all engines.
  void register_agent(core::agent_id id, actors::agent_factory factory);

  /// Opens the pool on every engine; steps until it is open. False: something stopped the world.
  bool open(const core::pool_id& pool, const core::pool_config& config = {});

  /// Asks for a run; engines take turns unless one is named. A run is started again when its engine
  /// died, when its end could not be recorded, or when it failed, up to `lives_max` times.
  void start_run(actors::run_request request, std::optional<std::size_t> engine = {});
  /// Asks a run to end.
  void cancel_run(const core::run_id& run);

  /// Asks a pool from outside. Repeated, as a careful caller does, while the engine is down and
  /// after errors that say it may be; `then` gets the final answer.
  void ask(const core::pool_id& pool, core::command what, actors::callback<core::answer> then = {},
           std::size_t engine = 0);

  /// Has `what` done when so much more time has passed.
  void after(std::chrono::microseconds time, std::function<void()> what);

  /// Kills an engine now; it is started again after `down`.
  void crash(std::size_t engine, std::chrono::milliseconds down = {});
  /// The same of a node; programs are engines here.
  void crash_node(std::size_t node, std::chrono::milliseconds down = {});

  /// Steps until nothing more happens by itself.
  world_end run();
  /// Steps until so much time has passed; goes on where it is idle.
  world_end run_for(std::chrono::milliseconds time);

  /// Ends everything that lives, and tells by a violation what does not end. Then there are only
  /// numbers and violations left to look at. So does the destructor, telling nobody.
  void close();

  /// Adds an invariant, or whoever else wants to see.
  void add(std::unique_ptr<check> invariant);
  void add(observer& watcher);
  /// Something that must be reached by at least one seed: reports the name once it holds.
  void sometimes(std::string name, std::function<bool(const world_view&)> holds);

  [[nodiscard]] const world_view& view() const noexcept;
  [[nodiscard]] const std::vector<violation>& violations() const noexcept;
  [[nodiscard]] std::uint64_t steps() const noexcept;
  [[nodiscard]] std::chrono::microseconds elapsed() const noexcept;
  /// Numbers for the program's own choices, by the world's seed.
  [[nodiscard]] chance& draws() noexcept;
  /// What was picked, if it was to be remembered: which of how many.
  [[nodiscard]] const std::vector<std::uint32_t>& choices() const noexcept;
  /// The names given to `sometimes` that held.
  [[nodiscard]] const std::set<std::string>& reached() const noexcept;
  /// Those that did not hold yet; `try_seeds` gathers them over seeds.
  [[nodiscard]] std::set<std::string> unreached() const;
  /// The kinds of faults that took effect, by their place in `fault_names()`.
  [[nodiscard]] const std::set<std::size_t>& faults_met() const noexcept;

 private:
  std::unique_ptr<universe> parts_;
};

/// Runs the program in two worlds of that seed and compares their traces byte by byte: empty when
/// they are the same, else the first lines that differ.
[[nodiscard]] std::string run_twice(std::uint64_t seed, const world_options& options,
                                    const std::function<void(world&)>& program);

/// What is wrong with a world that ended so: the first violation, or that it did not come to rest.
[[nodiscard]] std::optional<violation> found_in(const world& at, world_end end);

}  // namespace agentpool::sim
