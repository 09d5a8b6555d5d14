#include "actors/world.hpp"

#include <algorithm>
#include <caf/actor_clock.hpp>
#include <caf/scheduled_actor.hpp>

namespace agentpool::testing {

core::instant virtual_clock::now() const {
  if (system_ == nullptr) return start_;
  const auto since = system_->clock().now().time_since_epoch();
  return start_ + std::chrono::duration_cast<std::chrono::milliseconds>(since);
}

actors::engine_options world::with(actors::engine_options options,
                                   std::shared_ptr<virtual_clock> clock) {
  options.clock = std::move(clock);
  options.schedule = actors::scheduling::stepped;
  return options;
}

world::world(std::unique_ptr<core::store_backend> backend, std::uint64_t seed,
             actors::engine_options options, core::instant start)
    : world{std::move(backend), seed, std::move(options), std::make_shared<virtual_clock>(start)} {}

world::world(std::unique_ptr<core::store_backend> backend, std::uint64_t seed,
             actors::engine_options options, std::shared_ptr<virtual_clock> clock)
    : engine{std::move(backend), with(std::move(options), clock)},
      clock_{std::move(clock)},
      chance_{seed} {
  clock_->follow(engine.system());
  settle();
}

world::~world() { engine.close(); }

caf::scheduler::test_coordinator& world::coordinator() {
  return dynamic_cast<caf::scheduler::test_coordinator&>(engine.system().scheduler());
}

bool world::step() {
  auto& jobs = coordinator().jobs;
  std::vector<std::size_t> runnable;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const auto* actor = dynamic_cast<caf::local_actor*>(jobs[i]);
    if (actor == nullptr || held_ != actor->name()) runnable.push_back(i);
  }
  if (runnable.empty()) return false;
  std::swap(jobs.front(), jobs[runnable[chance_() % runnable.size()]]);
  coordinator().try_run_once();
  return true;
}

namespace {

/// CAF shows an actor's mailbox to what is derived of it.
struct opened_actor : caf::scheduled_actor {
  static std::size_t mailbox_of(caf::scheduled_actor& actor) {
    return (actor.*&opened_actor::mailbox_).size();
  }
};

}  // namespace

std::size_t world::mailbox(const std::string& name) {
  std::size_t most = 0;
  for (auto* job : coordinator().jobs) {
    auto* actor = dynamic_cast<caf::scheduled_actor*>(job);
    if (actor != nullptr && name == actor->name())
      most = std::max(most, opened_actor::mailbox_of(*actor));
  }
  return most;
}

void world::settle() {
  while (step()) {
  }
}

void world::pass(std::chrono::milliseconds time) {
  auto& clock = coordinator().clock();
  const auto until = clock.now() + time;
  settle();
  while (clock.now() < until) {
    const auto& pending = clock.schedule();
    auto next = until;
    if (!pending.empty()) next = std::clamp(pending.begin()->first, clock.now(), until);
    coordinator().advance_time(next - clock.now());
    settle();
  }
}

core::outcome<core::answer> world::outcome_of(core::command command) {
  const inbox_of<core::answer> answers;
  pool().submit(std::move(command), answers.take());
  settle();
  if (answers.empty()) throw std::runtime_error{"there is no answer"};
  return answers.only();
}

void world::open(const std::vector<std::string>& names) {
  ask<core::pool_snapshot>(core::open_pool{});
  for (const auto& name : names) ask<core::run_joined>(core::join_run{member(name)});
}

core::pool_member member(const std::string& name, std::vector<core::topic_id> topics) {
  return {core::run_id{"run." + name}, core::agent_id{"agent." + name}, {}, std::move(topics)};
}

core::run_message message(const std::string& id, const std::string& from, const std::string& to) {
  core::run_message sent;
  sent.message_id = core::message_id{"message." + id};
  sent.from = core::run_id{"run." + from};
  sent.to = core::address_of(core::to_run{core::run_id{"run." + to}});
  sent.content_ref = core::content_ref{"content." + id};
  sent.idempotency_key = core::idempotency_key{"key." + id};
  return sent;
}

core::read_inbox unread(const std::string& name) {
  core::read_inbox ask;
  ask.run_id = core::run_id{"run." + name};
  return ask;
}

core::event_filter kinds(std::vector<core::event_kind> wanted) {
  core::event_filter filter;
  filter.kinds.include = std::move(wanted);
  return filter;
}

core::wake_condition condition(const std::string& id, const std::string& of,
                               core::event_kind kind) {
  core::wake_condition waits;
  waits.condition_id = core::wake_condition_id{"condition." + id};
  waits.run_id = core::run_id{"run." + of};
  waits.filter = kinds({kind});
  waits.idempotency_key = core::idempotency_key{"key.condition." + id};
  return waits;
}

}  // namespace agentpool::testing
