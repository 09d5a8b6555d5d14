#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/actors/agent.hpp"
#include "agentpool/actors/limits.hpp"
#include "agentpool/actors/pool_handle.hpp"
#include "agentpool/actors/run_handle.hpp"
#include "agentpool/actors/watch.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/pool.hpp"
#include "agentpool/core/registry.hpp"
#include "agentpool/core/store_backend.hpp"
#include "agentpool/core/time.hpp"

namespace caf {
class actor_system;
class actor_system_config;
}  // namespace caf

/// The engine: the actors of a store, its pools and their runs.
namespace agentpool::actors {

/// Who gives the actors their turns.
enum class scheduling : std::uint8_t {
  threads,  ///< Worker threads, and one of its own for the store.
  stepped,  ///< The caller, one message at a time, in virtual time, through `engine::system`.
};

/// How an engine is composed.
struct engine_options {
  std::shared_ptr<const core::clock> clock = {};  ///< Null: the machine's.
  engine_limits limits = {};
  core::pool_limits pool_limits = {};
  scheduling schedule = scheduling::threads;
  std::size_t worker_threads = 0;  ///< 0: a core each, at least 2. One more if the store blocks.
  std::shared_ptr<actor_watch> watch = {};  ///< Null: the actors are made without.
  /// Adds to the actor system before it is made. Null: nothing.
  std::function<void(caf::actor_system_config&)> configure = {};
};

/// What an engine has done so far.
struct engine_counters {
  std::uint64_t messages = 0;  ///< Messages recorded, whatever became of them.
  std::uint64_t wakes = 0;     ///< Wake conditions that became final.
  std::uint64_t commits = 0;   ///< Transactions of the store.
};

class pool_source;

/// Makes what an engine's pools come from, for its actor system.
using pool_source_factory =
    std::function<std::unique_ptr<pool_source>(caf::actor_system&, const engine_options&)>;

/// Owns a store and everything that runs on it. Safe to use from any thread. With `stepped`
/// scheduling only what calls back may be used: what blocks would wait for ever.
class engine {
 public:
  explicit engine(std::unique_ptr<core::store_backend> backend, engine_options options = {});
  /// An engine whose pools are elsewhere.
  explicit engine(const pool_source_factory& pools, engine_options options = {});
  /// Closes.
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// A handle on the pool, opened or not. Does not block.
  [[nodiscard]] pool_handle pool(const core::pool_id& id);

  /// Handles on the pools in use, by id; none once closed. Does not block.
  [[nodiscard]] std::vector<pool_handle> pools_in_use();

  /// Opens the pool, for the first time or again.
  [[nodiscard]] core::outcome<pool_handle> open_pool(const core::pool_id& id,
                                                     core::pool_config config = {});

  /// The ids of all pools in the store, sorted.
  [[nodiscard]] core::outcome<std::vector<core::pool_id>> list_pools();
  void list_pools(callback<std::vector<core::pool_id>> then);

  /// Makes runs of that agent possible. A second factory for one id replaces the first.
  void register_agent(core::agent_id id, agent_factory factory);

  /// Joins the run to its pool (or joins it again), publishes `run_started` and starts its agent.
  [[nodiscard]] core::outcome<run_handle> start_run(run_request request);
  void start_run(run_request request, callback<run_handle> then);

  [[nodiscard]] core::outcome<engine_counters> counters();

  /// Keeps the bytes, for good, and gives the name to send in messages: the same bytes have the
  /// same name and are kept once. A contract violation when they are too many, `overloaded` when
  /// the store, or what is under way, is full (core::content_limits, engine_limits). With pools at
  /// nodes they keep it, and none larger than a request to them may be.
  [[nodiscard]] core::outcome<core::content_ref> put_content(std::string bytes);
  void put_content(std::string bytes, callback<core::content_ref> then);

  /// The bytes of that name, checked against it; nothing when the store has none. A contract
  /// violation when no store can have made the name.
  [[nodiscard]] core::outcome<std::optional<std::string>> get_content(core::content_ref name);
  void get_content(core::content_ref name, callback<std::optional<std::string>> then);

  /// The registry of the store, for nodes (core/store_backend.hpp).
  void write_registry(std::vector<core::registry_write> writes,
                      callback<std::vector<core::registry_written>> then);
  void read_registry(core::registry_query query, callback<std::vector<core::registry_row>> then);

  /// Ends everything: what was decided is made durable and answered, everything else is answered
  /// with an error, runs stop where they are (they stay members). Closing twice does nothing. Not
  /// to be called by an agent or a callback: it waits for them.
  void close();

  /// The actors' system: what `stepped` scheduling is driven through, and nodes are made in.
  [[nodiscard]] caf::actor_system& system();

 private:
  class parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace agentpool::actors
