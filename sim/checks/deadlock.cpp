#include <algorithm>
#include <map>
#include <vector>

#include "checks.hpp"

namespace agentpool::sim::checks {

namespace {

/// A run that waits without a timeout, and the runs whose events could wake it.
struct waiter {
  core::wake_condition_id condition;
  std::vector<core::run_id> for_whom;
};

using waiters = std::map<core::run_id, waiter>;

class deadlock_check final : public check {
 public:
  deadlock_check() : check{"deadlock"} {}

  void on_idle() override {
    for (const auto& [id, pool] : world().ledgers()) {
      auto stuck = waiting_in(id, pool);
      // Who waits for one that does not wait itself may still be woken by it.
      while (std::erase_if(stuck, [&](const auto& each) {
               return !std::all_of(each.second.for_whom.begin(), each.second.for_whom.end(),
                                   [&](const auto& run) { return stuck.contains(run); });
             }) > 0) {
      }
      if (!stuck.empty()) violated(cycle_of(stuck));
    }
  }

 private:
  /// Runs that are there, wait, and have nothing else to wait for than named runs.
  [[nodiscard]] waiters waiting_in(const core::pool_id& id, const pool_ledger& pool) const {
    waiters all;
    const auto runs = world().runs();
    const auto is_there = [&](const core::run_id& run) {
      return std::any_of(runs.begin(), runs.end(), [&](const auto& each) {
        return each.request.pool_id == id && each.request.run_id == run && each.has_agent;
      });
    };
    for (const auto& [condition, wake] : pool.wakes()) {
      const auto& what = wake.stored.condition;
      if (core::is_final(wake.stored.registration.status) || what.timeout_millis) continue;
      if (!what.filter.run_ids.include || !is_there(what.run_id)) continue;
      auto for_whom = *what.filter.run_ids.include;
      if (std::erase(for_whom, what.run_id) > 0) add_who_owes(pool, what.run_id, for_whom);
      std::erase_if(for_whom, [&](const auto& run) { return !is_there(run); });
      const bool alone = for_whom == std::vector<core::run_id>{what.run_id};
      if (for_whom.empty() || (alone && misses_somebody(runs))) continue;
      all.insert_or_assign(what.run_id, waiter{condition, std::move(for_whom)});
    }
    return all;
  }

  /// Where programs lose their runs for good, who is left may wait for what they owed.
  [[nodiscard]] bool misses_somebody(const std::vector<run_view>& runs) const {
    return world().sites() > world().engines() &&
           std::any_of(runs.begin(), runs.end(), [](const run_view& run) {
             return run.over && run.status != actors::run_status::completed;
           });
  }

  /// Who waits for an event of its own waits for those who have to answer its messages, if there
  /// are any, else for itself.
  static void add_who_owes(const pool_ledger& pool, const core::run_id& run,
                           std::vector<core::run_id>& to) {
    bool any = false;
    for (const auto& [id, message] : pool.messages()) {
      const auto& stored = message.stored;
      if (stored.message->from != run || !stored.message->response_contract) continue;
      if (stored.receipt.status != core::message_status::delivered) continue;
      any = true;
      to.insert(to.end(), stored.receipt.delivered_to.begin(), stored.receipt.delivered_to.end());
    }
    if (!any) to.push_back(run);
  }

  /// All of `stuck` wait for members of it: going from one to the next ends in a cycle.
  static std::string cycle_of(const waiters& stuck) {
    std::vector<core::run_id> way{stuck.begin()->first};
    while (true) {
      const auto& next = stuck.at(way.back()).for_whom.front();
      const auto seen = std::find(way.begin(), way.end(), next);
      const bool again = seen != way.end();
      if (again) way.erase(way.begin(), seen);
      way.push_back(next);
      if (again) break;
    }
    std::string text = way.front().text();
    for (std::size_t i = 0; i + 1 < way.size(); ++i)
      text += " waits for " + way[i + 1].text() + " (" + stuck.at(way[i]).condition.text() + ")";
    return text;
  }
};

}  // namespace

std::unique_ptr<check> deadlock() { return std::make_unique<deadlock_check>(); }

}  // namespace agentpool::sim::checks
