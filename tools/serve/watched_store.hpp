#pragma once

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

/// The store, whose appends the watches see once each is over.
[[nodiscard]] std::unique_ptr<core::store_backend> watched_store(
    std::unique_ptr<core::store_backend> store, std::vector<std::shared_ptr<append_watch>> watches);

}  // namespace agentpool::tools
