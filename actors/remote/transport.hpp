#pragma once

#include <array>
#include <caf/actor.hpp>
#include <caf/fwd.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "actors/remote/ending.hpp"
#include "agentpool/actors/remote/transport_options.hpp"

namespace agentpool::actors::remote {

/// What the transport has done so far, and has now.
struct transport_counters {
  std::uint64_t connections = 0;  ///< Now, unfinished ones among them.
  std::uint64_t accepted = 0;
  std::uint64_t dialled = 0;
  std::uint64_t bytes_inward = 0;
  std::uint64_t bytes_outward = 0;
  std::uint64_t frames_inward = 0;
  std::uint64_t frames_outward = 0;
  std::uint64_t frames_omitted = 0;            ///< Ours that the peer would not have taken.
  std::array<std::uint64_t, endings> ended{};  ///< By `ending`.
};

/// One connection, for whoever looks.
struct connection_state {
  std::string address;  ///< The peer's.
  std::string subject;  ///< Of its certificate; "" when plain.
  bool accepted = false;
  bool open = false;  ///< Past its handshake.
  std::chrono::milliseconds age{0};
};

/// Connections between nodes. Owns one thread, which alone touches sockets that lead to others:
/// it does the handshakes, checks every frame, and carries the bytes to and from CAF's middleman
/// by socket pairs. Safe to call from any thread but that one; to be closed before the system.
class transport {
 public:
  using dialled = std::function<void(core::outcome<caf::actor>)>;

  /// Checks the security's files and starts the thread. `message_types` are the names, as CAF
  /// writes them, of the types that nodes may exchange; everything else is refused on both ends.
  /// `add_transport_to` must have been called on the system's configuration.
  [[nodiscard]] static core::outcome<std::shared_ptr<transport>> make(
      caf::actor_system& system, const transport_security& security, const transport_limits& limits,
      std::set<std::string, std::less<>> message_types);

  transport(const transport&) = delete;
  transport& operator=(const transport&) = delete;
  ~transport();

  /// Listens, and shows `published` to whoever connects. The real place: port 0 takes any free
  /// port. HostConfigurationNeeded when it is taken, unknown, or no loopback address without TLS.
  [[nodiscard]] core::outcome<endpoint> listen(const endpoint& where, const caf::actor& published,
                                               std::set<std::string> signatures);
  /// From now on new connections meet this actor; those that there are keep theirs.
  void publish(const caf::actor& another, std::set<std::string> signatures);

  /// Connects and asks for the actor published there; `then` runs once, on any thread, within
  /// `connect_max` and `handshake_max`. A second connection to a node that this process is
  /// connected with is closed at once; the actor is then reached by the first.
  void dial(const endpoint& where, dialled then);

  [[nodiscard]] transport_counters counters() const;
  [[nodiscard]] std::vector<connection_state> connections() const;
  /// The largest message that may be sent: a larger one is left out and logged, so its sender
  /// should refuse it before.
  [[nodiscard]] std::size_t message_bytes_max() const noexcept;

  /// Stops listening and ends all connections. What is dialled is answered. Idempotent; not to be
  /// called, nor the transport let go, by what `dial` runs.
  void close();

 private:
  struct parts;
  explicit transport(std::unique_ptr<parts> made);

  std::unique_ptr<parts> parts_;
};

/// Sets what CAF needs for it: the middleman, its heartbeats, and a random id of the node. To be
/// called before the system is made.
void add_transport_to(caf::actor_system_config& config, const transport_limits& limits);

}  // namespace agentpool::actors::remote
