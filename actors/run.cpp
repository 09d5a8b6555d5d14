#include "actors/run.hpp"

#include <spdlog/spdlog.h>

#include <exception>
#include <utility>

#include "agentpool/actors/log.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/core/digest.hpp"

namespace agentpool::actors {

namespace {

core::agent_error agent_failed(const core::run_id& run, std::string reason) {
  return core::invalid_transition(std::move(reason),
                                  {core::entity(core::entity_kind::run, run.text())});
}

constexpr core::event_kind end_kind(run_status status) {
  if (status == run_status::completed) return core::event_kind::run_completed;
  return status == run_status::cancelled ? core::event_kind::run_cancelled
                                         : core::event_kind::run_failed;
}

}  // namespace

const core::run_id& run_desk::run_id() const noexcept { return port_->id(); }
const core::agent_id& run_desk::agent_id() const noexcept { return agent_id_; }
const core::pool_id& run_desk::pool_id() const noexcept { return port_->pool()->id(); }
core::instant run_desk::now() const { return around_->clock->now(); }

void run_desk::start(run_setup setup) {
  around_ = std::move(setup.around);
  port_ = std::move(setup.port);
  agent_id_ = setup.request.agent_id;
  beginning_ =
      std::make_unique<beginning>(beginning{std::move(setup.factory), std::move(setup.started)});
  auto& request = setup.request;
  core::pool_member member{std::move(request.run_id), std::move(request.agent_id),
                           std::move(request.policy_refs), std::move(request.topics)};
  ask(core::join_run{std::move(member)}, [this](const auto& joined) { on_joined(joined); });
}

void run_desk::on_joined(const core::outcome<core::answer>& joined) {
  if (!joined) return never_started(joined.error());
  join_sequence_ = std::get<core::run_joined>(*joined).cursor.sequence;
  ask(core::publish_event{run_event(core::event_kind::run_started)},
      [this](const core::outcome<core::answer>& published) {
        if (!published) return never_started(published.error());
        set_off();
      });
}

/// Of what the run asked before, nothing reaches the pool later than this.
template <class T>
void run_desk::tell_pool(T what) {
  if (const auto pool = port_->pool()->pool()) self_->send(pool, std::move(what));
}

void run_desk::set_off() {
  if (!ending_) port_->enter(run_status::running);
  beginning_->started->give(run_handle{port_});
  // Attached before it acts: a wake that it registers in on_start, or registered in an earlier
  // life, may be final before anything that is sent later arrives. What the pool hands over
  // meanwhile waits in the mailbox until on_start has returned.
  if (!ending_)
    tell_pool(messages::run_ready{
        run_id(), {}, around_->limits.run_window, messages::member_run_actor{self_}});
  call_agent([this] {
    agent_ = beginning_->factory(run_id());
    if (!agent_) throw std::runtime_error{"the factory made no agent"};
    agent_->on_start(*this);
  });
  beginning_.reset();
  if (ending_) maybe_end();
}

void run_desk::never_started(const core::agent_error& why) {
  const bool is_member = join_sequence_ != 0;
  port_->enter(is_member ? run_status::repair_needed : run_status::failed, why);
  beginning_->started->give(why);
  around_->ended(run_id());
  self_->quit();
}

void run_desk::on_entries(const messages::entries_handed& handed) {
  for (const auto& entry : handed.entries) {
    if (ending_ || !agent_) return;
    call_agent([&] { agent_->on_message(*this, entry); });
  }
  give_back(handed.entries.size());
}

/// Tells the pool that more entries may come, half a window at a time; not before what the run did
/// for the last ones is answered, all but a window of it.
void run_desk::give_back(std::uint64_t entries) {
  taken_ += entries;
  if (ending_ || taken_ == 0 || taken_ * 2 < around_->limits.run_window) return;
  if (unanswered_->actions.size() > around_->limits.run_window) return;
  tell_pool(messages::run_ready{
      run_id(), {}, std::exchange(taken_, 0), messages::member_run_actor{self_}});
}

void run_desk::on_wake(const core::wake_notice& notice) {
  if (unanswered_->suspending.contains(notice.condition_id))
    unanswered_.edit().suspending[notice.condition_id] = true;
  if (ending_ || !agent_) return;
  call_agent([&] { agent_->on_wake(*this, notice); });
}

void run_desk::on_cancel() {
  if (!ending_) end_as(run_status::cancelled);
}

/// The agent's code runs here and nowhere else.
void run_desk::call_agent(const std::function<void()>& work) {
  try {
    work();
  } catch (const std::exception& fault) {
    fail(std::string{"the agent threw: "} + fault.what());
  } catch (...) {
    fail("the agent threw something");
  }
}

// ---- the end ----------------------------------------------------------------------------------

void run_desk::finish() {
  if (!ending_) end_as(run_status::completed);
}

void run_desk::fail(std::string reason) {
  if (!leaving_) end_as(run_status::failed, agent_failed(run_id(), std::move(reason)));
}

/// A failure outdoes another end as long as that is not recorded.
void run_desk::end_as(run_status status, std::optional<core::agent_error> why) {
  ending_ = status;
  if (why && !failure_) failure_ = std::move(why);
  if (status == run_status::cancelled) port_->enter(run_status::cancelling);
  maybe_end();
}

/// Once all actions are answered: the event of the end, then the pool is left.
void run_desk::maybe_end() {
  if (!ending_ || leaving_ || !unanswered_->actions.empty() || join_sequence_ == 0) return;
  leaving_ = true;
  tell_pool(messages::run_gone{run_id()});
  ask(core::publish_event{run_event(end_kind(*ending_))},
      [this](const core::outcome<core::answer>& published) { on_end_published(published); });
}

void run_desk::on_end_published(const core::outcome<core::answer>& published) {
  if (!published) {
    failure_ = published.error();
    return ended(run_status::repair_needed);
  }
  ask(core::leave_run{run_id()}, [this](const core::outcome<core::answer>& left) {
    const bool gone = left || left.error().kind == core::agent_error_kind::invalid_state_transition;
    if (!gone) failure_ = left.error();
    ended(gone ? *ending_ : run_status::repair_needed);
  });
}

void run_desk::ended(run_status status) {
  if (failure_) logger().info("a run ended badly: {}", brief(*failure_));
  port_->enter(status, failure_);
  around_->ended(run_id());
  self_->quit();
}

messages::member_run_actor::behavior_type member_run(
    messages::member_run_actor::stateful_pointer<run_desk> self, run_setup setup) {
  auto& desk = self->state;
  desk.start(std::move(setup));
  return {
      [&desk](const messages::entries_handed& handed) { desk.on_entries(handed); },
      [&desk](const messages::wake_handed& handed) { desk.on_wake(handed.notice); },
      [&desk](const messages::cancel_run&) { desk.on_cancel(); },
      [&desk](messages::action_answered& answer) { desk.on_answered(answer); },
      [&desk](messages::closing) { desk.on_closing(); },
  };
}

}  // namespace agentpool::actors
