#pragma once

#include <string_view>

namespace agentpool::tools {

/// What `agentpool --version` prints.
inline constexpr std::string_view version_line = "agentpool " AGENTPOOL_VERSION;

inline constexpr std::string_view version_number = AGENTPOOL_VERSION;

}  // namespace agentpool::tools
