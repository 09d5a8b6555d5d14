#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

namespace agentpool::tools {

/// Calls `then` with what comes first, and lets it go with that: what is kept of the copies of this
/// afterwards keeps nothing else. Safe to call from any thread.
template <class What>
std::function<void(const What&)> once(std::function<void(const What&)> then) {
  struct kept_call {
    std::atomic<bool> made{false};
    std::function<void(const What&)> then;
  };
  const auto kept = std::make_shared<kept_call>();
  kept->then = std::move(then);
  return [kept](const What& what) {
    if (!kept->made.exchange(true)) std::exchange(kept->then, nullptr)(what);
  };
}

}  // namespace agentpool::tools
