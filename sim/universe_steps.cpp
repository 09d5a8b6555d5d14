// Who is next, and time.
#include <caf/actor_cast.hpp>
#include <caf/scheduled_actor.hpp>

#include <algorithm>

#include "agentpool/messages/hosting.hpp"
#include "universe.hpp"

namespace agentpool::sim {

namespace {

using std::chrono::nanoseconds;

/// One number for an actor of all engines and their lives.
std::uint64_t key_of(const engine_life& who, std::uint64_t actor) {
  return ((who.engine + 1) << 48U) + (who.life << 32U) + actor;
}

/// Where CAF's clocks stand when a world begins.
constexpr nanoseconds clock_start{1};

}  // namespace

world_end universe::run(std::optional<nanoseconds> until) {
  while (true) {
    if (!violations.empty()) return world_end::violated;
    if (step_ >= options_.steps_max) return world_end::out_of_steps;
    if (now_ > options_.time_max) return world_end::out_of_time;
    if (until && now_ >= *until && ready_.empty()) return world_end::idle;
    if (act()) continue;
    const auto passed = advance(until);
    if (passed == passage::went_on) continue;
    if (passed == passage::idle) tell([](observer& each) { each.on_idle(); });
    if (!violations.empty()) return world_end::violated;
    if (!until) return world_end::idle;
    if (now_ < *until) move_to(*until);
  }
}

/// One message of one actor; false when nobody has any.
bool universe::act() {
  gather();
  if (has_network()) gather_arrivals();
  if (ready_.empty()) return false;
  const auto place = strategy_->pick(ready_.all());
  if (options_.choices) choices.push_back(static_cast<std::uint32_t>(place));
  const auto next = ready_.take(place);
  next.arrival > 0 ? take_arrival(next) : take_step(next);
  after_step(next);
  return true;
}

/// Takes over what the engines' schedulers have, so that we pick.
void universe::gather() {
  for (auto& place : sites_) {
    if (place->engine == nullptr || place->frozen) continue;
    auto& jobs = place->steps().jobs;
    while (!jobs.empty()) {
      auto* job = jobs.front();
      jobs.pop_front();
      admit(*place, job, false);
    }
  }
}

void universe::admit(site& place, caf::resumable* job, bool thought) {
  auto* actor = dynamic_cast<caf::scheduled_actor*>(job);
  if (actor == nullptr || place.life->label_of(actor->id()) == nullptr) {
    place.steps().jobs.push_front(job);  // One of CAF's own: nobody waits for it.
    place.steps().try_run_once();
    return;
  }
  const ready_job ready{job, place.number, actor->id(), 0};
  const auto wait = thought ? nanoseconds{0} : holding(place, *actor);
  if (wait > nanoseconds{0}) {
    const auto until = wait == nanoseconds::max() ? wait : now_ + wait;
    thinking_.emplace(std::pair{until, ++last_thought_}, ready);
    return;
  }
  ready_.add(ready, key_of(place.life->who(), actor->id()));
}

void universe::take_step(const ready_job& next) {
  auto& place = *sites_[next.engine];
  ++step_;
  present_ = {step_, next.actor, place.life.get()};
  handled_ = false;
  looking_ = false;
  touched_.clear();
  touch(place.life->who(), next.actor);
  place.steps().jobs.push_front(next.job);
  place.steps().try_run_once();
  if (!handled_ && trace_) trace_->made(*this, place.life->name_of(next.actor));
  if (!looking_) last_busy_ = now_;
  present_ = {};
}

void universe::touch(const engine_life& who, std::uint64_t actor) {
  if (!options_.touched) return;
  const auto key = actor == 0 ? 0 : key_of(who, actor);
  if (std::find(touched_.begin(), touched_.end(), key) == touched_.end()) touched_.push_back(key);
}

void universe::after_step(const ready_job& done) {
  if (done.arrival == 0) look_at(*sites_[done.engine], done.actor);
  if (options_.touched) options_.touched(touched_);
  tell([](observer& each) { each.on_step(); });
  for (auto wanted = wanted_.begin(); wanted != wanted_.end();) {
    if (!wanted->second(*this)) {
      ++wanted;
      continue;
    }
    reached.insert(wanted->first);
    wanted = wanted_.erase(wanted);
  }
}

void universe::look_at(site& place, std::uint64_t actor) {
  if (const auto* who = place.life->label_of(actor);
      who != nullptr && who->role == actors::actor_role::run)
    if (auto* run = find_run(who->run)) look_at(*run);
  if (place.dying) bury(place);
}

// ---- time -------------------------------------------------------------------------------------

namespace {

/// A store looks for changes, a directory renews its lease, an attendance reads its rows again.
bool is_poll(const site& place, const caf::detail::simple_actor_clock::event& what) {
  using events = caf::detail::simple_actor_clock;
  if (what.subtype != events::actor_msg_type) return false;
  const auto& told = static_cast<const events::actor_msg&>(what);
  const auto* who = place.life->label_of(told.receiver->id());
  if (who == nullptr) return false;
  if (who->role == actors::actor_role::attendance)
    return told.content->content().match_elements<messages::come_back>();
  return who->role == actors::actor_role::store || who->role == actors::actor_role::directory;
}

}  // namespace

/// The earliest timer of an engine; with `polls` also of who only looks.
std::optional<nanoseconds> universe::next_timer(const site& place, bool polls) const {
  for (const auto& [due, event] : place.steps().clock().schedule()) {
    if (!polls && is_poll(place, *event)) continue;
    return std::max(nanoseconds{due.time_since_epoch()} - clock_start, now_);
  }
  return std::nullopt;
}

std::optional<nanoseconds> universe::next_moment(bool polls) const {
  std::optional<nanoseconds> next;
  const auto offer = [&](nanoseconds moment) { next = std::min(next.value_or(moment), moment); };
  if (!agenda_.empty()) offer(agenda_.begin()->first);
  if (!thinking_.empty() && thinking_.begin()->first.first != nanoseconds::max())
    offer(thinking_.begin()->first.first);
  for (const auto& place : sites_)
    if (place->engine)
      if (const auto due = next_timer(*place, polls)) offer(*due);
  return next;
}

/// Nobody has anything to do: goes on to the next moment at which somebody has, unless nothing more
/// happens by itself, or not before `until`. That stores look for changes counts as nothing
/// once all of them have done so twice since somebody did anything else.
universe::passage universe::advance(std::optional<nanoseconds> until) {
  const auto busy = next_moment(false);
  const auto any = next_moment(true);
  if (!any) return passage::idle;
  const auto settled = last_busy_ + settling();
  if (!busy && *any > settled) return passage::idle;
  if (until && *any > *until) return passage::not_so_far;
  move_to(*any);
  return passage::went_on;
}

/// Stores look for changes twice, nodes whether their pools are still theirs, and attendances for
/// seats that they do not know.
nanoseconds universe::settling() const {
  const auto looks = 3 * nanoseconds{options_.limits.change_poll};
  const auto& limits = options_.network.node_limits;
  return has_network() ? looks + nanoseconds{limits.lease + limits.grace} : looks;
}

void universe::move_to(nanoseconds moment) {
  const auto by = moment - now_;
  now_ = moment;
  present_ = {};
  for (auto& place : sites_)
    if (place->engine != nullptr) place->steps().advance_time(by);
  if (by.count() > 0) tell([](observer& each) { each.on_time(); });
  due_now();
}

void universe::due_now() {
  while (!thinking_.empty() && thinking_.begin()->first.first <= now_) {
    const auto thought = thinking_.begin()->second;
    thinking_.erase(thinking_.begin());
    auto& place = *sites_[thought.engine];
    place.frozen ? place.steps().jobs.push_back(thought.job) : admit(place, thought.job, true);
    last_busy_ = now_;
  }
  while (!agenda_.empty() && agenda_.begin()->first <= now_) {
    const auto what = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    what();
    last_busy_ = now_;
  }
}

}  // namespace agentpool::sim
