#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "agentpool/actors/stream.hpp"
#include "agentpool/core/error.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/refs.hpp"

/// Runs, as who starts them sees them.
namespace agentpool::actors {

/// What to start.
struct run_request {
  core::pool_id pool_id;
  core::run_id run_id;
  core::agent_id agent_id;
  std::vector<core::topic_id> topics = {};
  std::vector<core::policy_ref> policy_refs = {};
};

/// How far a run is.
enum class run_status : std::uint8_t {
  pending,        ///< Joining its pool.
  running,        ///< A member; its agent is called.
  cancelling,     ///< Asked to end, not ended yet.
  completed,      ///< Ended well.
  failed,         ///< Ended badly.
  cancelled,      ///< Ended by `cancel`.
  repair_needed,  ///< Ended, but its end could not be recorded: it may still be a member.
};

/// True once nothing more will happen.
[[nodiscard]] constexpr bool is_final(run_status status) noexcept {
  return status >= run_status::completed;
}

class run_port;

/// A run that was started. Cheap to copy; safe to use from any thread; the run goes on without it.
class run_handle {
 public:
  explicit run_handle(std::shared_ptr<run_port> port);

  [[nodiscard]] const core::run_id& id() const noexcept;
  [[nodiscard]] run_status status() const;

  /// Why the run failed or needs repair; none otherwise.
  [[nodiscard]] std::optional<core::agent_error> failure() const;

  /// Waits until the run has ended or its engine is closed, at most `timeout`; the status then.
  [[nodiscard]] run_status wait(std::chrono::milliseconds timeout) const;

  /// Asks the run to end: `run_cancelled`, then it leaves its pool. Nothing when it has ended.
  void cancel() const;

  /// The run's events after the cursor, then live. The scope of its cursors is the filter
  /// `run_ids {include [id]}`.
  [[nodiscard]] core::outcome<subscription> events(
      std::optional<core::event_cursor> cursor = {}) const;

 private:
  std::shared_ptr<run_port> port_;
};

}  // namespace agentpool::actors
