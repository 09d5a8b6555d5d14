#include "soak_agent.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace agentpool::tools {

namespace {

constexpr std::chrono::milliseconds wake_timeout{60'000};

/// Waits for the next message of that run. The cursor says where "next" begins: without one a wake
/// goes on after the event that last woke its run, further and further back.
void wait_for(actors::run_context& context, const std::string& name, core::run_id source,
              core::event_cursor after) {
  actors::condition_draft wake;
  wake.name = name;
  wake.filter.run_ids.include = {std::move(source)};
  wake.filter.kinds.include = {core::event_kind::run_message_delivered};
  wake.timeout = wake_timeout;
  wake.after_cursor = std::move(after);
  context.suspend(std::move(wake));
}

}  // namespace

void soak_agent::on_message(actors::run_context& context, const core::inbox_entry& entry) {
  context.acknowledge(entry.sequence);
  if (++got_ % suspend_every_ != 0) return;
  actors::event_draft event;
  event.name = "soak." + std::to_string(got_);
  context.publish(event, [name = event.name, source = entry.message.from](actors::run_context& run,
                                                                          const auto& published) {
    if (!published) return run.fail(published.error().message);
    wait_for(run, name, source, published->cursor);
  });
}

void soak_agent::on_wake(actors::run_context&, const core::wake_notice& notice) {
  if (notice.status == core::wake_registration_status::triggered) ++wakes_;
}

}  // namespace agentpool::tools
