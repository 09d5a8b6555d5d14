#pragma once

#include <caf/fwd.hpp>
#include <caf/io/scribe.hpp>
#include <string>

namespace agentpool::actors::remote {

/// CAF's side of a relayed connection. Takes the descriptor over.
[[nodiscard]] caf::io::scribe_ptr make_gate_scribe(caf::actor_system& system, int descriptor,
                                                   std::string address);

}  // namespace agentpool::actors::remote
