#include "bench_heap.hpp"

#include <malloc.h>

#include <cstddef>

// There only in programs that are linked with jemalloc.
extern "C" int mallctl(const char* name, void* old, std::size_t* old_size, void* value,
                       std::size_t value_size) __attribute__((weak));

namespace agentpool::tools {

std::uint64_t heap_bytes() {
  if (mallctl == nullptr) {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
  }
  // The counts are those of the last epoch.
  std::uint64_t epoch = 1;
  mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
  std::size_t bytes = 0;
  std::size_t size = sizeof bytes;
  mallctl("stats.allocated", &bytes, &size, nullptr, 0);
  return bytes;
}

}  // namespace agentpool::tools
