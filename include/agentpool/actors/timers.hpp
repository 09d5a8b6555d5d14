#pragma once

#include <caf/actor_clock.hpp>
#include <caf/send.hpp>
#include <cstdint>
#include <set>

#include "agentpool/core/time.hpp"
#include "agentpool/messages/local.hpp"

/// How an actor waits.
namespace agentpool::actors {

using tick = caf::actor_clock::time_point;

/// The one timer of an actor. What is due is kept by the actor; here is only what the clock was
/// told, so that it is never told twice and a later due never adds an entry.
class timer {
 public:
  /// Has `timer_due` sent to `self` at `at` or before. The engine holds the actor meanwhile.
  template <class Handle>
  void arm(typename Handle::pointer self, tick at) {
    if (!armed_.empty() && *armed_.begin() <= at) return;
    armed_.insert(at);
    self->scheduled_send(Handle{self}, at, messages::timer_due{at.time_since_epoch().count()});
  }

  /// A `timer_due` came. False: it is not of this timer.
  bool came(const messages::timer_due& due) {
    return armed_.erase(tick{tick::duration{due.at}}) > 0;
  }

 private:
  std::set<tick> armed_;
};

/// The tick of the actor clock when wall time will be `due`, given both of now.
[[nodiscard]] inline tick tick_of(core::instant due, core::instant wall_now, tick now) {
  return due <= wall_now ? now : now + (due - wall_now);
}

}  // namespace agentpool::actors
