#pragma once

#include <caf/resumable.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "agentpool/sim/strategy.hpp"

namespace agentpool::sim {

/// An actor that has something to do.
struct ready_job {
  caf::resumable* job = nullptr;
  std::size_t engine = 0;
  std::uint64_t actor = 0;    ///< Its id in its engine.
  std::uint64_t arrival = 0;  ///< In place of all that: the key of what happens in the network.
};

/// The engine of an arrival.
inline constexpr std::size_t no_engine = static_cast<std::size_t>(-1);

/// Those that have something to do, the one that waits longest first as long as the first is taken.
/// Taking any of them costs the same.
class ready_line {
 public:
  void add(const ready_job& job, std::uint64_t key) {
    jobs_.push_back(job);
    keys_.push_back({key});
  }
  [[nodiscard]] bool empty() const noexcept { return first_ == jobs_.size(); }
  [[nodiscard]] std::span<const runnable> all() const noexcept {
    return std::span{keys_}.subspan(first_);
  }
  [[nodiscard]] ready_job take(std::size_t place) {
    const auto at = first_ + place;
    const auto taken = jobs_[at];
    if (place == 0) {
      ++first_;
    } else {
      jobs_[at] = jobs_.back();
      keys_[at] = keys_.back();
      jobs_.pop_back();
      keys_.pop_back();
    }
    if (first_ > 64 && first_ * 2 > jobs_.size()) pack();
    return taken;
  }
  /// Takes all those of an engine.
  template <class Take>
  void take_of(std::size_t engine, Take take) {
    take_if([engine](const ready_job& job) { return job.engine == engine; }, take);
  }
  template <class If, class Take>
  void take_if(If meant, Take take) {
    pack();
    std::size_t kept = 0;
    for (std::size_t i = 0; i < jobs_.size(); ++i) {
      if (meant(jobs_[i])) {
        take(jobs_[i]);
        continue;
      }
      jobs_[kept] = jobs_[i];
      keys_[kept++] = keys_[i];
    }
    jobs_.resize(kept);
    keys_.resize(kept);
  }

 private:
  void pack() {
    const auto many = static_cast<std::ptrdiff_t>(first_);
    jobs_.erase(jobs_.begin(), jobs_.begin() + many);
    keys_.erase(keys_.begin(), keys_.begin() + many);
    first_ = 0;
  }

  std::vector<ready_job> jobs_;
  std::vector<runnable> keys_;
  std::size_t first_ = 0;
};

}  // namespace agentpool::sim
