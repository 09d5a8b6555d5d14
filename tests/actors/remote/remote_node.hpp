// A node of its own: an actor system, a transport, and an actor that answers what it is told.
#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/remote/transport.hpp"

namespace agentpool::testing {

using namespace std::chrono_literals;

/// How long a test waits for what comes at once on a machine that is not overloaded.
inline constexpr std::chrono::seconds wait_max{30};

/// Deadlines that no test has to wait long for, and that an overloaded machine still keeps.
[[nodiscard]] actors::remote::transport_limits generous();

class remote_node {
 public:
  explicit remote_node(actors::remote::transport_security security = {},
                       actors::remote::transport_limits limits = generous());
  ~remote_node();

  /// The port on 127.0.0.1 where `echo` is published.
  std::uint16_t listen();
  /// Throws the error's text when there is no actor to be had.
  caf::actor dial(std::uint16_t port, const std::string& host = "127.0.0.1");
  /// The error's text; "" when it went well.
  std::string dial_fault(std::uint16_t port, const std::string& host = "127.0.0.1");
  /// What the actor answers; "failed: …" when nothing comes.
  std::string ask(const caf::actor& whom, const std::string& text,
                  std::chrono::milliseconds within = wait_max);
  /// Waits until CAF says that the actor is gone; false when it does not.
  bool gone(const caf::actor& whom);
  /// Spawns an actor that answers "NAME: TEXT".
  caf::actor spawn_echo(const std::string& name);

  [[nodiscard]] std::uint64_t ended(actors::remote::ending why) const {
    return transport->counters().ended[static_cast<std::size_t>(why)];
  }

 private:
  struct configuration;
  std::unique_ptr<configuration> configuration_;

 public:
  std::unique_ptr<caf::actor_system> system;
  std::shared_ptr<actors::remote::transport> transport;
  caf::actor echo;
};

[[nodiscard]] inline bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Lines that the logger "agentpool" wrote since the last call, of warnings and worse.
[[nodiscard]] std::vector<std::string> logged();

}  // namespace agentpool::testing
