#include "body_room.hpp"

namespace agentpool::tools {

bool body_room::take(const std::string& whose, std::size_t bytes) {
  if (bytes == 0) return true;
  const std::lock_guard guard{mutex_};
  const auto found = by_caller_.find(whose);
  const auto has = found == by_caller_.end() ? 0 : found->second;
  if (bytes > bytes_max_ - taken_ || bytes > bytes_max_ / 2 - has) return false;
  taken_ += bytes;
  by_caller_[whose] = has + bytes;
  return true;
}

void body_room::give(const std::string& whose, std::size_t bytes) {
  const std::lock_guard guard{mutex_};
  const auto found = by_caller_.find(whose);
  taken_ -= bytes;
  found->second -= bytes;
  if (found->second == 0) by_caller_.erase(found);
}

}  // namespace agentpool::tools
