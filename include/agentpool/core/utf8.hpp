#pragma once

#include <cstddef>
#include <string_view>

namespace agentpool::core {

/// Bytes of the UTF-8 sequence that starts at `text[at]`, 0 when it is not one
/// (Unicode 15, table 3-7: no overlong forms, no surrogates, nothing past U+10FFFF).
[[nodiscard]] std::size_t utf8_sequence_bytes(std::string_view text, std::size_t at) noexcept;

}  // namespace agentpool::core
