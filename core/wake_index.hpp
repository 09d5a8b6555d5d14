#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "agentpool/core/event_enums.hpp"
#include "agentpool/core/roll.hpp"
#include "hash_index.hpp"
#include "open_wake.hpp"

namespace agentpool::core {

/// The registered wakes by what they wait for, each under its most selective constrained field,
/// and by the run that waits. Goes by hashes: whoever finds looks closer.
class wake_index {
 public:
  void insert(const open_wake& wake);
  void erase(const open_wake& wake);

  /// The sequences of those that the event may match; one may be there more than once.
  [[nodiscard]] std::vector<std::uint64_t> candidates(const published& what) const;
  /// The sequences of those of which this run may be the waiter.
  [[nodiscard]] std::vector<std::uint64_t> waiting(std::string_view run) const;

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

 private:
  std::size_t size_ = 0;
  hash_index wanted_;
  hash_index waiters_;
};

}  // namespace agentpool::core
