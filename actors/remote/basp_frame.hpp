#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// Frames of BASP, CAF 0.17.6's protocol between nodes, as they look on the wire: a header of 32
/// bytes, then its payload; all numbers big-endian.
///
///     0  operation   u8        8  operation data  u64  a message's id; the version in a handshake
///     1  zero        u8       16  source actor    u64
///     2  zero        u8       24  destination     u64
///     3  flags       u8
///     4  payload's size  u32
///
/// A node is 32 bytes: u64 kind (the atom "default"), u32 process, 20 bytes of host.
namespace agentpool::actors::remote {

using byte_view = std::span<const std::byte>;

enum class basp_operation : std::uint8_t {
  server_handshake = 0,  ///< node, application ids, published actor, its interface
  client_handshake = 1,  ///< node
  direct_message = 2,    ///< actors to pass it on to, then the message
  routed_message = 3,
  monitor_message = 4,  ///< node that watches, node that is watched
  down_message = 5,     ///< node of the actor that ended, node that watched, error
  heartbeat = 6,
};

inline constexpr std::size_t basp_header_size = 32;
inline constexpr std::size_t basp_node_size = 32;
inline constexpr std::uint64_t basp_version = 3;
/// Bits of a message's id. CAF puts what bears `basp_stream_message` into queues from which it is
/// taken as a stream's message, whatever it is.
inline constexpr std::uint64_t basp_response = 0x8000'0000'0000'0000;
inline constexpr std::uint64_t basp_answered = 0x4000'0000'0000'0000;
inline constexpr std::uint64_t basp_stream_message = 0x2000'0000'0000'0000;
inline constexpr std::uint8_t basp_named_receiver = 0x01;
inline constexpr std::uint8_t basp_select_connection = 0x02;

/// A node's id as it travels. Two are the same node when their bytes are.
using basp_node = std::array<std::byte, basp_node_size>;

struct basp_header {
  std::uint8_t operation = 0;  ///< Not yet known to be one of `basp_operation`.
  std::uint16_t padding = 0;
  std::uint8_t flags = 0;
  std::uint32_t payload_size = 0;
  std::uint64_t operation_data = 0;
  std::uint64_t source_actor = 0;
  std::uint64_t dest_actor = 0;
};

/// Reads the header at the front; at least `basp_header_size` bytes have to be there.
[[nodiscard]] basp_header read_basp_header(byte_view bytes);

/// Reads a payload of which perhaps only the front has come. After a step that failed,
/// `wants_more` tells whether it might succeed once more is there.
class payload_reader {
 public:
  /// `here` begins with the payload; `size` is what the header says of its size.
  payload_reader(byte_view here, std::size_t size) : here_{here}, size_{size} {}

  [[nodiscard]] std::optional<std::uint64_t> number(std::size_t bytes);
  /// A size as CAF writes it: seven bits a byte, the lowest first.
  [[nodiscard]] std::optional<std::uint32_t> varbyte();
  /// A text with its size before it; none beyond `most` bytes.
  [[nodiscard]] std::optional<std::string_view> text(std::size_t most);
  /// A node of the kind that CAF makes by itself, and not an empty one.
  [[nodiscard]] std::optional<basp_node> node();

  [[nodiscard]] bool wants_more() const noexcept { return wants_more_; }
  [[nodiscard]] bool at_end() const noexcept { return at_ == size_; }
  /// How much of the payload is not read yet.
  [[nodiscard]] std::size_t rest() const noexcept { return size_ - at_; }

 private:
  [[nodiscard]] bool has(std::size_t bytes);

  byte_view here_;
  std::size_t size_;
  std::size_t at_ = 0;
  bool wants_more_ = false;
};

}  // namespace agentpool::actors::remote
