#include "tampered_agent.hpp"

#include <stdexcept>

#include "universe.hpp"

namespace agentpool::sim {

// ---- the context ------------------------------------------------------------------------------

void tampered_context::enter(actors::run_context& real) {
  real_ = &real;
  ++calls_;
  acknowledge_due(false);
}

/// A continuation is given this context too.
template <class T>
actors::continuation<T> tampered_context::through(actors::continuation<T> then) {
  if (!then) return then;
  return [this, then = std::move(then)](actors::run_context& real, const core::outcome<T>& what) {
    real_ = &real;
    then(*this, what);
  };
}

void tampered_context::send(actors::message_draft draft,
                            actors::continuation<core::message_receipt> then) {
  if (twice_) real_->send(draft, [](actors::run_context&, const auto&) {});
  real_->send(std::move(draft), through(std::move(then)));
}

void tampered_context::reply(const core::inbox_entry& entry, core::content_ref content,
                             actors::continuation<core::message_receipt> then) {
  if (twice_) real_->reply(entry, content, [](actors::run_context&, const auto&) {});
  real_->reply(entry, std::move(content), through(std::move(then)));
}

void tampered_context::suspend(actors::condition_draft draft,
                               actors::continuation<core::wake_registration> then) {
  real_->suspend(std::move(draft), through(std::move(then)));
}

void tampered_context::publish(actors::event_draft draft,
                               actors::continuation<core::event_published> then) {
  real_->publish(std::move(draft), through(std::move(then)));
}

void tampered_context::request(core::command ask, actors::continuation<core::answer> then) {
  real_->request(std::move(ask), through(std::move(then)));
}

void tampered_context::acknowledge(std::uint64_t sequence,
                                   actors::continuation<core::inbox_acked> then) {
  if (late_ == 0) return real_->acknowledge(sequence, through(std::move(then)));
  acks_.push_back({sequence, std::move(then), calls_ + late_});
}

void tampered_context::acknowledge_due(bool all) {
  while (!acks_.empty() && (all || acks_.front().due <= calls_)) {
    auto ack = std::move(acks_.front());
    acks_.pop_front();
    real_->acknowledge(ack.sequence, through(std::move(ack.then)));
  }
}

void tampered_context::finish() {
  acknowledge_due(true);
  real_->finish();
}

// ---- the agent --------------------------------------------------------------------------------

tampered_agent::tampered_agent(universe& world, std::size_t run, run_life life,
                               std::unique_ptr<actors::agent> real)
    : world_{world},
      run_{run},
      life_{std::move(life)},
      real_{std::move(real)},
      context_{world.faults().sends_twice(run), world.faults().acknowledges_late(run)} {
  if (!real_) throw std::runtime_error{"the factory made no agent"};
}

bool tampered_agent::enter(actors::run_context& context) {
  if (!world_.is_life(life_.where)) return false;
  context_.enter(context);
  world_.before_call(run_);
  return true;
}

void tampered_agent::on_start(actors::run_context& context) {
  if (enter(context)) real_->on_start(context_);
}

void tampered_agent::on_message(actors::run_context& context, const core::inbox_entry& entry) {
  if (!enter(context)) return;
  world_.tell([&](observer& each) { each.on_delivered(life_, entry); });
  real_->on_message(context_, entry);
}

void tampered_agent::on_wake(actors::run_context& context, const core::wake_notice& notice) {
  if (!enter(context)) return;
  world_.tell([&](observer& each) { each.on_woken(life_, notice); });
  real_->on_wake(context_, notice);
}

}  // namespace agentpool::sim
