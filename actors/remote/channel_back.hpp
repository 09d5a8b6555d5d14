#pragma once

#include <caf/send.hpp>
#include <utility>

#include "actors/remote/channel.hpp"

namespace agentpool::actors::remote {

/// Counted until the program says that it has taken it.
template <class Message>
void channel_desk::back::tell(Message what, std::size_t bytes) {
  note(bytes);
  caf::anon_send(peer, std::move(what));
}

}  // namespace agentpool::actors::remote
