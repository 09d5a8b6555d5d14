#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <vector>

#include "agentpool/core/store_backend.hpp"
#include "agentpool/messages/local.hpp"

namespace agentpool::actors {

/// Contents that wait to be kept. Those of one moment share a transaction, and so the wait for the
/// disk.
class content_batch {
 public:
  using call_ptr = std::shared_ptr<messages::content_call>;

  void add(call_ptr call) { waiting_.push_back(std::move(call)); }

  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

  /// Keeps the oldest and answers them: as many as have `bytes_max` together, at least one. Where
  /// one of them is at fault each stands for itself, so that no caller pays for another's.
  void keep(core::store_backend& backend, std::size_t bytes_max);

 private:
  std::deque<call_ptr> waiting_;
};

}  // namespace agentpool::actors
