#include "actors/remote/ending.hpp"

namespace agentpool::actors::remote {

std::string_view to_text(ending why) noexcept {
  switch (why) {
    case ending::closed_here: return "closed here";
    case ending::closed_by_peer: return "closed by the peer";
    case ending::replaced: return "the node has connected anew";
    case ending::handshake_late: return "the handshake took too long";
    case ending::handshakes_full: return "too many unfinished handshakes";
    case ending::connections_full: return "too many connections";
    case ending::peer_full: return "too many connections of one peer";
    case ending::not_local: return "without TLS only this machine is served";
    case ending::tls_refused: return "no TLS handshake";
    case ending::silent: return "nothing was heard of the peer for too long";
    case ending::stalled: return "the peer took nothing for too long";
    case ending::malformed: return "not a frame of this protocol";
    case ending::too_large: return "a message too large";
    case ending::out_of_turn: return "a frame out of turn";
    case ending::routed: return "a message for another node";
    case ending::named: return "a message to an actor by its name";
    case ending::stranger_addressed: return "a message to an actor that was never shown to it";
    case ending::type_refused: return "a message of a type that is not exchanged";
    case ending::wrong_node: return "a frame in the name of another node";
    case ending::too_many_actors: return "too many senders";
  }
  return "";
}

}  // namespace agentpool::actors::remote
