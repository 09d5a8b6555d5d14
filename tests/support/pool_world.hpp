// A pool that lives through random requests and faults; everything follows from the steps.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "pool_bench.hpp"

namespace agentpool::support {

/// One step: what to do, and numbers that say to whom, how and how long.
struct world_step {
  std::uint8_t action = 0;
  std::uint8_t a = 0;
  std::uint8_t b = 0;
  std::uint8_t c = 0;
  std::uint8_t d = 0;
};

struct world_options {
  core::pool_limits limits;
  bool live_events = true;
};

/// Asks a pool and keeps its log, as an engine does: decisions are tried out at once and become
/// durable later, in order; appends fail, and another engine appends in between.
class pool_world {
 public:
  explicit pool_world(world_options options = {});

  void take(const world_step& step);
  /// Makes everything durable, and records the timeouts that are due.
  void come_to_rest();

  /// Makes everything decided durable.
  void settle();
  /// Makes a checkpoint of what was decided: whole, or what is new since the last one.
  void keep();
  /// At rest: goes on as a pool made from the checkpoints and from the log after them.
  void reopen();

  /// Asks at rest. The verdict, with what is missing supplied.
  core::pool::verdict ask(const core::command& command);

  [[nodiscard]] core::pool& pool() noexcept { return *pool_; }
  [[nodiscard]] const pool_log& log() const noexcept { return log_; }
  /// What was published, in order, live-only events included.
  [[nodiscard]] const std::vector<core::published>& published() const noexcept {
    return published_;
  }
  [[nodiscard]] const std::vector<core::run_message>& messages() const noexcept { return sent_; }
  [[nodiscard]] const std::vector<core::run_id>& runs() const noexcept { return runs_; }
  /// Every verdict in words, for comparing worlds.
  [[nodiscard]] const std::string& transcript() const noexcept { return transcript_; }
  /// What went wrong with taking back; empty when nothing did.
  [[nodiscard]] const std::string& faults() const noexcept { return faults_; }
  [[nodiscard]] core::instant now() const noexcept { return now_; }

  /// The filters that waiters use.
  [[nodiscard]] static core::event_filter filter(std::uint8_t which);

 private:
  struct in_flight {
    core::command asked;
    core::decision decided;
    std::vector<core::published> publishes;
  };

  [[nodiscard]] std::optional<core::command> request(const world_step& step);
  [[nodiscard]] std::optional<core::command> message_request(const world_step& step);
  [[nodiscard]] std::optional<core::command> wake_request(const world_step& step);
  [[nodiscard]] core::run_message new_message(const world_step& step);
  [[nodiscard]] core::wake_condition new_condition(const world_step& step);
  [[nodiscard]] const core::run_id& run(std::uint8_t which) const;
  [[nodiscard]] const core::run_message* sent(std::uint8_t which) const;

  void decide(const core::command& asked);
  void settle_oldest();
  void take_back();
  void fail(bool again);
  void let_another_append(const world_step& step);
  void compare(const std::string& when, const std::string& expected);
  void note(const core::pool::verdict& verdict);

  world_options options_;
  std::unique_ptr<core::pool> pool_;
  pool_log log_;
  std::deque<in_flight> waiting_;
  std::vector<core::published> published_;
  std::vector<core::run_message> sent_;
  std::vector<core::wake_condition> conditions_;
  std::vector<core::run_id> runs_;
  std::string transcript_;
  std::string faults_;
  std::optional<core::checkpoint> kept_;  ///< The parts of all, the head of the last.
  std::size_t kept_ahead_ = 0;            ///< So many decisions in it are not durable yet.
  bool whole_next_ = true;                ///< What was kept cannot be added to.
  std::string at_rest_;  ///< The fingerprint when nothing was in flight; empty once outdated.
  core::instant now_;
  int next_ = 0;
};

/// The config of a world's pool: members without "policy.see" are not observable.
[[nodiscard]] core::pool_config world_config();

}  // namespace agentpool::support
