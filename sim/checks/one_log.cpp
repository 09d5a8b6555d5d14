#include <algorithm>
#include <map>
#include <utility>

#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

class one_log_check final : public check {
 public:
  one_log_check() : check{"one_log"} {}

  void on_published(const engine_life& where, const core::pool_id& pool,
                    std::span<const core::entry_ptr> entries) override {
    if (entries.empty()) return;
    const auto found = world().ledgers().find(pool);
    if (found == world().ledgers().end()) return violated("published, and there is no log");
    const auto& log = found->second.entries();
    const auto is_first = [&](const core::entry_ptr& kept) {
      return kept == entries.front() || *kept == *entries.front();
    };
    auto [next, is_new] = next_.try_emplace({where, pool}, 0);
    if (is_new)
      next->second =
          static_cast<std::size_t>(std::find_if(log.begin(), log.end(), is_first) - log.begin());
    for (const auto& entry : entries) {
      const auto at = next->second++;
      if (at >= log.size())
        return violated("engine " + std::to_string(where.engine) +
                        " published what is not durable, at place " + std::to_string(at));
      if (log[at] != entry && !(*log[at] == *entry))
        return violated("engine " + std::to_string(where.engine) +
                        " published something else than the log has at place " +
                        std::to_string(at));
    }
  }

 private:
  std::map<std::pair<engine_life, core::pool_id>, std::size_t> next_;  ///< Place in the log.
};

}  // namespace

std::unique_ptr<check> one_log() { return std::make_unique<one_log_check>(); }

}  // namespace agentpool::sim::checks
