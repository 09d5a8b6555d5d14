#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/core/commands.hpp"
#include "agentpool/core/event_records.hpp"
#include "agentpool/core/ids.hpp"
#include "agentpool/core/notice.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/time.hpp"

/// What an agent can do.
namespace agentpool::actors {

class run_context;

/// Told what came of an action, on the run's own turn like every other call of the agent.
template <class T>
using continuation = std::function<void(run_context&, const core::outcome<T>&)>;

/// A message to send. `name` tells it from the run's other messages: message id and idempotency
/// key derive from it and the run id, so that a run that is started again repeats them and the
/// message is sent once. Give the ids themselves to choose otherwise.
struct message_draft {
  std::string name;
  core::run_address_target to;
  core::content_ref content_ref;
  core::event_correlation correlation = {};
  std::optional<core::message_id> reply_to = {};
  std::optional<core::response_contract> response_contract = {};
  std::optional<std::uint64_t> expires_at_millis = {};  ///< Unix time.
  std::vector<core::policy_ref> policy_refs = {};
  std::optional<core::message_id> message_id = {};
  std::optional<core::idempotency_key> idempotency_key = {};
};

/// What to wait for. `name` works as for messages.
struct condition_draft {
  std::string name;
  core::event_filter filter = {};
  std::optional<std::chrono::milliseconds> timeout = {};
  core::resume_input_policy resume_with = core::resume_input_policy::matching_event_refs;
  std::optional<core::event_cursor> after_cursor = {};
  std::vector<core::policy_ref> policy_refs = {};
  std::optional<core::wake_condition_id> condition_id = {};
  std::optional<core::idempotency_key> idempotency_key = {};
};

/// An event of the run. Without `subject_ref` the run is its subject. Without `event_id` one is
/// derived from the run id and `name`; events are not deduped, so a name may be used again.
struct event_draft {
  std::string name;
  core::event_family family = core::event_family::run;
  core::event_kind kind = core::event_kind::run_checkpointed;
  std::string redacted_summary = {};  ///< Empty: the event says nothing beyond its envelope.
  std::optional<core::entity_ref> subject_ref = {};
  std::vector<core::entity_ref> related_refs = {};
  core::event_correlation correlation = {};
  std::vector<core::event_tag> tags = {};
  core::event_delivery_semantics delivery = core::event_delivery_semantics::journal_backed;
  std::optional<core::event_id> event_id = {};
};

/// Through this an agent acts. Valid during the call that it was given to. Actions take effect in
/// the order of the calls; none of them blocks. An action that is refused is told to its
/// continuation; without one it fails the run. Beyond `run_actions_max` actions that are not
/// answered the refusal is `overloaded` and comes after this call of the agent, so repeating it
/// there goes round until answers have made room: better send the next when one is answered.
class run_context {
 public:
  run_context() = default;
  run_context(const run_context&) = delete;
  run_context& operator=(const run_context&) = delete;
  virtual ~run_context() = default;

  [[nodiscard]] virtual const core::run_id& run_id() const noexcept = 0;
  [[nodiscard]] virtual const core::agent_id& agent_id() const noexcept = 0;
  [[nodiscard]] virtual const core::pool_id& pool_id() const noexcept = 0;
  /// Wall time, of the engine's clock.
  [[nodiscard]] virtual core::instant now() const = 0;

  virtual void send(message_draft draft, continuation<core::message_receipt> then = {}) = 0;

  /// Answers `entry`'s sender. Sent once a message, however often it is called.
  virtual void reply(const core::inbox_entry& entry, core::content_ref content,
                     continuation<core::message_receipt> then = {}) = 0;

  /// Waits for an event: on_wake is called once the condition is final, whatever it became, also
  /// when that was in an earlier life of the run.
  virtual void suspend(condition_draft draft, continuation<core::wake_registration> then = {}) = 0;

  virtual void publish(event_draft draft, continuation<core::event_published> then = {}) = 0;

  /// Tells that every message up to `sequence` is dealt with: a later life of the run starts
  /// after it. Call it after having acted.
  virtual void acknowledge(std::uint64_t sequence, continuation<core::inbox_acked> then = {}) = 0;

  /// Any other request, for what the above don't cover.
  virtual void request(core::command ask, continuation<core::answer> then = {}) = 0;

  /// Ends the run well once all its actions are answered: publishes `run_completed`, leaves the
  /// pool. The agent is not called again but for continuations; later actions are refused.
  virtual void finish() = 0;

  /// Ends the run badly: publishes `run_failed`, leaves the pool. `reason` stays in the program.
  virtual void fail(std::string reason) = 0;
};

}  // namespace agentpool::actors
