#pragma once

#include <caf/fwd.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/actors/remote/network.hpp"

/// A network between the engines of a simulated world: what is sent lies in it until somebody
/// delivers it.
namespace agentpool::sim {

/// What can happen next in a network: the first message of one direction of a connection arrives,
/// or one side of a connection that was lost finds out.
struct network_step {
  enum class kind : std::uint8_t { deliver, notice };
  kind what = kind::deliver;
  std::uint64_t connection = 0;
  std::string from;
  std::string to;       ///< Who gets it, or finds out.
  std::string message;  ///< The types of what is delivered.
};

/// What a network has done.
struct network_counters {
  std::uint64_t dials = 0;
  std::uint64_t refused = 0;    ///< Dials.
  std::uint64_t delivered = 0;  ///< Messages.
  std::uint64_t lost = 0;       ///< Messages that were on their way when a connection was lost.
  std::uint64_t broken = 0;     ///< Connections that were lost.
};

/// Hosts, and connections between them. Messages of one direction of a connection arrive in order;
/// everything else is as the caller picks. Everything goes through the bytes that a real network
/// would carry. For one thread.
class network {
 public:
  network();
  ~network();
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  /// The network as a process on that host sees it. A host has one process at a time; it listens at
  /// "HOST:PORT" whatever it asks for.
  [[nodiscard]] std::shared_ptr<actors::remote::network> host(const std::string& name,
                                                              caf::actor_system& system);

  /// What can happen next, in a fixed order.
  [[nodiscard]] std::vector<network_step> steps() const;
  [[nodiscard]] bool idle() const;
  /// Has the step happen that stands at that place of `steps()`.
  void take(std::size_t place);

  /// Loses every connection of two hosts, and what is on its way in it; each side finds out by a
  /// step of its own. Until healed they do not reach each other.
  void cut(const std::string& one, const std::string& other);
  void heal(const std::string& one, const std::string& other);
  [[nodiscard]] bool is_cut(const std::string& one, const std::string& other) const;
  /// The connections alone: they reach each other again at once.
  void reset(const std::string& one, const std::string& other);
  /// The host's process is no more: others find out by a step, nothing is delivered to it. To be
  /// called before its actor system ends.
  void die(const std::string& name);

  [[nodiscard]] const network_counters& counters() const noexcept;

 private:
  class parts;
  std::shared_ptr<parts> parts_;
};

}  // namespace agentpool::sim
