#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "agentpool/actors/agent.hpp"
#include "agentpool/sim/observer.hpp"

namespace agentpool::sim {

class universe;

/// What an agent in a world is given in place of its context: passes everything on, twice or late
/// where the fault plan says so.
class tampered_context final : public actors::run_context {
 public:
  tampered_context(bool twice, std::uint64_t late) : twice_{twice}, late_{late} {}

  /// The context of this call.
  void enter(actors::run_context& real);

  [[nodiscard]] const core::run_id& run_id() const noexcept override { return real_->run_id(); }
  [[nodiscard]] const core::agent_id& agent_id() const noexcept override {
    return real_->agent_id();
  }
  [[nodiscard]] const core::pool_id& pool_id() const noexcept override { return real_->pool_id(); }
  [[nodiscard]] core::instant now() const override { return real_->now(); }

  void send(actors::message_draft draft, actors::continuation<core::message_receipt> then) override;
  void reply(const core::inbox_entry& entry, core::content_ref content,
             actors::continuation<core::message_receipt> then) override;
  void suspend(actors::condition_draft draft,
               actors::continuation<core::wake_registration> then) override;
  void publish(actors::event_draft draft,
               actors::continuation<core::event_published> then) override;
  void acknowledge(std::uint64_t sequence, actors::continuation<core::inbox_acked> then) override;
  void request(core::command ask, actors::continuation<core::answer> then) override;
  void finish() override;
  void fail(std::string reason) override { real_->fail(std::move(reason)); }

 private:
  struct late_ack {
    std::uint64_t sequence = 0;
    actors::continuation<core::inbox_acked> then;
    std::uint64_t due = 0;  ///< The call at which it is sent.
  };

  template <class T>
  actors::continuation<T> through(actors::continuation<T> then);
  void acknowledge_due(bool all);

  actors::run_context* real_ = nullptr;
  bool twice_;
  std::uint64_t late_;
  std::uint64_t calls_ = 0;
  std::deque<late_ack> acks_;
};

/// An agent of the user in a world: seen at each call, and thrown out of where the plan says so.
class tampered_agent final : public actors::agent {
 public:
  tampered_agent(universe& world, std::size_t run, run_life life,
                 std::unique_ptr<actors::agent> real);

  void on_start(actors::run_context& context) override;
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override;
  void on_wake(actors::run_context& context, const core::wake_notice& notice) override;

 private:
  /// False when its engine is dead: then nobody is called any more.
  [[nodiscard]] bool enter(actors::run_context& context);

  universe& world_;
  std::size_t run_;
  run_life life_;
  std::unique_ptr<actors::agent> real_;
  tampered_context context_;
};

}  // namespace agentpool::sim
