#pragma once

#include <cstdint>
#include <string_view>

namespace agentpool::actors::remote {

/// Why a connection ended. What is not in the ordinary course of things is logged and counted.
enum class ending : std::uint8_t {
  closed_here,         ///< CAF or the transport let it go.
  closed_by_peer,      ///< The peer let it go, or the network did.
  replaced,            ///< The same node has connected anew.
  handshake_late,      ///< Not past its handshake when `handshake_max` was over.
  handshakes_full,     ///< The oldest of too many unfinished handshakes.
  connections_full,    ///< `connections_max` reached.
  peer_full,           ///< `connections_per_peer_max` reached.
  not_local,           ///< Neither TLS nor loopback.
  tls_refused,         ///< No TLS, or none that both sides accept, or no valid certificate.
  silent,              ///< Nothing came for `silence_max`.
  stalled,             ///< Nothing was taken for `stall_max`.
  malformed,           ///< Not a frame as CAF writes it.
  too_large,           ///< A message beyond `message_bytes_max`.
  out_of_turn,         ///< A handshake where none belongs, or a message before it.
  routed,              ///< A message to be passed on to another node.
  named,               ///< A message to an actor by its name.
  stranger_addressed,  ///< To an actor that was never shown to this peer.
  type_refused,        ///< A message of a type that has no business between nodes.
  wrong_node,          ///< A frame in the name of another node.
  too_many_actors,     ///< More senders than `known_actors_max`.
};

/// How many reasons there are.
inline constexpr std::size_t endings = static_cast<std::size_t>(ending::too_many_actors) + 1;

/// The reason in words, for logs and `inspect`.
[[nodiscard]] std::string_view to_text(ending why) noexcept;

/// True for what a well-behaved peer does not cause.
[[nodiscard]] constexpr bool is_refusal(ending why) noexcept { return why > ending::replaced; }

}  // namespace agentpool::actors::remote
