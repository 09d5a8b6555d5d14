#pragma once

#include <cstdint>

namespace agentpool::tools {

/// Bytes that the process has allocated and not freed: by jemalloc's count where the program uses
/// it, by the C library's otherwise. Exact to what threads keep for themselves, some 100 kB each.
[[nodiscard]] std::uint64_t heap_bytes();

}  // namespace agentpool::tools
