#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agentpool::tools {

/// Base64 as RFC 4648, section 4, with its padding, and back; none when the text is not that.
[[nodiscard]] std::string to_base64(std::string_view bytes);
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

/// Whether the bytes are text that JSON can hold: UTF-8.
[[nodiscard]] bool is_text(std::string_view bytes);

}  // namespace agentpool::tools
