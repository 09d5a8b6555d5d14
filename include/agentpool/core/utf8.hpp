#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace agentpool::core {

/// Bytes of the UTF-8 sequence that starts at `text[at]`, 0 when it is not one
/// (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF).
[[nodiscard]] std::size_t utf8_sequence_bytes(std::string_view text, std::size_t at) noexcept;

/// Where the printable ASCII that begins at `text[at]` ends: the first byte from there on that is
/// below 0x20, above 0x7E or one of `others`; `text.size()` when there is none.
template <char... others>
[[nodiscard]] std::size_t end_of_plain(std::string_view text, std::size_t at) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    constexpr std::uint64_t ones = ~std::uint64_t{0} / 0xFF;  // 1 in each of eight bytes
    // The high bit of each byte that is below `limit`; right up to the first such byte.
    const auto below = [](std::uint64_t eight, std::uint64_t limit) {
      return (eight - ones * limit) & ~eight;
    };
    for (std::uint64_t eight = 0; text.size() - at >= sizeof(eight); at += sizeof(eight)) {
      std::memcpy(&eight, text.data() + at, sizeof(eight));
      std::uint64_t found = eight | below(eight, 0x20) | below(eight ^ ones * 0x7F, 1);
      ((found |= below(eight ^ ones * static_cast<unsigned char>(others), 1)), ...);
      found &= ones * 0x80;
      if (found != 0) return at + static_cast<std::size_t>(std::countr_zero(found)) / 8;
    }
  }
  const auto is_plain = [](char c) { return c >= 0x20 && c < 0x7F && ((c != others) && ...); };
  while (at < text.size() && is_plain(text[at])) ++at;
  return at;
}

}  // namespace agentpool::core
