#pragma once

#include <array>
#include <atomic>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace agentpool::sim {

/// An actor's name as a JSON string.
using shared_name = std::shared_ptr<const std::string>;

/// Where messages in the mailboxes came from, by the address of the message. For any thread.
class trace_origins {
 public:
  struct origin {
    std::uint64_t step = 0;  ///< At which it was sent; 0: from outside, or by the clock.
    shared_name sender = {};
  };

  void put(const void* message, origin from) {
    auto& mine = shard_of(message);
    const std::lock_guard guard{mine.lock};
    mine.origins.insert_or_assign(message, std::move(from));
    mine.count.store(mine.origins.size(), std::memory_order_relaxed);
  }

  /// Takes what was put for the message; an empty one when there was nothing. Of a message that
  /// never was handled something may be left: so also to be called for one that comes from outside.
  origin take(const void* message) {
    auto& mine = shard_of(message);
    // What was put for this message was put before it was sent, so this thread sees the count.
    if (mine.count.load(std::memory_order_relaxed) == 0) return {};
    const std::lock_guard guard{mine.lock};
    const auto found = mine.origins.find(message);
    if (found == mine.origins.end()) return {};
    auto from = std::move(found->second);
    mine.origins.erase(found);
    mine.count.store(mine.origins.size(), std::memory_order_relaxed);
    return from;
  }

 private:
  static constexpr std::size_t shard_count = 64;

  struct alignas(64) shard {
    std::mutex lock;
    std::atomic<std::size_t> count{0};
    boost::unordered_flat_map<const void*, origin> origins;
  };

  shard& shard_of(const void* message) {
    // Messages lie at multiples of 16 bytes at least.
    const auto mixed = (reinterpret_cast<std::uintptr_t>(message) >> 4U) * 0x9E3779B97F4A7C15U;
    return shards_[mixed >> 58U];
  }

  std::array<shard, shard_count> shards_;
};

}  // namespace agentpool::sim
