#include "injector.hpp"

namespace agentpool::sim {

namespace {

/// `at` is one of `count` from `first` on.
bool among(std::uint64_t at, std::uint64_t first, std::uint64_t count) {
  return at >= first && at - first < count;
}

std::chrono::milliseconds millis_of(std::uint64_t count) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(count)};
}

}  // namespace

template <class Kind, class Take>
bool injector::any(Take take) {
  for (const auto& each : plan_.faults) {
    const auto* what = std::get_if<Kind>(&each);
    if (what == nullptr || !take(*what)) continue;
    meet(each);
    return true;
  }
  return false;
}

injector::append_orders injector::on_append(std::uint64_t engine, std::uint64_t append,
                                            std::uint64_t millis) {
  append_orders orders;
  orders.rival_first = any<rival_append>(
      [&](const auto& what) { return what.engine == engine && what.append == append; });
  const auto dies = [&](const crash_at_append& what) {
    if (what.engine != engine || what.append != append) return false;
    orders.fate = what.durable ? append_fate::dies_after : append_fate::dies_before;
    orders.down = millis_of(what.down_millis);
    return true;
  };
  if (any<crash_at_append>(dies)) return orders;
  const bool refused = any<fail_append>([&](const auto& what) {
    return what.engine == engine && among(append, what.append, what.count);
  });
  const bool full = any<full_store>([&](const auto& what) {
    return what.engine == engine && among(millis, what.at_millis, what.for_millis);
  });
  if (refused || full) {
    orders.fate = append_fate::refused;
  } else if (any<lose_answer>([&](const auto& what) {
               return what.engine == engine && what.append == append;
             })) {
    orders.fate = append_fate::answer_lost;
  }
  return orders;
}

injector::append_orders injector::on_registry(std::uint64_t node, std::uint64_t write,
                                              std::uint64_t millis) {
  append_orders orders;
  const auto dies = [&](const crash_at_registry& what) {
    if (what.node != node || what.write != write) return false;
    orders.fate = what.durable ? append_fate::dies_after : append_fate::dies_before;
    orders.down = millis_of(what.down_millis);
    return true;
  };
  if (any<crash_at_registry>(dies)) return orders;
  const bool refused = any<fail_registry>(
      [&](const auto& what) { return what.node == node && among(write, what.write, what.count); });
  const bool full = any<full_store>([&](const auto& what) {
    return what.engine == node && among(millis, what.at_millis, what.for_millis);
  });
  const bool lost = any<lose_registry_answer>(
      [&](const auto& what) { return what.node == node && what.write == write; });
  if (lost) orders.fate = append_fate::answer_lost;
  if (refused || full) orders.fate = append_fate::refused;
  return orders;
}

bool injector::read_fails(std::uint64_t engine, std::uint64_t read) {
  return any<fail_read>([&](const auto& what) {
    return what.engine == engine && among(read, what.read, what.count);
  });
}

std::chrono::milliseconds injector::append_takes(std::uint64_t engine, std::uint64_t append) {
  std::uint64_t millis = 0;
  any<slow_append>([&](const auto& what) {
    if (what.engine != engine || what.append != append) return false;
    millis = what.millis;
    return true;
  });
  return millis_of(millis);
}

bool injector::throws(std::uint64_t run, std::uint64_t call) {
  return any<crash_run>([&](const auto& what) { return what.run == run && what.call == call; });
}

std::optional<std::chrono::milliseconds> injector::hangs(std::uint64_t run, std::uint64_t call) {
  std::optional<std::chrono::milliseconds> found;
  any<hang_run>([&](const auto& what) {
    if (what.run != run || what.call != call) return false;
    found = millis_of(what.for_millis);
    return true;
  });
  return found;
}

std::uint64_t injector::slow_times(std::uint64_t run) {
  std::uint64_t times = 0;
  any<slow_run>([&](const auto& what) {
    if (what.run == run) times = what.times;
    return what.run == run;
  });
  return times;
}

bool injector::sends_twice(std::uint64_t run) {
  return any<send_twice>([&](const auto& what) { return what.run == run; });
}

std::uint64_t injector::acknowledges_late(std::uint64_t run) {
  std::uint64_t calls = 0;
  any<acknowledge_late>([&](const auto& what) {
    if (what.run == run) calls = what.calls;
    return what.run == run;
  });
  return calls;
}

}  // namespace agentpool::sim
