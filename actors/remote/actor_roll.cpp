#include "actors/remote/actor_roll.hpp"

#include <utility>

namespace agentpool::actors::remote {

void actor_roll::add(std::uint64_t actor) {
  if (actor == 0 || actor == latest_) return;  // most frames come from the actor of the last one
  latest_ = actor;
  if (!recent_.insert(actor).second || recent_.size() < half_) return;
  older_ = std::exchange(recent_, {});
  recent_.insert(actor);
}

void actor_roll::merge(const actor_roll& other) {
  for (const auto actor : other.older_) add(actor);
  for (const auto actor : other.recent_) add(actor);
}

bool actor_roll::knows(std::uint64_t actor) {
  if (actor == 0) return false;
  if (actor == latest_ || recent_.contains(actor)) return true;
  if (!older_.contains(actor)) return false;
  add(actor);
  return true;
}

}  // namespace agentpool::actors::remote
