#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "agentpool/core/ids.hpp"
#include "agentpool/core/log.hpp"
#include "agentpool/core/roll.hpp"
#include "agentpool/core/store_records.hpp"

namespace agentpool::sim {

/// A pool's durable log, kept by the world beside the store: what is true, whatever engines say.
class pool_ledger {
 public:
  /// A message as the log last has it.
  struct message {
    core::stored_message stored;
    std::uint64_t sequence = 0;   ///< Of its last record.
    std::uint64_t delivered = 0;  ///< Of its delivery; 0: none.
    std::uint64_t delivered_at_millis = 0;
    std::uint64_t lives = 0;  ///< Times that it began: more than once only where it was forgotten.
  };
  /// A wake as the log last has it.
  struct wake {
    core::stored_wake stored;
    std::uint64_t sequence = 0;
    core::stamp registered;  ///< The event of its registration.
    std::uint64_t registered_at_millis = 0;
    std::optional<core::trigger> triggered_by;
    std::uint64_t lives = 0;  ///< Times that it was registered.
  };

  /// Takes the next entry; gives what it publishes.
  std::vector<core::published> add(const core::entry_ptr& entry);
  void add(const core::inbox_ack& ack);

  [[nodiscard]] const std::vector<core::entry_ptr>& entries() const noexcept { return entries_; }
  [[nodiscard]] const std::vector<core::published>& events() const noexcept { return events_; }
  [[nodiscard]] const core::roll& members() const noexcept { return roll_; }
  [[nodiscard]] const std::map<core::message_id, message>& messages() const noexcept {
    return messages_;
  }
  [[nodiscard]] const std::map<core::wake_condition_id, wake>& wakes() const noexcept {
    return wakes_;
  }
  /// Up to where the run has acknowledged; 0 when it never did.
  [[nodiscard]] std::uint64_t acknowledged(const core::run_id& run) const;
  [[nodiscard]] const std::map<core::run_id, std::uint64_t>& acknowledged() const noexcept {
    return acks_;
  }
  /// The sequences of the run's inbox, in order, with their messages.
  [[nodiscard]] const std::map<std::uint64_t, core::message_id>& inbox(
      const core::run_id& run) const;
  /// Where the log ends.
  [[nodiscard]] core::log_position position() const noexcept { return roll_.position(); }

 private:
  void note(const core::store_record& record, const core::log_entry& entry);

  std::vector<core::entry_ptr> entries_;
  std::vector<core::published> events_;
  core::roll roll_;
  std::map<core::message_id, message> messages_;
  std::map<core::wake_condition_id, wake> wakes_;
  std::map<core::run_id, std::uint64_t> acks_;
  std::map<core::run_id, std::map<std::uint64_t, core::message_id>> inboxes_;
};

/// The ledgers of all pools.
using ledger = std::map<core::pool_id, pool_ledger>;

}  // namespace agentpool::sim
