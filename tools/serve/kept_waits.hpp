#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agentpool/actors/engine.hpp"
#include "agentpool/core/event_records.hpp"

/// Waits whose end nobody was told yet: rows of the store's registry. A run that waits for the same
/// again, after its call was lost, goes on with the wake condition that it has.
namespace agentpool::tools {

/// The wake condition of such a wait, all that is needed to wait for the same anew.
struct kept_condition {
  core::wake_condition_id condition_id;
  core::event_filter filter;
  std::uint64_t deadline_millis = 0;  ///< When it times out, Unix time.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("condition_id", self.condition_id);
    visit("filter", self.filter);
    visit("deadline_millis", self.deadline_millis);
  }
};

/// Which writing of the row it is; without a condition there is none.
struct kept_wait {
  std::optional<kept_condition> condition;
  std::uint64_t version = 0;

  [[nodiscard]] bool is_for(const core::wake_condition_id& id) const {
    return condition && condition->condition_id == id;
  }
};

/// The row of a run's wait for what the filter lets through. `joined` tells by which join it is the
/// run's: the next one starts anew.
[[nodiscard]] std::string kept_wait_key(const core::pool_id& pool, const core::run_id& run,
                                        std::optional<std::uint64_t> joined,
                                        const core::event_filter& filter);

/// `host_configuration_needed` where the store has no registry.
void read_kept_wait(actors::engine& engine, const std::string& key,
                    actors::callback<kept_wait> then);

/// Writes or removes the row, if it is still that writing; gives the new one, or nothing.
void write_kept_wait(actors::engine& engine, const std::string& key,
                     const std::optional<kept_condition>& condition, std::uint64_t version,
                     actors::callback<std::optional<std::uint64_t>> then);

/// Removes the row if it is that condition's; calls back in any case.
void forget_wait(actors::engine& engine, const std::string& key, const core::wake_condition_id& id,
                 std::function<void()> then);

}  // namespace agentpool::tools
