#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "agentpool/actors/agent.hpp"
#include "survey_log.hpp"
#include "survey_plan.hpp"
#include "survey_site.hpp"
#include "survey_tally.hpp"

namespace agentpool::tools {

/// Splits the files among the workers and merges what they answer. It hands out batches as the
/// workers answer, suspends until the next answer, or until its time is over, and when all have
/// answered writes the report, tells the workers, answers the host and ends.
class survey_lead final : public actors::agent {
 public:
  /// Batches that a worker has at one time, so that the next one waits for it already.
  static constexpr std::uint64_t batches_ahead = 2;

  /// `before` is what the log tells of an earlier life.
  survey_lead(const survey_site& site, lead_state before);

  void on_start(actors::run_context& context) override;
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override;
  void on_wake(actors::run_context& context, const core::wake_notice& notice) override;

 private:
  void begin(actors::run_context& context);
  [[nodiscard]] core::outcome<void> load_plan();
  void take_answer(const core::inbox_entry& entry);
  void send_more(actors::run_context& context);
  void send_batch(actors::run_context& context, std::uint64_t number, std::uint64_t worker);
  void suspend_until_answer(actors::run_context& context);
  void merge_answered();
  void conclude_if_done(actors::run_context& context);

  const survey_site& site_;
  lead_state state_;
  survey_plan plan_;
  std::vector<std::size_t> bounds_;             ///< Empty before the order has come.
  std::map<std::uint64_t, std::uint64_t> out_;  ///< Batches that each worker has.
  std::uint64_t batches_ = 0;
  std::uint64_t next_ = 0;    ///< No batch before it is left to send.
  std::uint64_t merged_ = 0;  ///< The batches before it are in `total_`.
  tally total_;
  bool sending_ = false;
  bool concluded_ = false;
  std::uint64_t suspended_again_ = 0;  ///< Times that this wait was ended by something else.
  core::wake_condition_id waits_for_;
  core::wake_condition_id deadline_;
};

/// The counts with their identifiers cut to those that a report shows.
[[nodiscard]] tally for_report(tally counts);

}  // namespace agentpool::tools
