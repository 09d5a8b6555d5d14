#include "bench_seeded.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "agentpool/sim/chance.hpp"

namespace agentpool::tools {

message_pattern message_pattern::of(const sim::trace& seen) {
  message_pattern made;
  made.actors = seen.actors().size();
  std::vector<std::uint32_t> numbers(seen.size());
  for (std::size_t line = 0; line < seen.size(); ++line) {
    if (seen.lines()[line].is_note()) continue;
    const auto number = static_cast<std::uint32_t>(made.messages.size());
    numbers[line] = number;
    made.messages.push_back({seen.place(line).actor, {}});
    const auto cause = seen.cause(line);
    const bool told = cause && !seen.lines()[*cause].is_note();
    (told ? made.messages[numbers[*cause]].sends : made.roots).push_back(number);
  }
  return made;
}

namespace {

struct scene {
  const message_pattern& pattern;
  bool traced = false;
  std::vector<caf::actor> actors = {};
  std::uint64_t digest = 0;  ///< Of what was written down.
};

const std::string body = "hello";

void write_down(caf::event_based_actor* self, std::uint32_t number, scene& what) {
  const auto& element = *self->current_mailbox_element();
  const auto from = element.sender ? element.sender->id() : 0;
  const auto line = std::to_string(number) + ' ' + std::to_string(from) + '>' +
                    std::to_string(self->id()) + ' ' + element.content().stringify();
  what.digest = what.digest * 31 + std::hash<std::string>{}(line);
}

caf::behavior telling(caf::event_based_actor* self, scene* what) {
  return {[=](std::uint32_t number, const std::string& text) {
    if (what->traced) write_down(self, number, *what);
    for (const auto next : what->pattern.messages[number].sends)
      self->send(what->actors[what->pattern.messages[next].to], next, text);
  }};
}

}  // namespace

double bare_seeded_steps(const message_pattern& pattern, std::uint64_t seed, bool traced) {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("testing"));
  caf::actor_system system{config};
  scene what{pattern, traced};
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < pattern.actors; ++i)
    what.actors.push_back(system.spawn(telling, &what));
  for (const auto root : pattern.roots)
    caf::anon_send(what.actors[pattern.messages[root].to], root, body);
  const auto count = run_drawn(system, seed);
  const auto taken = std::chrono::steady_clock::now() - start;
  for (const auto& each : what.actors) caf::anon_send_exit(each, caf::exit_reason::kill);
  run_drawn(system, seed);
  return static_cast<double>(count) / std::chrono::duration<double>(taken).count();
}

std::uint64_t run_drawn(caf::actor_system& system, std::uint64_t seed) {
  auto& steps = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  auto from = sim::chance::of(seed, "bare");
  std::vector<caf::resumable*> ready;
  for (std::uint64_t count = 0;; ++count) {
    ready.insert(ready.end(), steps.jobs.begin(), steps.jobs.end());
    steps.jobs.clear();
    if (ready.empty()) return count;
    auto& drawn = ready[from.below(ready.size())];
    steps.jobs.push_front(drawn);
    drawn = ready.back();
    ready.pop_back();
    steps.try_run_once();
  }
}

}  // namespace agentpool::tools
