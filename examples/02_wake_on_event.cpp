// A run that suspends until something happens, or until it has waited long enough.

#include <chrono>
#include <iostream>
#include <memory>

#include "agentpool/actors/engine.hpp"
#include "agentpool/stores/memory.hpp"

using namespace agentpool;
using namespace std::chrono_literals;

namespace {

const core::run_id oven{"run.oven"};

class baker : public actors::agent {
 public:
  void on_start(actors::run_context& context) override { wait_for_oven(context, "bread", 10s); }

  // A suspended run costs no thread: it is called again when its condition is final. That may be
  // because an event matched or because its time was over; a timeout is no error.
  void on_wake(actors::run_context& context, const core::wake_notice& notice) override {
    if (notice.status == core::wake_registration_status::triggered) {
      std::cout << "baker: woken by an event of " << notice.resume_input.subject_ref->id.text()
                << ", puts the next loaf in" << std::endl;
      // Waiting with an equal filter again goes on after the event that woke it: however fast
      // the events come, each is seen once.
      return wait_for_oven(context, "cake", 50ms);
    }
    std::cout << "baker: waited long enough, goes home" << std::endl;
    context.finish();
  }

 private:
  static void wait_for_oven(actors::run_context& context, const char* name,
                            std::chrono::milliseconds at_most) {
    actors::condition_draft draft;
    draft.name = name;
    draft.filter.run_ids.include = {oven};
    draft.filter.kinds.include = {core::event_kind::tool_completed};
    draft.timeout = at_most;
    context.suspend(draft);
  }
};

class baking : public actors::agent {
 public:
  void on_start(actors::run_context& context) override {
    actors::event_draft event;
    event.name = "bread";
    event.family = core::event_family::tool;
    event.kind = core::event_kind::tool_completed;
    context.publish(event);
  }
};

}  // namespace

int main() {
  actors::engine engine{std::make_unique<stores::memory_store>()};
  const core::pool_id pool{"pool.bakery"};
  if (!engine.open_pool(pool)) return 1;
  const core::agent_id bakes{"agent.baker"};
  const core::agent_id heats{"agent.oven"};
  engine.register_agent(bakes, [](const core::run_id&) { return std::make_unique<baker>(); });
  engine.register_agent(heats, [](const core::run_id&) { return std::make_unique<baking>(); });

  const auto waiting = engine.start_run({pool, core::run_id{"run.baker"}, bakes});
  const auto heating = engine.start_run({pool, oven, heats});
  if (!waiting || !heating) return 1;
  return waiting->wait(10s) == actors::run_status::completed ? 0 : 1;
}
