#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "agentpool/core/store_backend.hpp"

namespace agentpool::tools {

/// Sees what a store is given to keep. Called where the store is, one call at a time; must not
/// block or throw.
class append_watch {
 public:
  virtual ~append_watch() = default;
  /// One answer a request, in their order; null when the store failed and kept none.
  virtual void on_append(std::span<const core::append_request> requests,
                         const std::vector<core::append_result>* results,
                         std::chrono::nanoseconds took) noexcept = 0;
};

/// Whether the store takes what it is given, as far as the last transaction says.
class store_health final : public append_watch {
 public:
  void on_append(std::span<const core::append_request>,
                 const std::vector<core::append_result>* results,
                 std::chrono::nanoseconds) noexcept override {
    told(results != nullptr);
  }
  /// The same of something else that was, or was not, written.
  void told(bool taken) noexcept { takes_.store(taken, std::memory_order_relaxed); }
  [[nodiscard]] bool takes() const noexcept { return takes_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> takes_ = true;
};

/// The store, whose appends the watches see once each is over.
[[nodiscard]] std::unique_ptr<core::store_backend> watched_store(
    std::unique_ptr<core::store_backend> store, std::vector<std::shared_ptr<append_watch>> watches);

}  // namespace agentpool::tools
