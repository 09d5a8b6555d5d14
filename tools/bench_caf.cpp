#include "bench_caf.hpp"

#include <algorithm>
#include <atomic>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <future>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "agentpool/core/commands.hpp"
#include "agentpool/messages/protocol.hpp"
#include "agentpool/messages/type_ids.hpp"
#include "bench_heap.hpp"
#include "bench_kit.hpp"

namespace agentpool::tools {

namespace {

using moment = std::chrono::steady_clock::time_point;

constexpr std::size_t burst = 256;        ///< One-way messages between two signs of life.
constexpr std::ptrdiff_t bursts_max = 4;  ///< Bursts under way at one time.

/// Actors get their turns as in an engine.
class bench_config : public caf::actor_system_config {
 public:
  bench_config() {
    messages::add_to(*this);
    set("scheduler.policy", caf::atom("sharing"));
    const std::size_t cores = std::max(2U, std::thread::hardware_concurrency());
    set("scheduler.max-threads", cores);
  }
};

/// What one pair of actors counts.
struct round_trips {
  core::run_message message;
  moment until;
  std::uint64_t count = 0;
  std::promise<std::uint64_t> done;
};

void ask_next(caf::event_based_actor* self, const caf::actor& other,
              const std::shared_ptr<round_trips>& seen) {
  if (seen->count > 0 && std::chrono::steady_clock::now() >= seen->until) {
    seen->done.set_value(seen->count);
    self->quit();
    return;
  }
  self->request(other, caf::infinite, core::send_message{seen->message})
      .then([=](const core::message_receipt&) {
        ++seen->count;
        ask_next(self, other, seen);
      });
}

caf::behavior answerer(caf::event_based_actor*, const core::message_receipt& receipt) {
  return {[receipt](const core::send_message&) { return receipt; }};
}

core::message_receipt receipt_of(const core::run_message& message) {
  return {message.message_id, core::message_status::delivered, {message.from}, {}};
}

/// Signals after every `burst` messages.
struct sink_state {
  std::counting_semaphore<> free{bursts_max};
  std::size_t seen = 0;
};

caf::behavior sink(caf::event_based_actor*, const std::shared_ptr<sink_state>& state) {
  return {[state](const core::send_message&) {
    if (++state->seen % burst == 0) state->free.release();
  }};
}

caf::behavior receiver(caf::event_based_actor*, const std::shared_ptr<delivery_window>& window) {
  return {[window](const messages::entries_handed&) { window->received(); }};
}

/// The state of an actor that does nothing.
struct idle_state {
  std::uint64_t seen = 0;
};

caf::behavior idler(caf::stateful_actor<idle_state>* self) {
  return {[self](const core::send_message&) { ++self->state.seen; }};
}

/// Passes what it is sent to all others.
caf::behavior distributor(caf::event_based_actor*, const std::vector<caf::actor>& others) {
  return {[others](const core::send_message& ask) {
    const auto shared = caf::make_message(
        messages::entries_handed{{core::inbox_entry{first_number, *ask.message}}});
    for (const auto& other : others) caf::anon_send(other, shared);
  }};
}

}  // namespace

double caf_round_trips(const core::run_message& message, std::size_t pairs,
                       std::chrono::nanoseconds time) {
  bench_config config;
  caf::actor_system system{config};
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::future<std::uint64_t>> counts;
  std::vector<caf::actor> others;
  for (std::size_t pair = 0; pair < pairs; ++pair) {
    auto seen = std::make_shared<round_trips>();
    seen->message = message;
    seen->until = start + time;
    counts.push_back(seen->done.get_future());
    others.push_back(system.spawn(answerer, receipt_of(message)));
    system.spawn([other = others.back(), seen](caf::event_based_actor* self) {
      ask_next(self, other, seen);
    });
  }
  std::uint64_t count = 0;
  for (auto& one : counts) count += one.get();
  const double rate = rate_since(start, count);
  for (const auto& other : others) caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
  return rate;
}

double caf_one_way(const core::run_message& message, std::size_t sinks,
                   std::chrono::nanoseconds time) {
  bench_config config;
  caf::actor_system system{config};
  std::vector<std::shared_ptr<sink_state>> states;
  std::vector<caf::actor> actors;
  for (std::size_t index = 0; index < sinks; ++index) {
    states.push_back(std::make_shared<sink_state>());
    actors.push_back(system.spawn(sink, states.back()));
  }
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t count = 0;
  for (std::size_t turn = 0; turn == 0 || std::chrono::steady_clock::now() < start + time; ++turn) {
    const auto index = turn % sinks;
    states[index]->free.acquire();
    for (std::size_t sent = 0; sent < burst; ++sent)
      caf::anon_send(actors[index], core::send_message{message});
    count += burst;
  }
  for (const auto& state : states)
    for (std::ptrdiff_t one = 0; one < bursts_max; ++one) state->free.acquire();
  const double rate = rate_since(start, count);
  for (const auto& actor : actors) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  return rate;
}

double caf_fan_out(const core::run_message& message, std::size_t receivers, std::size_t under_way,
                   std::chrono::nanoseconds time) {
  bench_config config;
  caf::actor_system system{config};
  const auto window = std::make_shared<delivery_window>(receivers, under_way);
  std::vector<caf::actor> actors;
  for (std::size_t index = 0; index < receivers; ++index)
    actors.push_back(system.spawn(receiver, window));
  actors.push_back(system.spawn(distributor, actors));
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t count = 0;
  for (; count == 0 || std::chrono::steady_clock::now() < start + time; ++count) {
    if (!window->sent()) return 0;
    caf::anon_send(actors.back(), core::send_message{message});
  }
  if (!window->drain()) return 0;
  const double rate = rate_since(start, count * receivers);
  for (const auto& actor : actors) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  return rate;
}

double caf_idle_actor_bytes(std::size_t count) {
  bench_config config;
  caf::actor_system system{config};
  std::vector<caf::actor> actors;
  actors.reserve(count);
  const auto before = heap_bytes();
  for (std::size_t index = 0; index < count; ++index) actors.push_back(system.spawn(idler));
  const auto grown = static_cast<double>(heap_bytes()) - static_cast<double>(before);
  for (const auto& actor : actors) caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  return grown / static_cast<double>(count);
}

}  // namespace agentpool::tools
