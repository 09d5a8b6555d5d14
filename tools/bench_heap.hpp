#pragma once

#include <cstdint>

namespace agentpool::tools {

/// Bytes that the process has allocated and not freed, by jemalloc's count, exact to what threads
/// keep for themselves, some 100 kB each; without jemalloc the bytes that are resident.
[[nodiscard]] std::uint64_t heap_bytes();

}  // namespace agentpool::tools
