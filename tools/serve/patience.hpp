#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>

#include "agentpool/actors/pool_handle.hpp"

namespace agentpool::tools {

/// For so long at most a pool waits for somebody who is gone.
inline constexpr std::chrono::milliseconds wait_part_max{10'000};

/// Asks a pool once, to wait for so long.
using asking_once =
    std::function<void(std::chrono::milliseconds wait, actors::callback<core::answer> then)>;

/// Asks and waits for what comes: for a message in `read_inbox`, for an end in `read_wake`. It
/// waits in parts, since what a pool waits for cannot be taken back: once `gone` is true the part
/// under way is the last one, and what it gives is the answer. Does not block.
void wait_in_parts(asking_once ask, std::chrono::milliseconds wait,
                   std::shared_ptr<const std::atomic<bool>> gone,
                   actors::callback<core::answer> then,
                   std::chrono::milliseconds part_max = wait_part_max);

}  // namespace agentpool::tools
