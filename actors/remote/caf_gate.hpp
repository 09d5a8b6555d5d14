#pragma once

#include <caf/actor.hpp>
#include <caf/fwd.hpp>
#include <functional>
#include <set>
#include <string>

#include "agentpool/core/outcome.hpp"

namespace agentpool::actors::remote {

/// Hands one end of a socket pair to CAF's middleman as a connection between nodes. CAF itself
/// listens nowhere and connects to nobody. Safe from any thread.
class caf_gate {
 public:
  explicit caf_gate(caf::actor_system& system);

  /// As a connection that was accepted: the other side is greeted with `published`. Takes the
  /// descriptor over.
  void accept(int descriptor, std::string address, const caf::actor& published,
              std::set<std::string> signatures);

  /// As a connection that was opened from here. `then` gets the actor published there, on a thread
  /// of CAF's; or an error when the connection ended first. Takes the descriptor over.
  void connect(int descriptor, std::string address,
               std::function<void(core::outcome<caf::actor>)> then);

  /// Lets go of the actor that was published last.
  void forget();

 private:
  caf::actor_system& system_;
  caf::actor broker_;
};

}  // namespace agentpool::actors::remote
