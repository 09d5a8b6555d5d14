// Random lives of a pool.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <ostream>
#include <vector>

#include "pool_world.hpp"

namespace agentpool::support {

inline void showValue(const world_step& step, std::ostream& out) {
  out << "{" << int{step.action} << ',' << int{step.a} << ',' << int{step.b} << ',' << int{step.c}
      << ',' << int{step.d} << "}";
}

using steps = std::vector<world_step>;

inline rc::Gen<std::uint8_t> below(int end) {
  return rc::gen::resize(100, rc::gen::cast<std::uint8_t>(rc::gen::inRange(0, end)));
}

/// Long sequences: most of what can go wrong needs some members, messages and wakes first.
inline rc::Gen<steps> some_steps() {
  const auto step = rc::gen::build<world_step>(
      rc::gen::set(&world_step::action, below(29)), rc::gen::set(&world_step::a, below(64)),
      rc::gen::set(&world_step::b, below(64)), rc::gen::set(&world_step::c, below(64)),
      rc::gen::set(&world_step::d, below(64)));
  return rc::gen::scale(2.0, rc::gen::container<steps>(step));
}

/// Every pool starts with three members, one of them not observable.
inline void live(pool_world& world, const steps& taken) {
  for (const auto& joining : {world_step{0, 0, 1, 2, 3}, {0, 1, 1, 2, 3}, {0, 2, 0, 2, 3}})
    world.take(joining);
  for (const auto& step : taken) world.take(step);
  world.come_to_rest();
}

}  // namespace agentpool::support
