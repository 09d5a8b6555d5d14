#include "request_rates.hpp"

#include <algorithm>

namespace agentpool::tools {

namespace {

constexpr double burst_seconds = 1;

}  // namespace

double request_rates::full() const { return std::max(1.0, rate_ * burst_seconds); }

double request_rates::left_at(const bucket& has, moment now) const {
  const std::chrono::duration<double> since = now - has.at;
  return std::min(full(), has.left + since.count() * rate_);
}

bool request_rates::take(const std::string& caller, moment now) {
  if (rate_ <= 0) return true;
  const std::lock_guard guard{mutex_};
  if (buckets_.size() >= look_at_) {
    std::erase_if(buckets_, [&](const auto& each) { return left_at(each.second, now) >= full(); });
    // Twice as many as are left, so that looking costs each caller no more than a step or two.
    look_at_ = std::max(callers_kept_, 2 * buckets_.size());
  }
  auto& has = buckets_.try_emplace(caller, bucket{full(), now}).first->second;
  has.left = left_at(has, now);
  has.at = now;
  if (has.left < 1) return false;
  has.left -= 1;
  return true;
}

std::size_t request_rates::callers() const {
  const std::lock_guard guard{mutex_};
  return buckets_.size();
}

}  // namespace agentpool::tools
