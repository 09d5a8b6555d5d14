#pragma once

#include <caf/actor.hpp>
#include <functional>
#include <memory>
#include <string>

#include "agentpool/actors/pool_handle.hpp"
#include "agentpool/core/outcome.hpp"

namespace caf {
class actor_system;
}

namespace agentpool::actors::remote {

/// How programs and nodes reach each other: over TCP (`tcp_network`), or in a simulated world. An
/// actor that comes from elsewhere is a proxy: what is sent to it arrives in order, or never once
/// the connection is lost, and then who monitors it is told. Safe to use from any thread.
class network {
 public:
  network() = default;
  network(const network&) = delete;
  network& operator=(const network&) = delete;
  virtual ~network() = default;

  /// Lets programs reach this process at `endpoint`, "HOST:PORT"; port 0 is any free one. They meet
  /// `published`. Gives the endpoint as it is.
  [[nodiscard]] virtual core::outcome<std::string> listen(const std::string& endpoint,
                                                          caf::actor published) = 0;

  /// Who comes from now on meets this one.
  virtual void publish(caf::actor another) = 0;

  /// Reaches a node: the actor that it published. Bounded in time; may call back at once.
  virtual void dial(const std::string& endpoint, callback<caf::actor> then) = 0;

  /// Ends listening and every connection. Closing twice does nothing.
  virtual void close() = 0;
};

/// Makes the network of an actor system.
using network_factory = std::function<core::outcome<std::shared_ptr<network>>(caf::actor_system&)>;

}  // namespace agentpool::actors::remote
