#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/core/log.hpp"
#include "agentpool/core/projection.hpp"
#include "agentpool/core/roll.hpp"
#include "agentpool/core/store_records.hpp"
#include "agentpool/sim/check.hpp"

namespace agentpool::sim::checks {

/// The wakes of one pool, worked out the slow way: each looks at every event.
class wake_book {
 public:
  explicit wake_book(core::pool_id pool) : pool_{std::move(pool)} {}

  /// What was last forgotten; null: nothing.
  void forget(const forgetting* what) {
    if (what != nullptr) forgotten_ = {what->horizon.sequence, what->event_seq};
  }

  /// Takes what the next entry of the log publishes; what is wrong with it, else empty. Where the
  /// recorded times are not those of the decisions, it is not judged who came too late.
  [[nodiscard]] std::string take(const core::published& what, bool times_are_true);

  /// Wakes that wait although an event matched.
  [[nodiscard]] std::vector<std::string> overlooked() const;

 private:
  struct waiting {
    core::wake_condition condition;
    core::stamp start;
    std::uint64_t registered_at = 0;
    std::uint64_t ended = 0;             ///< The sequence of the record; 0: it still waits.
    bool late = false;                   ///< An event matched, and by the times recorded too late.
    std::optional<core::trigger> first;  ///< The first event that matches in time.

    [[nodiscard]] bool too_late(std::uint64_t at) const {
      return condition.timeout_millis && at - registered_at >= *condition.timeout_millis;
    }
  };

  [[nodiscard]] core::stamp start_of(const core::wake_condition& condition) const;
  void offer(const core::published& what, waiting& wake) const;
  [[nodiscard]] std::string begin(const core::wake_recorded& told, std::uint64_t at);
  [[nodiscard]] std::string end(const core::wake_recorded& told, const core::log_entry& entry,
                                bool times_are_true);
  [[nodiscard]] std::string triggered(waiting& wake, const core::trigger& by) const;

  struct horizon {
    std::uint64_t sequence = 0;
    std::uint64_t event_seq = 0;
  };

  core::pool_id pool_;
  horizon forgotten_;
  std::map<core::run_id, core::stamp> joined_;
  std::map<std::pair<core::run_id, std::string>, core::stamp> woken_;  ///< By run and filter.
  std::map<core::wake_condition_id, waiting> wakes_;
  std::vector<core::wake_condition_id> open_;
  std::vector<core::published> seen_;
};

}  // namespace agentpool::sim::checks
