#pragma once

#include <caf/actor_system.hpp>
#include <cstddef>

namespace agentpool::actors {

/// So many messages an actor handles before the next in the queue has its turn.
inline constexpr std::size_t messages_a_turn = 64;

/// CAF's work sharing, one queue for all workers, with fewer wakes: what is sent as the last act of
/// a handler (`last_act`) waits for the worker that sent it, which is about to look for work,
/// where CAF wakes another one for each. Whoever looks for work first takes it; it waits for no
/// longer than the handler goes on, or the messages of a turn where more of them came meanwhile.
caf::actor_system::module* sharing(caf::actor_system& system);

}  // namespace agentpool::actors
