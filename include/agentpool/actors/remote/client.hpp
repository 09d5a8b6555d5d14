#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/client_limits.hpp"
#include "agentpool/actors/remote/network.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/messages/remote.hpp"

/// Programs whose pools are at nodes.
namespace agentpool::actors::remote {

/// How far a connection is.
enum class link_state : std::uint8_t {
  idle,      ///< Nobody needs it, or it was lost and nobody asked again yet.
  waiting,   ///< It failed a moment ago: it is tried again soon.
  dialing,   ///< Being made.
  greeting,  ///< Made; the node has not answered yet.
  up,
};

/// A connection to a node, as it is shown.
struct link_report {
  std::string endpoint;
  link_state state = link_state::idle;
  std::string node = {};        ///< Its name, once it said welcome.
  std::uint64_t times_up = 0;   ///< How often the connection was made.
  std::uint32_t tries = 0;      ///< That failed since it was up last.
  std::string last_error = {};  ///< Why it was lost, or not made, last.
};

/// How far a program is with a pool.
enum class pool_state : std::uint8_t {
  resting,  ///< Nothing is asked of it, or the next try is a moment away.
  linking,  ///< Waiting for a connection to the node that may have it.
  opening,  ///< Asking that node for it.
  seating,  ///< Proving that it may act as its runs.
  ready,
};

/// A pool, as it is shown.
struct pool_report {
  core::pool_id pool;
  pool_state state = pool_state::resting;
  std::string endpoint = {};   ///< Of the node that has it, or is asked.
  std::uint64_t requests = 0;  ///< Not answered.
  std::uint64_t runs = 0;      ///< Of this program, that the node lets act.
};

/// How a program reaches its pools.
struct client_options {
  std::vector<std::string> nodes;  ///< Endpoints of nodes to ask first, "HOST:PORT"; at least one.
  std::string program = "agentpool";  ///< What nodes call this program where they show it.
  client_limits limits = {};
  engine_options engine = {};
  network_factory network = {};  ///< How nodes are reached; needed.
  /// Told of every change of a connection, on threads of the engine; must not block. May be null.
  std::function<void(const link_report&)> on_link = {};
  /// Makes the secrets of runs; null: 32 bytes of OpenSSL's generator, as hex.
  std::function<std::string()> make_token = {};
  std::optional<std::uint64_t> seed = {};  ///< Of the chance in waits; none: a random one.
};

/// An engine whose pools are at nodes: the same handles, the same runs and agents, which live here.
/// What is asked while no node is reached waits, and is asked again where a connection was lost, so
/// that a caller sees one answer, or an error once its time is over. Events that were under way
/// when a connection was lost may be published twice: everything else has keys.
class client {
 public:
  /// The error: the network cannot be set up as asked. Does not wait for nodes.
  [[nodiscard]] static core::outcome<std::unique_ptr<client>> make(client_options options);
  /// Closes.
  ~client();
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  /// What programs use. Its counters and registry are the nodes' and are refused.
  [[nodiscard]] engine& pools() noexcept;

  /// The secret by which this program acts as the run; none when it does not. Who has it may take
  /// the run over, so keep it as a password.
  [[nodiscard]] std::optional<std::string> token(const core::pool_id& pool,
                                                 const core::run_id& run) const;
  /// Gives the secret of a run that an earlier life of this program joined.
  void present(const core::pool_id& pool, const core::run_id& run, std::string token);

  /// The connections as they are, by endpoint.
  [[nodiscard]] std::vector<link_report> links() const;

  /// The pools that this program uses, as they are.
  [[nodiscard]] std::vector<pool_report> reports() const;

  /// Asks the node at `endpoint` how it is.
  [[nodiscard]] core::outcome<messages::status_told> status(const std::string& endpoint);
  void status(const std::string& endpoint, callback<messages::status_told> then);

  /// Ends the engine, then the connections. Runs stay members until their time of grace is over.
  void close();

 private:
  class parts;
  explicit client(std::unique_ptr<parts> of);
  std::unique_ptr<parts> parts_;
};

}  // namespace agentpool::actors::remote
