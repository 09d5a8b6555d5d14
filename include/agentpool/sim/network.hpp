#pragma once

#include <caf/fwd.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
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
  std::string to;          ///< Who gets it, or finds out.
  std::string message;     ///< The types of what is delivered.
  std::uint64_t mark = 0;  ///< What `network_watch::on_send` said of it.
  std::uint64_t key = 0;   ///< Names it as long as it can happen.
};

/// Who wants to know what processes do to the network. Either may be null.
struct network_watch {
  std::function<std::uint64_t()> on_send = {};  ///< Its number goes with the message.
  std::function<void()> on_dial = {};
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
  /// The same by keys: what can happen, one of it, have it happen.
  void pending(std::vector<std::uint64_t>& keys) const;
  [[nodiscard]] network_step step(std::uint64_t key) const;
  void take_key(std::uint64_t key);
  void watch(network_watch of);

  /// Loses every connection of two hosts, and what is on its way in it; each side finds out by a
  /// step of its own. Until healed they do not reach each other.
  void cut(const std::string& one, const std::string& other);
  void heal(const std::string& one, const std::string& other);
  [[nodiscard]] bool is_cut(const std::string& one, const std::string& other) const;
  /// The connections alone: they reach each other again at once.
  void reset(const std::string& one, const std::string& other);
  /// Nothing arrives between the two until they are let go; connections stay, new ones come about.
  void hold(const std::string& one, const std::string& other);
  void let_go(const std::string& one, const std::string& other);
  /// Nothing arrives at the host, and it finds nothing out, until it thaws.
  void freeze(const std::string& name);
  void thaw(const std::string& name);
  /// What one of the two sends over a connection arrives at the other.
  [[nodiscard]] bool flows(const std::string& one, const std::string& other) const;
  /// The two have a connection that is not lost.
  [[nodiscard]] bool connected(const std::string& one, const std::string& other) const;
  /// The host's process is no more: others find out by a step, nothing is delivered to it. To be
  /// called before its actor system ends.
  void die(const std::string& name);

  [[nodiscard]] const network_counters& counters() const noexcept;

 private:
  class parts;
  std::shared_ptr<parts> parts_;
};

}  // namespace agentpool::sim
