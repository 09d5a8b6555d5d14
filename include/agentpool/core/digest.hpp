#pragma once

#include <string>
#include <string_view>

namespace agentpool::core {

/// The SHA-256 of `text` as 64 lower-case hex digits.
[[nodiscard]] std::string sha256_hex(std::string_view text);

/// `prefix` + `id` + `suffix` as the text of an identifier made from another one. Where that would
/// exceed `identifier_bytes_max`, the SHA-256 of `id` stands in its place.
[[nodiscard]] std::string derived_id(std::string_view prefix, std::string_view id,
                                     std::string_view suffix = {});

}  // namespace agentpool::core
