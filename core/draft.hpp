#pragma once

#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "pool_state.hpp"

namespace agentpool::core {

/// A decision in the making: numbers its records, and finds the wakes that its events trigger.
class draft {
 public:
  draft(const pool_state& state, instant now);

  /// Adds the next record. A receipt or registration in it gets the record's journal cursor.
  /// Returns the record's sequence.
  std::uint64_t add(store_payload payload, std::optional<trigger> cause = {});

  /// Adds an event of a member run: stored or live-only by its delivery semantics.
  void add(agent_event event);

  /// The wake was settled by this decision already: nothing may trigger it.
  void exclude(const open_wake& wake) { settled_.insert(wake.sequence()); }

  /// Adds a `triggered` record for every wake that the events so far trigger, by condition id,
  /// each with the first event that it matches. Call it last.
  void trigger_wakes();

  /// The decision with this answer.
  [[nodiscard]] decision finish(answer reply);

  /// The stored form as of the last message or wake record added.
  [[nodiscard]] const message_receipt& receipt() const;
  [[nodiscard]] const wake_registration& registration() const { return registration_; }
  /// Where the last event added stands.
  [[nodiscard]] stamp last() const noexcept { return last_; }

 private:
  void publish(const entry_ptr& entry, const run_id& run, const pool_member* member);
  void publish_record(const entry_ptr& entry);
  /// Wakes that are triggered, by condition id.
  using fired_wakes = std::map<std::string_view, std::pair<const open_wake*, trigger>>;
  void match(const published& what, fired_wakes& fired) const;

  const pool_state& state_;
  instant now_;
  std::uint64_t recorded_at_millis_;
  log_position position_;
  std::uint64_t number_;
  stamp last_;
  decision decided_;
  std::vector<published> events_;
  std::set<std::uint64_t> settled_;
  entry_ptr pending_created_;
  entry_ptr receipt_of_;  ///< The last message record added.
  wake_registration registration_;
};

}  // namespace agentpool::core
