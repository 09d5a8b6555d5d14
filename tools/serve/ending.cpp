#include "ending.hpp"

#include <utility>
#include <vector>

namespace agentpool::tools {

std::shared_ptr<void> ending::when_begun(std::function<void()> then) {
  auto kept = std::make_shared<std::function<void()>>(std::move(then));
  {
    const std::lock_guard guard{told_->mutex};
    if (!told_->begun) {
      const auto number = ++told_->last_number;
      told_->all.emplace(number, kept);
      return {kept.get(), [told = told_, kept, number](void*) {
                const std::lock_guard inner{told->mutex};
                told->all.erase(number);
              }};
    }
  }
  (*kept)();
  return kept;
}

void ending::begin() {
  std::vector<std::shared_ptr<std::function<void()>>> all;
  {
    const std::lock_guard guard{told_->mutex};
    told_->begun = true;
    for (const auto& [number, each] : told_->all)
      if (auto then = each.lock()) all.push_back(std::move(then));
  }
  for (const auto& then : all) (*then)();
}

}  // namespace agentpool::tools
