#pragma once

#include <caf/actor.hpp>
#include <caf/fwd.hpp>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "agentpool/core/outcome.hpp"

namespace agentpool::actors::remote {

/// Hands one end of a socket pair to CAF's middleman as a connection between nodes. CAF itself
/// listens nowhere and connects to nobody. Safe from any thread.
class caf_gate {
 public:
  explicit caf_gate(caf::actor_system& system);

  /// As a connection that was accepted: the other side is greeted with `published`. Takes the
  /// descriptor over. What CAF calls the connection.
  std::int64_t accept(int descriptor, std::string address, const caf::actor& published,
                      std::set<std::string> signatures);

  /// As a connection that was opened from here. `then` gets the actor published there, on a thread
  /// of CAF's; or an error when the connection ended first. Takes the descriptor over.
  void connect(int descriptor, std::string address,
               std::function<void(core::outcome<caf::actor>)> then);

  /// Has CAF forget connections that were closed, and the actors that it reached by them: whoever
  /// watches these hears of their end. CAF would do it later, or not at all when the same node has
  /// another connection by then. `then` runs on a thread of CAF's.
  void drop(const std::vector<std::int64_t>& connections, std::function<void()> then);

  /// Lets go of the actor that was published last.
  void forget();

 private:
  caf::actor_system& system_;
  caf::actor broker_;
};

}  // namespace agentpool::actors::remote
