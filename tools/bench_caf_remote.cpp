#include "bench_caf_remote.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/send.hpp>
#include <future>
#include <memory>
#include <semaphore>
#include <thread>
#include <vector>

#include "agentpool/core/commands.hpp"
#include "agentpool/messages/protocol.hpp"
#include "agentpool/messages/type_ids.hpp"
#include "bench_kit.hpp"

namespace agentpool::tools {

namespace {

using moment = std::chrono::steady_clock::time_point;

constexpr std::size_t burst = 256;        ///< One-way messages between two signs of life.
constexpr std::ptrdiff_t bursts_max = 4;  ///< Bursts under way at one time.
constexpr std::chrono::seconds answer_max{30};

class remote_config : public caf::actor_system_config {
 public:
  remote_config() {
    messages::add_to(*this);
    load<caf::io::middleman>();
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::max(2U, std::thread::hardware_concurrency()));
  }
};

/// Two systems of actors; what the first publishes the second reaches over loopback.
class two_systems {
 public:
  [[nodiscard]] core::outcome<caf::actor> reach(const caf::actor& published) {
    const auto port = there.middleman().publish(published, 0, "127.0.0.1");
    if (!port) return core::store_unavailable("CAF could not publish an actor");
    auto reached = here.middleman().remote_actor("127.0.0.1", *port);
    if (!reached) return core::store_unavailable("CAF could not reach what it published");
    return *reached;
  }

 private:
  remote_config there_config_, here_config_;

 public:
  caf::actor_system there{there_config_};
  caf::actor_system here{here_config_};
};

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
  self->request(other, answer_max, core::send_message{seen->message})
      .then([=](const core::message_receipt&) {
        ++seen->count;
        ask_next(self, other, seen);
      });
}

}  // namespace

core::outcome<double> caf_remote_round_trips(const core::run_message& message,
                                             std::size_t in_flight, std::chrono::nanoseconds time) {
  two_systems both;
  const core::message_receipt receipt{
      message.message_id, core::message_status::delivered, {message.from}, {}};
  const auto answerer = both.there.spawn([receipt](caf::event_based_actor*) -> caf::behavior {
    return {[receipt](const core::send_message&) { return core::message_receipt{receipt}; }};
  });
  const auto reached = both.reach(answerer);
  if (!reached) return reached.error();
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::future<std::uint64_t>> counts;
  for (std::size_t one = 0; one < in_flight; ++one) {
    auto seen = std::make_shared<round_trips>();
    seen->message = message;
    seen->until = start + time;
    counts.push_back(seen->done.get_future());
    both.here.spawn(
        [other = *reached, seen](caf::event_based_actor* self) { ask_next(self, other, seen); });
  }
  std::uint64_t count = 0;
  for (auto& one : counts) count += one.get();
  const double rate = rate_since(start, count);
  caf::anon_send_exit(answerer, caf::exit_reason::user_shutdown);
  return rate;
}

core::outcome<double> caf_remote_one_way(const core::run_message& message,
                                         std::chrono::nanoseconds time) {
  two_systems both;
  const auto free = std::make_shared<std::counting_semaphore<>>(bursts_max);
  const auto sink = both.there.spawn([free](caf::event_based_actor*) -> caf::behavior {
    auto seen = std::make_shared<std::size_t>(0);
    return {[free, seen](const messages::entries_handed&) {
      if (++*seen % burst == 0) free->release();
    }};
  });
  const auto reached = both.reach(sink);
  if (!reached) return reached.error();
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t count = 0;
  while (count == 0 || std::chrono::steady_clock::now() < start + time) {
    if (!free->try_acquire_for(answer_max))
      return core::store_unavailable("CAF's messages do not arrive");
    for (std::size_t sent = 0; sent < burst; ++sent)
      caf::anon_send(*reached,
                     messages::entries_handed{{core::inbox_entry{first_number + count, message}}});
    count += burst;
  }
  for (std::ptrdiff_t one = 0; one < bursts_max; ++one)
    if (!free->try_acquire_for(answer_max))
      return core::store_unavailable("CAF's messages do not arrive");
  const double rate = rate_since(start, count);
  caf::anon_send_exit(sink, caf::exit_reason::user_shutdown);
  return rate;
}

}  // namespace agentpool::tools
