#pragma once

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "actors/ports.hpp"
#include "agentpool/actors/agent.hpp"
#include "agentpool/actors/limits.hpp"
#include "agentpool/core/boxed.hpp"
#include "agentpool/core/time.hpp"
#include "agentpool/messages/protocol.hpp"

namespace agentpool::actors {

/// What the runs of an engine have in common.
struct run_surroundings {
  std::shared_ptr<const core::clock> clock;
  engine_limits limits;
  std::function<void(const core::run_id&)> ended;  ///< Called when nothing more of it will happen.
};

/// What a member run actor is made of. `started` is answered once `run_started` is durable, or
/// with the reason why the run never started.
struct run_setup {
  run_request request;
  agent_factory factory;
  std::shared_ptr<const run_surroundings> around;
  std::shared_ptr<run_port> port;
  std::shared_ptr<messages::reply<run_handle>> started;
};

/// The member run actor's state: an agent and what it is doing. Every call of the agent is
/// guarded: what it throws fails this run.
class run_desk : public run_context {
 public:
  static inline const char* name = "member_run";
  using pointer = messages::member_run_actor::pointer;

  explicit run_desk(pointer self) : self_{self} {}

  void start(run_setup setup);

  void on_entries(const messages::entries_handed& handed);
  void on_wake(const core::wake_notice& notice);
  void on_cancel();
  void on_answered(messages::action_answered& answer);
  void on_closing() { self_->quit(); }

  // The agent's side.
  [[nodiscard]] const core::run_id& run_id() const noexcept override;
  [[nodiscard]] const core::agent_id& agent_id() const noexcept override;
  [[nodiscard]] const core::pool_id& pool_id() const noexcept override;
  [[nodiscard]] core::instant now() const override;
  void send(message_draft draft, continuation<core::message_receipt> then) override;
  void reply(const core::inbox_entry& entry, core::content_ref content,
             continuation<core::message_receipt> then) override;
  void suspend(condition_draft draft, continuation<core::wake_registration> then) override;
  void publish(event_draft draft, continuation<core::event_published> then) override;
  void acknowledge(std::uint64_t sequence, continuation<core::inbox_acked> then) override;
  void request(core::command ask, continuation<core::answer> then) override;
  void finish() override;
  void fail(std::string reason) override;

 private:
  using handler = std::function<void(core::outcome<core::answer>)>;

  /// What a run has until it is under way.
  struct beginning {
    agent_factory factory;
    std::shared_ptr<messages::reply<run_handle>> started;
  };

  /// What a run waits for.
  struct unanswered {
    std::map<std::uint64_t, handler> actions;
    std::map<core::wake_condition_id, bool> suspending;  ///< With whether it was told already.
    std::size_t refused = 0;                             ///< Of the actions: no pool knows of them.
  };

  // run.cpp: the run's life
  void on_joined(const core::outcome<core::answer>& joined);
  void set_off();
  void never_started(const core::agent_error& why);
  void end_as(run_status status, std::optional<core::agent_error> why = {});
  void maybe_end();
  void on_end_published(const core::outcome<core::answer>& published);
  void ended(run_status status);
  void call_agent(const std::function<void()>& work);
  void give_back(std::uint64_t entries);

  // run_actions.cpp: what the agent asks for
  void ask(core::command command, handler then);
  template <class T>
  void act(core::command&& command, continuation<T> then);
  template <class T>
  void refuse(const continuation<T>& then, const core::agent_error& why);
  template <class T>
  void refuse_later(continuation<T> then, core::agent_error why);
  void on_suspended(const core::wake_registration& registration);
  template <class T>
  void tell_pool(T what);
  [[nodiscard]] core::agent_event run_event(core::event_kind kind) const;

  // There are many runs, most of them idle: what is rare has a block of its own.
  pointer self_;
  std::shared_ptr<const run_surroundings> around_;
  std::shared_ptr<run_port> port_;
  core::agent_id agent_id_;
  std::unique_ptr<beginning> beginning_;
  std::unique_ptr<agent> agent_;
  core::boxed_default<unanswered> unanswered_;
  core::boxed_optional<core::agent_error> failure_;
  std::uint64_t last_action_ = 0;
  std::uint64_t join_sequence_ = 0;   ///< Tells this life of the run from earlier ones.
  std::uint64_t taken_ = 0;           ///< Entries taken since credit was given back.
  std::optional<run_status> ending_;  ///< How the run ends once its actions are answered.
  bool leaving_ = false;
  std::uint8_t refusals_ = 0;  ///< That are being told right now, one inside the other.
};

/// The member run actor.
messages::member_run_actor::behavior_type member_run(
    messages::member_run_actor::stateful_pointer<run_desk> self, run_setup setup);

}  // namespace agentpool::actors
