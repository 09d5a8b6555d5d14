// Runs: started, watched, started again.
#include <caf/scheduled_actor.hpp>

#include <algorithm>
#include <stdexcept>

#include "agentpool/messages/protocol.hpp"
#include "tampered_agent.hpp"
#include "universe.hpp"

namespace agentpool::sim {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Before what was refused is tried again.
constexpr milliseconds pause{50};

}  // namespace

void universe::register_agent(core::agent_id id, actors::agent_factory factory) {
  auto tampered = [this, factory = std::move(factory)](const core::run_id& run) {
    auto* found = find_run(run);
    if (found == nullptr) return factory(run);
    on_agent_made(found->number);
    std::unique_ptr<actors::agent> made =
        std::make_unique<tampered_agent>(*this, found->number, found->life, factory(run));
    return made;
  };
  for (auto& place : sites_)
    if (place->engine != nullptr && place->kind != site_kind::node)
      place->engine->register_agent(id, tampered);
  factories_.insert_or_assign(std::move(id), std::move(tampered));
}

void universe::start_run(actors::run_request request, std::optional<std::size_t> engine) {
  const auto number = runs_.size();
  auto made = std::make_unique<kept_run>(kept_run{
      .number = number,
      .request = std::move(request),
      .engine = engine.value_or(number % engines()),
      .thinking = latency{options_.thinking, chance::of(seed_, "run." + std::to_string(number))}});
  made->slow_times = faults_.slow_times(number);
  made->life = {number, 0, {}, made->request.pool_id, made->request.run_id};
  run_numbers_.insert_or_assign(made->request.run_id, number);
  runs_.push_back(std::move(made));
  begin(*runs_.back());
}

void universe::begin(kept_run& run) {
  auto& place = *sites_[run.engine];
  if (!place.engine || run.starting || run.over) return;
  run.starting = true;
  run.has_agent = false;
  ++run.life.life;
  run.life.where = place.life->who();
  place.engine->start_run(run.request, [this, &run, life = run.life.life](
                                           const core::outcome<actors::run_handle>& started) {
    if (run.life.life != life || !is_life(run.life.where)) return;
    run.starting = false;
    if (started) {
      run.handle = *started;
      run.status = actors::run_status::running;
      return;
    }
    const bool again = started.error().retry == core::retry_classification::retryable;
    run.status = actors::run_status::failed;
    if (!again && started.error().kind != core::agent_error_kind::invalid_state_transition)
      run.over = true;
    begin_again(run);
  });
}

/// A little later, unless it was tried often enough.
void universe::begin_again(kept_run& run) {
  if (run.life.life >= options_.lives_max) run.over = true;
  if (run.over) return;
  const auto life = run.life.life;
  at(now_ + pause, [this, &run, life] {
    if (run.life.life == life && !run.handle) begin(run);
  });
}

/// After a step of its actor: has it ended?
void universe::look_at(kept_run& run) {
  if (!run.handle) return;
  const auto status = run.handle->status();
  run.status = status;
  if (!actors::is_final(status)) return;
  run.handle.reset();
  run.has_agent = false;
  tell([&](observer& each) { each.on_run_over(run.life, status); });
  const bool well = status == actors::run_status::completed ||
                    (status == actors::run_status::cancelled && (run.cancelled || !has_network()));
  if (well) run.over = true;
  if (!well) begin_again(run);
}

void universe::cancel_run(const core::run_id& id) {
  if (auto* run = find_run(id); run != nullptr && run->handle) {
    run->cancelled = true;
    run->handle->cancel();
  }
}

kept_run* universe::find_run(const core::run_id& id) {
  const auto found = run_numbers_.find(id);
  return found == run_numbers_.end() ? nullptr : runs_[found->second].get();
}

void universe::on_agent_made(std::size_t number) {
  auto& run = *runs_[number];
  run.has_agent = true;
  tell([&](observer& each) { each.on_run_started(run.life); });
}

/// Before each call of an agent.
void universe::before_call(std::size_t number) {
  auto& run = *runs_[number];
  if (!faults_.throws(number, ++run.calls)) return;
  note("agent_throws", "\"run\":\"" + run.life.id.text() + "\"");
  throw std::runtime_error{"the fault plan says so"};
}

// ---- thinking ---------------------------------------------------------------------------------

/// How long the actor does not get its next message: an agent thinks, or its run backs off after an
/// error; or the store writes slowly.
nanoseconds universe::holding(site& place, caf::scheduled_actor& actor) {
  const auto* who = place.life->label_of(actor.id());
  if (who->role != actors::actor_role::run && who->role != actors::actor_role::store)
    return nanoseconds{0};
  const auto* next = actor.peek_at_next_mailbox_element();
  if (next == nullptr) return nanoseconds{0};
  const auto& content = next->content();
  if (who->role == actors::actor_role::store) {
    if (!content.match_elements<messages::flush_appends>()) return nanoseconds{0};
    return faults_.append_takes(store_of(place.number), place.appends + 1);
  }
  auto* run = find_run(who->run);
  if (run == nullptr) return nanoseconds{0};
  if (content.match_elements<messages::action_answered>())
    return content.get_as<messages::action_answered>(0).what ? nanoseconds{0} : pause;
  if (content.match_elements<messages::wake_handed>()) return think(*run, 1);
  if (content.match_elements<messages::entries_handed>())
    return think(*run, content.get_as<messages::entries_handed>(0).entries.size());
  return nanoseconds{0};
}

/// For that many calls.
nanoseconds universe::think(kept_run& run, std::size_t calls) {
  nanoseconds time{0};
  for (std::size_t i = 0; i < calls; ++i) {
    auto once = run.thinking.next();
    if (run.slow_times > 0)
      once = (once + milliseconds{1}) * static_cast<std::int64_t>(run.slow_times);
    time += once;
    const auto hangs = faults_.hangs(run.number, run.calls + i + 1);
    if (!hangs) continue;
    note("agent_hangs", "\"run\":\"" + run.life.id.text() + "\"");
    if (hangs->count() == 0) run.stuck = true;
    if (run.stuck) return nanoseconds::max();
    time += *hangs;
  }
  return time;
}

// ---- what checks may look at ------------------------------------------------------------------

bool universe::is_life(const engine_life& who) const {
  const auto& place = *sites_[who.engine];
  return place.engine && place.life->who() == who && !place.life->dead();
}

std::vector<run_view> universe::runs() const {
  std::vector<run_view> views;
  views.reserve(runs_.size());
  for (const auto& run : runs_)
    views.push_back({run->request, run->life, run->status, run->has_agent, run->stuck, run->over});
  return views;
}

std::size_t universe::entries_waiting(const core::run_id& id) const {
  const auto found = run_numbers_.find(id);
  if (found == run_numbers_.end()) return 0;
  const auto& place = *sites_[runs_[found->second]->engine];
  if (!place.engine) return 0;
  return place.life->waiting(place.life->actor_of(id));
}

}  // namespace agentpool::sim
