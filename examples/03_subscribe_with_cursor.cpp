// Following a pool's events, going away, and going on without a gap or a repeat.

#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "agentpool/actors/engine.hpp"
#include "agentpool/stores/memory.hpp"

using namespace agentpool;
using namespace std::chrono_literals;

namespace {

// Only who comes and goes. Whatever a filter leaves open it allows.
core::event_filter comings_and_goings() {
  core::event_filter filter;
  filter.kinds.include = {core::event_kind::agent_pool_run_joined,
                          core::event_kind::agent_pool_run_left};
  return filter;
}

/// Reads so many events and returns the cursor of the last one: where to go on later.
std::optional<core::event_cursor> follow(const actors::pool_handle& pool, int events,
                                         std::optional<core::event_cursor> from) {
  auto stream = pool.subscribe(comings_and_goings(), from);
  if (!stream) return std::nullopt;
  while (events-- > 0) {
    const auto frame = stream->next(10s);
    if (!frame || !*frame) return std::nullopt;
    const auto& event = (*frame)->event->envelope;
    std::cout << "  " << event.event_seq << " " << core::to_text(event.event_kind) << " "
              << event.run_id.text() << std::endl;
    from = (*frame)->cursor;
  }
  return from;
}

bool join(const actors::pool_handle& pool, const std::string& name) {
  return pool.join({core::run_id{"run." + name}, core::agent_id{"agent.guest"}, {}, {}}).ok();
}

}  // namespace

int main() {
  actors::engine engine{std::make_unique<stores::memory_store>()};
  const auto pool = engine.open_pool(core::pool_id{"pool.party"});
  if (!pool || !join(*pool, "ada") || !join(*pool, "grace")) return 1;

  std::cout << "from the first event:" << std::endl;
  const auto cursor = follow(*pool, 2, std::nullopt);
  if (!cursor) return 1;

  // Nobody listens while this happens. It is in the log nevertheless.
  if (!join(*pool, "edsger") || !pool->leave(core::run_id{"run.ada"})) return 1;

  // The cursor belongs to this filter: with another one it is refused, since it would be unclear
  // what was seen. What happened meanwhile comes first, then what happens live.
  std::cout << "from where it was:" << std::endl;
  if (!follow(*pool, 2, cursor)) return 1;

  const auto refused = pool->subscribe({}, cursor);
  std::cout << "with another filter: " << (refused ? "accepted" : "refused") << std::endl;
  return refused ? 1 : 0;
}
