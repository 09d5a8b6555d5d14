#include "actors/admission.hpp"

#include <caf/send.hpp>
#include <string>
#include <utility>

#include "agentpool/core/addressing.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors {

namespace {

bool waits(const admission::request& what) {
  const auto* asked = std::get_if<messages::pool_asked>(&what);
  return asked != nullptr && asked->request->wait.count() > 0;
}

void answer(const admission::request& what, const core::agent_error& why) {
  std::visit([&](const auto& asked) { asked.request->back.give(why); }, what);
}

std::string bound(const char* name, std::size_t value) {
  return std::string{name} + " " + std::to_string(value);
}

}  // namespace

admission::admission(messages::pool_actor pool, const engine_limits& limits)
    : limits_{limits}, pool_{std::move(pool)} {}

std::optional<admission::request> admission::take(request what, asker from) {
  const bool waiter = waits(what);
  std::unique_lock guard{lock_};
  if (let_go_) return what;
  enter({std::move(what), from, waiter}, guard);
  return std::nullopt;
}

void admission::enter(entrant next, std::unique_lock<std::mutex>& guard) {
  const bool waiter = next.waits;
  if (closed_) {
    guard.unlock();
    return answer(next.what, messages::closed());
  }
  // One that waits has its place from now on, also while it is held: it holds up nobody.
  if (waiter && waiting_ >= limits_.waiters_max) {
    const auto why = why_refused(next);
    guard.unlock();
    return answer(next.what, why);
  }
  if (has_room(next) && held_.empty() && !letting_in_) {
    ++(waiter ? waiting_ : under_way_);
    const auto pool = pool_;
    guard.unlock();
    return pass_on(std::move(next), pool);
  }
  if (may_be_held(next)) {
    if (next.from == asker::handle) ++held_of_handles_;
    if (waiter) ++waiting_;
    return held_.push_back(std::move(next));
  }
  const auto why = why_refused(next);
  guard.unlock();
  answer(next.what, why);
}

bool admission::has_room(const entrant& next) const {
  return next.waits || under_way_ < limits_.requests_max;
}

bool admission::may_be_held(const entrant& next) const {
  if (next.from == asker::run) return true;
  if (limits_.beyond_requests != beyond_limit::hold) return false;
  return held_of_handles_ < limits_.held_max;
}

core::agent_error admission::why_refused(const entrant& next) const {
  std::string bounds = bound("requests_max", limits_.requests_max);
  if (next.waits) bounds = bound("waiters_max", limits_.waiters_max);
  if (limits_.beyond_requests == beyond_limit::hold)
    bounds += ", " + bound("held_max", limits_.held_max);
  return core::overloaded("too many requests of this pool are not answered yet (" + bounds +
                          "): repeat later");
}

/// Its answer makes room for the next, before anybody hears of it.
void admission::pass_on(entrant next, const messages::pool_actor& pool) {
  std::visit(
      [&](auto& asked) {
        asked.request->back.before(
            [door = shared_from_this(), waited = next.waits] { door->leave(waited); });
        caf::anon_send(pool, std::move(asked));
      },
      next.what);
}

void admission::leave(bool waited) {
  std::unique_lock guard{lock_};
  --(waited ? waiting_ : under_way_);
  let_in(guard);
}

/// One thread at a time, so that what was held keeps its order.
void admission::let_in(std::unique_lock<std::mutex>& guard) {
  if (letting_in_) return;
  letting_in_ = true;
  while (!held_.empty() && has_room(held_.front())) {
    auto next = std::move(held_.front());
    held_.pop_front();
    if (!next.waits) ++under_way_;
    if (next.from == asker::handle) --held_of_handles_;
    const auto pool = pool_;
    guard.unlock();
    pass_on(std::move(next), pool);
    guard.lock();
  }
  letting_in_ = false;
}

pool_load admission::load() const {
  const std::lock_guard guard{lock_};
  return {under_way_, waiting_, held_.size()};
}

bool admission::let_go() {
  const std::lock_guard guard{lock_};
  if (closed_ || under_way_ + waiting_ > 0 || !held_.empty()) return false;
  pool_ = messages::pool_actor{};
  return let_go_ = true;
}

bool admission::has_let_go() const {
  const std::lock_guard guard{lock_};
  return let_go_;
}

void admission::close() {
  std::deque<entrant> held;  // answered as it goes, after the lock
  const std::lock_guard guard{lock_};
  closed_ = true;
  held = std::exchange(held_, {});
  held_of_handles_ = 0;
  pool_ = messages::pool_actor{};
}

}  // namespace agentpool::actors
