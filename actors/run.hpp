#pragma once

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "actors/ports.hpp"
#include "agentpool/actors/agent.hpp"
#include "agentpool/actors/limits.hpp"
#include "agentpool/core/time.hpp"
#include "agentpool/messages/protocol.hpp"

namespace agentpool::actors {

/// What a member run actor is made of. `started` is answered once `run_started` is durable, or
/// with the reason why the run never started. `ended` is called when nothing more will happen.
struct run_setup {
  run_request request;
  messages::pool_actor pool;
  agent_factory factory;
  std::shared_ptr<const core::clock> clock;
  engine_limits limits;
  std::shared_ptr<run_port> port;
  std::shared_ptr<messages::reply<run_handle>> started;
  std::function<void()> ended;
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
  void on_suspended(const core::wake_registration& registration);
  [[nodiscard]] core::agent_event run_event(core::event_kind kind) const;

  pointer self_;
  run_setup setup_;
  std::unique_ptr<agent> agent_;
  std::unordered_map<std::uint64_t, handler> handlers_;  ///< Of actions not answered yet.
  std::uint64_t last_action_ = 0;
  std::map<core::wake_condition_id, bool> suspending_;  ///< Not answered yet; told already?
  std::optional<run_status> ending_;  ///< How the run ends once its actions are answered.
  std::optional<core::agent_error> failure_;
  bool leaving_ = false;
  std::uint64_t join_sequence_ = 0;  ///< Tells this life of the run from earlier ones.
  std::uint64_t taken_ = 0;          ///< Entries taken since credit was given back.
};

/// The member run actor.
messages::member_run_actor::behavior_type member_run(
    messages::member_run_actor::stateful_pointer<run_desk> self, run_setup setup);

}  // namespace agentpool::actors
