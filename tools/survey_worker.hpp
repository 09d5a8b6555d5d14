#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "agentpool/actors/agent.hpp"
#include "survey_log.hpp"
#include "survey_reader.hpp"
#include "survey_site.hpp"

namespace agentpool::tools {

/// Reads batches of files, one after the other. It suspends until the next batch has come (or the
/// lead says that no more will), reads its files, writes the result, answers with a ref to it and
/// acknowledges once the lead has the answer: a worker that is killed before that, or whose lead
/// was not there, gets the batch again.
class survey_worker final : public actors::agent {
 public:
  /// `before` is what the log tells of an earlier life.
  survey_worker(const survey_site& site, std::uint64_t number, const worker_state& before);

  void on_start(actors::run_context& context) override;
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override;
  void on_wake(actors::run_context& context, const core::wake_notice& notice) override;

 private:
  void suspend(actors::run_context& context);
  void begin_next(actors::run_context& context);
  void read_on(actors::run_context& context);
  void answer(actors::run_context& context);

  const survey_site& site_;
  std::uint64_t number_;
  worker_state state_;
  std::deque<core::inbox_entry> batches_;  ///< Not answered yet, in the order of the inbox.
  std::uint64_t seen_until_ = 0;
  std::uint64_t suspended_again_ = 0;  ///< Times that this wait was ended by something else.
  core::wake_condition_id waits_for_;
  bool awake_ = false;
  std::optional<batch_reader> reader_;
};

}  // namespace agentpool::tools
