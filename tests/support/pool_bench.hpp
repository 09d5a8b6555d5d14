// One pool and its log, without a store: every decision is durable at once.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "agentpool/core/pool.hpp"
#include "agentpool/core/projection.hpp"

namespace agentpool::support {

/// A log as it grows; answers what a pool says is missing as a store would.
class pool_log {
 public:
  explicit pool_log(core::pool_id pool) : pool_{std::move(pool)} {}

  void add(const core::decision& decided);
  [[nodiscard]] core::evidence read(const core::missing& wanted) const;

  [[nodiscard]] const std::vector<core::entry_ptr>& entries() const noexcept { return entries_; }
  [[nodiscard]] const std::vector<core::inbox_ack>& acks() const noexcept { return acks_; }

  /// All that the log publishes, in order.
  [[nodiscard]] std::vector<core::published> replayed() const;

 private:
  core::pool_id pool_;
  std::vector<core::entry_ptr> entries_;
  std::vector<core::inbox_ack> acks_;
};

class pool_bench {
 public:
  /// A pool that nobody opened.
  explicit pool_bench(core::pool_limits limits = {});

  /// An opened pool.
  [[nodiscard]] static pool_bench opened(const core::pool_config& config = {},
                                         core::pool_limits limits = {});

  /// Asks, supplies what is missing from the log, and makes the decision durable.
  core::outcome<core::answer> ask(const core::command& command);

  /// Asks what must not be refused; throws when it is.
  void must(const core::command& command) { static_cast<void>(ask(command).value()); }

  /// The answer to a request that must succeed.
  template <class Answer>
  Answer get(const core::command& command) {
    return std::get<Answer>(ask(command).value());
  }

  /// "kind/retry" of a request that must be refused; "accepted" when it is not.
  std::string refused(const core::command& command);

  /// Asks, and tells what was added to the log: "message m accepted to …; message m delivered …".
  std::string adds(const core::command& command);

  /// The verdict as it is, without evidence; changes nothing.
  [[nodiscard]] core::pool::verdict decide(const core::command& command) const;

  void pass(std::uint64_t millis) { now_ += std::chrono::milliseconds{millis}; }
  void set_now(core::instant now) { now_ = now; }
  [[nodiscard]] core::instant now() const noexcept { return now_; }

  /// The times at which evidence from the log was asked for.
  [[nodiscard]] int reads() const noexcept { return reads_; }

  /// The pool's events as they were published, live-only ones included.
  [[nodiscard]] const std::vector<core::published>& published() const noexcept { return events_; }
  [[nodiscard]] std::vector<core::agent_event> events() const;
  [[nodiscard]] core::agent_event last_event() const;

  /// The journal, made from the log alone.
  [[nodiscard]] std::vector<core::journal_record> journal() const;

  /// Sequences and message ids of the run's inbox: "5:m1 7:m2".
  std::string inbox(const std::string& run, std::optional<std::uint64_t> after = {},
                    std::uint64_t max = 100);

  [[nodiscard]] core::pool& pool() noexcept { return *pool_; }
  [[nodiscard]] const pool_log& log() const noexcept { return log_; }

 private:
  std::unique_ptr<core::pool> pool_;
  pool_log log_;
  std::vector<core::published> events_;
  core::instant now_;
  int reads_ = 0;
};

/// The pool that the log gives.
[[nodiscard]] std::unique_ptr<core::pool> replay(const pool_log& log, const core::pool_id& id,
                                                 core::pool_limits limits = {});

}  // namespace agentpool::support
