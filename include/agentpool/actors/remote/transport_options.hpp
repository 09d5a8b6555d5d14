#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentpool/core/outcome.hpp"

/// How nodes reach each other: where, under what protection, and every bound of it with its unit.
namespace agentpool::actors::remote {

/// A place to listen at or to connect to: a name or an address, and a TCP port.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;  ///< To listen at: 0 takes any free one.

  friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// Reads "HOST:PORT" and "[ADDRESS]:PORT", the latter for IPv6. HostConfigurationNeeded otherwise.
[[nodiscard]] core::outcome<endpoint> parse_endpoint(std::string_view text);

/// The text that `parse_endpoint` reads.
[[nodiscard]] std::string to_text(const endpoint& where);

/// PEM files. Whoever has a certificate signed by the authority is a member, and nobody else.
struct tls_files {
  std::string certificate;  ///< This node's, followed by what lies between it and the authority.
  std::string key;          ///< The certificate's private key, without a passphrase.
  std::string authority;    ///< The certificate of the private authority.
};

/// How connections are protected. With neither, only loopback addresses are served and dialled.
struct transport_security {
  std::optional<tls_files> tls;  ///< Mutual TLS, 1.2 or later, on every connection.
  bool insecure = false;         ///< Plain TCP anywhere: whoever reaches the port is a member.
};

/// Every bound of the transport, with its unit.
struct transport_limits {
  std::size_t connections_max = 1'024;         ///< Accepted and past their handshake.
  std::size_t connections_per_peer_max = 256;  ///< Of one certificate; plain: of one address.
  std::size_t handshakes_max = 256;  ///< Accepted, not past it; beyond, the oldest one goes.
  std::chrono::milliseconds handshake_max{5'000};  ///< From the connection to the first message.
  std::chrono::milliseconds connect_max{5'000};    ///< To look up a name and connect.
  std::chrono::milliseconds heartbeat{500};        ///< Between two signs of life on a connection.
  std::chrono::milliseconds silence_max{3'000};    ///< Nothing from the peer: it is gone.
  std::chrono::milliseconds stall_max{10'000};     ///< The peer takes nothing of what waits.
  std::size_t message_bytes_max = 16U << 20U;      ///< Of one message as it travels.
  std::size_t frames_per_second_max = 200'000;     ///< From one peer; beyond, it has to wait.
  std::size_t bytes_per_second_max = 256U << 20U;  ///< From one peer; beyond, it has to wait.
  std::size_t relay_bytes_max = 256U << 10U;       ///< Of each of a connection's two buffers.
  std::size_t known_actors_max = 65'536;  ///< Actors that two nodes may have shown each other.
};

}  // namespace agentpool::actors::remote
