// Frames of BASP as CAF 0.17.6 writes them, made by hand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/remote/basp_frame.hpp"

namespace agentpool::testing {

using bytes = std::vector<std::byte>;

/// Bytes in CAF's notation, one after the other.
struct writer {
  bytes out;

  writer& number(std::uint64_t value, std::size_t size);
  /// A text with its size before it.
  writer& text(std::string_view value);
  writer& raw(const bytes& more);
  writer& node(const actors::remote::basp_node& which);
};

/// What the header of a frame says.
struct frame_fields {
  std::uint8_t operation = 0;
  std::uint8_t flags = 0;
  std::uint64_t data = 0;
  std::uint64_t source = 0;
  std::uint64_t dest = 0;
};

[[nodiscard]] bytes frame(const frame_fields& fields, const bytes& payload = {});
/// The header alone, with any size for the payload.
[[nodiscard]] bytes header(const frame_fields& fields, std::uint32_t payload_size);

/// Node number `number` of the tests.
[[nodiscard]] actors::remote::basp_node node(std::uint8_t number);

[[nodiscard]] bytes client_handshake(const actors::remote::basp_node& self, std::uint8_t flags);
/// Both handshakes of a client.
[[nodiscard]] bytes client_handshakes(const actors::remote::basp_node& self);
[[nodiscard]] bytes server_handshake(const actors::remote::basp_node& self,
                                     std::uint64_t published);

/// A message of these types: "@str+@u64"; "" for the empty one.
[[nodiscard]] bytes content(std::string_view types, const bytes& values = {});
/// An error, as a message holds it.
[[nodiscard]] bytes error(std::string_view context_types, const bytes& context = {});
[[nodiscard]] bytes message(std::uint64_t source, std::uint64_t dest, const bytes& what,
                            std::uint64_t id = 0x1000000000000000);
/// The answer to request 1 of `dest`.
[[nodiscard]] bytes response(std::uint64_t source, std::uint64_t dest, const bytes& what);
[[nodiscard]] bytes text_message(std::uint64_t source, std::uint64_t dest, std::string_view text);
[[nodiscard]] bytes watch(const actors::remote::basp_node& by, const actors::remote::basp_node& of,
                          std::uint64_t actor);
[[nodiscard]] bytes end_of(const actors::remote::basp_node& from,
                           const actors::remote::basp_node& to, std::uint64_t actor,
                           const bytes& why);
[[nodiscard]] bytes heartbeat();

[[nodiscard]] bytes operator+(bytes left, const bytes& right);

}  // namespace agentpool::testing
