#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "agentpool/core/ids.hpp"
#include "agentpool/core/log.hpp"
#include "agentpool/core/notice.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/store_backend.hpp"

/// What the survey's log says: where it stands, and what it took.
namespace agentpool::tools {

/// A batch, as far as the log knows of it.
struct batch_state {
  std::uint64_t attempts = 0;  ///< Messages that reached nobody.
  std::uint64_t worker = 0;    ///< Who has it or had it; 0 while nobody got it.
  bool answered = false;

  /// Somebody has it and will answer.
  [[nodiscard]] bool out() const noexcept { return worker != 0 && !answered; }
};

/// A worker, as far as the log knows of it.
struct worker_state {
  std::uint64_t answered = 0;                      ///< Its batches that it has answered.
  std::uint64_t answered_until = 0;                ///< The inbox sequence of the last of them.
  std::map<std::uint64_t, std::uint64_t> unheard;  ///< By batch: answers that reached nobody.
};

/// What the lead has to remember.
struct lead_state {
  std::optional<core::inbox_entry> job;          ///< The order; none when it was not sent yet.
  std::map<std::uint64_t, batch_state> batches;  ///< Those that were sent, by number.
  std::uint64_t answers_waited = 0;              ///< Answers that it was woken for.
  std::uint64_t deadlines = 0;                   ///< Of earlier lives.
  /// It failed and so left its pool: what was answered meanwhile may have no event to wake it.
  bool was_away = false;
};

/// How much coordination a survey took. A repetition after a restart counts once, so that a
/// survey that was killed and went on took as much as one that was not.
struct survey_costs {
  std::uint64_t messages = 0;  ///< Messages sent.
  std::uint64_t wakes = 0;     ///< Wake conditions that woke their run by an event.
  std::uint64_t commits = 0;   ///< Different operations that changed the pool: one commit each.

  friend bool operator==(const survey_costs&, const survey_costs&) = default;
};

/// Reads the survey's log entry by entry.
class survey_log {
 public:
  /// Reads all of it; a pool that is not there is an empty log.
  [[nodiscard]] static core::outcome<survey_log> of(core::store_backend& store);

  void take(const core::log_entry& entry);

  [[nodiscard]] const lead_state& lead() const noexcept { return lead_; }
  [[nodiscard]] worker_state worker(std::uint64_t number) const;
  [[nodiscard]] bool is_member(const core::run_id& run) const { return members_.contains(run); }
  /// The workers that are members or have a batch, by number.
  [[nodiscard]] std::set<std::uint64_t> busy_workers() const;
  [[nodiscard]] std::uint64_t batches_answered() const;
  /// The lead has answered the order.
  [[nodiscard]] bool reported() const noexcept { return reported_; }
  /// Nothing is left to do: the report is there and every run has left.
  [[nodiscard]] bool finished() const noexcept { return reported_ && members_.empty(); }
  [[nodiscard]] survey_costs costs() const;

 private:
  void take_message(const core::stored_message& stored, std::uint64_t sequence);
  void take_batch(std::uint64_t batch, const core::stored_message& stored, std::uint64_t sequence);
  void take_answer(const core::stored_message& stored);
  void take_wake(const core::stored_wake& stored);

  struct sent_batch {
    std::uint64_t number = 0;
    std::uint64_t sequence = 0;  ///< Of its delivery.
  };

  lead_state lead_;
  bool reported_ = false;
  std::map<std::uint64_t, worker_state> workers_;
  std::unordered_map<core::message_id, sent_batch> sent_;
  std::set<core::run_id> members_;
  bool opened_ = false;
  std::unordered_set<core::run_id> joined_;
  std::unordered_set<core::run_id> left_;
  std::unordered_set<core::message_id> messages_;
  std::uint64_t woken_ = 0;
  std::set<std::pair<core::run_id, core::event_kind>> events_;
};

}  // namespace agentpool::tools
