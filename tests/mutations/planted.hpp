#pragma once

#include <string_view>

namespace agentpool {

/// True for the one bug that is planted now; in no program but the mutation tests.
[[nodiscard]] bool planted(std::string_view name) noexcept;

}  // namespace agentpool
