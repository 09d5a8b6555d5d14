#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agentpool::tools {

/// `text` under AES-256-GCM by a key of the secret's SHA-256, in base64: only who has the secret
/// reads it, and a changed one is noticed. Nothing when the system has no random bytes.
[[nodiscard]] std::optional<std::string> sealed(std::string_view text, std::string_view secret);

/// The text that was sealed with that secret; nothing when it was not.
[[nodiscard]] std::optional<std::string> unsealed(std::string_view text, std::string_view secret);

}  // namespace agentpool::tools
