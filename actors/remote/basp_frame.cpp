#include "actors/remote/basp_frame.hpp"

#include <algorithm>

namespace agentpool::actors::remote {

namespace {

/// The atom "default", CAF's mark of a node made of a process and a host.
constexpr std::uint64_t default_node_kind = 0x00003E9AAB9BAC79;

std::uint64_t big_endian(byte_view bytes) {
  std::uint64_t value = 0;
  for (const auto byte : bytes) value = (value << 8U) | std::to_integer<std::uint64_t>(byte);
  return value;
}

}  // namespace

basp_header read_basp_header(byte_view bytes) {
  return {
      .operation = std::to_integer<std::uint8_t>(bytes[0]),
      .padding = static_cast<std::uint16_t>(big_endian(bytes.subspan(1, 2))),
      .flags = std::to_integer<std::uint8_t>(bytes[3]),
      .payload_size = static_cast<std::uint32_t>(big_endian(bytes.subspan(4, 4))),
      .operation_data = big_endian(bytes.subspan(8, 8)),
      .source_actor = big_endian(bytes.subspan(16, 8)),
      .dest_actor = big_endian(bytes.subspan(24, 8)),
  };
}

bool payload_reader::has(std::size_t bytes) {
  if (size_ - at_ < bytes) return false;
  if (here_.size() >= at_ && here_.size() - at_ >= bytes) return true;
  wants_more_ = true;
  return false;
}

std::optional<std::uint64_t> payload_reader::number(std::size_t bytes) {
  if (!has(bytes)) return {};
  const auto value = big_endian(here_.subspan(at_, bytes));
  at_ += bytes;
  return value;
}

std::optional<std::uint32_t> payload_reader::varbyte() {
  std::uint32_t value = 0;
  for (unsigned shift = 0; shift < 32; shift += 7) {
    const auto byte = number(1);
    if (!byte) return {};
    if (shift == 28 && *byte > 0x0F) return {};  // no size needs more than 32 bits
    value |= static_cast<std::uint32_t>(*byte & 0x7FU) << shift;
    if ((*byte & 0x80U) == 0) return value;
  }
  return {};
}

std::optional<std::string_view> payload_reader::text(std::size_t most) {
  const auto size = varbyte();
  if (!size || *size > most || !has(*size)) return {};
  const auto* start = reinterpret_cast<const char*>(here_.data() + at_);
  at_ += *size;
  return std::string_view{start, *size};
}

std::optional<basp_node> payload_reader::node() {
  if (!has(basp_node_size)) return {};
  const auto bytes = here_.subspan(at_, basp_node_size);
  const auto host = bytes.subspan(12);
  const auto nothing = [](std::byte byte) { return byte == std::byte{0}; };
  if (big_endian(bytes.first(8)) != default_node_kind || big_endian(bytes.subspan(8, 4)) == 0 ||
      std::all_of(host.begin(), host.end(), nothing))
    return {};
  basp_node read{};
  std::copy(bytes.begin(), bytes.end(), read.begin());
  at_ += basp_node_size;
  return read;
}

}  // namespace agentpool::actors::remote
