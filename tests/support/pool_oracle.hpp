// What a log must come to, computed the slow way: by looking at everything.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "pool_bench.hpp"

namespace agentpool::support {

/// Each finds what is wrong with what a pool published, and says so; empty when nothing is.
/// `published` stands in order and has every event of the log, and live-only ones in between.
struct pool_oracle {
  core::pool_id pool;
  core::pool_config config;
  const std::vector<core::published>& published;

  /// Message statuses move forward, and end at most once.
  [[nodiscard]] std::string wrong_statuses() const;
  /// Recipients are those whom the address names and the policies allow.
  [[nodiscard]] std::string wrong_recipients() const;
  /// A message that got its replies in time is responded right after the last of them.
  [[nodiscard]] std::string wrong_responses() const;
  /// Every wake ends at most once, with the first event after its starting point that matches;
  /// none waits although there was one.
  [[nodiscard]] std::string wrong_wakes() const;
  /// In scope are the events of observable members, and no others.
  [[nodiscard]] std::string wrong_scopes() const;
  /// Records, journal and events are numbered without gaps, and agree.
  [[nodiscard]] std::string wrong_numbers(const std::vector<core::entry_ptr>& log) const;

  /// The inbox that the log gives each run: "sequence:message …".
  [[nodiscard]] std::map<core::run_id, std::string> inboxes() const;
  /// Each message that the log has, with its last receipt.
  [[nodiscard]] std::map<core::message_id, core::stored_message> messages() const;
  /// The ids of the events after the run's latest starting point for the filter, in order.
  [[nodiscard]] std::vector<core::event_id> unseen(const core::run_id& run,
                                                   const core::event_filter& filter) const;
};

}  // namespace agentpool::support
