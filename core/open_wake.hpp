#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentpool/core/event_records.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/log.hpp"
#include "agentpool/core/time.hpp"

namespace agentpool::core {

/// When a timeout of `timeout_millis` from `since_millis` on is due.
[[nodiscard]] instant due_at(std::uint64_t since_millis, std::uint64_t timeout_millis);

/// What is kept of a registered wake condition: its filter, for looking at, and in few bytes all
/// else of the record that registered it.
class open_wake {
 public:
  /// From the record that registered it.
  explicit open_wake(const log_entry& registered);

  /// Of the record.
  [[nodiscard]] std::uint64_t sequence() const noexcept { return sequence_; }
  [[nodiscard]] std::string_view id() const;
  /// The run that waits.
  [[nodiscard]] std::string_view run() const;
  [[nodiscard]] const event_filter& filter() const noexcept { return filter_; }
  [[nodiscard]] const std::optional<instant>& due() const noexcept { return due_; }

  /// What the record says, and the record.
  [[nodiscard]] wake_recorded recorded() const;
  [[nodiscard]] entry_ptr entry(const pool_id& pool) const;

 private:
  [[nodiscard]] log_entry unpacked() const;

  std::uint64_t sequence_ = 0;
  event_filter filter_;
  std::optional<instant> due_;
  std::string packed_;
};

}  // namespace agentpool::core
