// Swarms that wait for events.
#include "swarm.hpp"
#include "workloads.hpp"

namespace agentpool::sim::swarm {

namespace {

/// Publishes an event, waits a little, publishes the next.
class source final : public actors::agent {
 public:
  source(const core::run_id&, std::uint64_t events) : events_{events} {}

  void on_start(actors::run_context& context) override { go_on(context); }
  void on_wake(actors::run_context& context, const core::wake_notice&) override { go_on(context); }
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    acknowledge(context, entry.sequence);
  }

 private:
  void go_on(actors::run_context& context) {
    const auto name = std::to_string(next_);
    if (next_++ == events_) return context.finish();
    actors::event_draft event;
    event.name = "tick." + name;
    publish_surely(context, event, [name](actors::run_context& next) {
      pause(next, "between." + name, std::chrono::milliseconds{10});
    });
  }

  std::uint64_t events_;
  std::uint64_t next_ = 0;
};

/// Waits for one event after the other, some of the time not longer than a moment.
class waiter final : public actors::agent {
 public:
  waiter(const core::run_id&, std::uint64_t number, std::uint64_t events)
      : number_{number}, events_{events} {}

  void on_start(actors::run_context& context) override { wait(context); }
  void on_wake(actors::run_context& context, const core::wake_notice& notice) override {
    using status = core::wake_registration_status;
    if (notice.status == status::triggered) ++woken_;
    if (woken_ >= events_) return context.finish();
    wait(context);
  }
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    acknowledge(context, entry.sequence);
  }

 private:
  void wait(actors::run_context& context) {
    actors::condition_draft waits;
    waits.name = "wait." + std::to_string(waited_);
    if (number_ % 2 == 0) waits.filter.run_ids.include = {run_named("source")};
    waits.filter.kinds.include = {core::event_kind::run_checkpointed,
                                  core::event_kind::run_completed};
    if (waited_++ % 3 == number_ % 3) waits.timeout = std::chrono::milliseconds{15};
    if (number_ % 4 == 3) waits.resume_with = core::resume_input_policy::redacted_summary;
    if (waited_ < 200) suspend_surely(context, waits);
  }

  std::uint64_t number_;
  std::uint64_t events_;
  std::uint64_t woken_ = 0;
  std::uint64_t waited_ = 0;
};

}  // namespace

void wakes(world& at, const workload_size& size) {
  if (!at.open(pool())) return;
  register_as<source>(at, "source", size.messages);
  for (std::uint64_t i = 0; i < size.runs; ++i) {
    const auto agent = "waiter." + std::to_string(i);
    register_as<waiter>(at, agent, i, size.messages);
    at.start_run({pool(), run_named("waiter", i), agent_named(agent), {}, {}});
  }
  at.start_run({pool(), run_named("source"), agent_named("source"), {}, {}});
}

}  // namespace agentpool::sim::swarm
