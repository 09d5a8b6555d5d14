#include <memory>
#include <utility>

#include "bench_kit.hpp"
#include "bench_parts.hpp"

namespace agentpool::tools {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t in_flight = 64;
constexpr std::uint64_t sources_max = 1'000;  ///< Wakes of one turn, each on a run of its own.

/// A member that waits for the messages of many others, each once, again and again.
class suspending_pool {
 public:
  static core::outcome<std::shared_ptr<suspending_pool>> with(std::uint64_t idle_wakes,
                                                              std::uint64_t sources);

  /// Suspends a second and triggers a second; a trigger is a send that wakes one.
  core::outcome<std::vector<double>> turns(std::chrono::nanoseconds time);

 private:
  core::outcome<void> fill(std::uint64_t idle_wakes);
  [[nodiscard]] core::command suspend(std::uint64_t number) const;
  [[nodiscard]] core::command trigger(std::uint64_t number) const;
  [[nodiscard]] core::run_id source(std::uint64_t number) const {
    return numbered_run("run.source", number % sources_);
  }

  std::shared_ptr<bench_engine> bench_;
  std::optional<actors::pool_handle> pool_;
  std::uint64_t sources_ = 1;
  std::uint64_t next_ = first_number;
};

core::outcome<std::shared_ptr<suspending_pool>> suspending_pool::with(std::uint64_t idle_wakes,
                                                                      std::uint64_t sources) {
  auto made = std::make_shared<suspending_pool>();
  auto bench = bench_engine::on("memory");
  if (!bench) return bench.error();
  made->bench_ = std::move(*bench);
  made->sources_ = sources;
  auto pool = made->bench_->open_pool();
  if (!pool) return pool.error();
  made->pool_ = std::move(*pool);
  if (auto filled = made->fill(idle_wakes); !filled) return filled.error();
  return made;
}

core::outcome<void> suspending_pool::fill(std::uint64_t idle_wakes) {
  const auto join = [this](std::uint64_t number) -> core::command {
    return core::join_run{bench_member(source(number))};
  };
  if (auto joined = ask_often(*pool_, 0, sources_, in_flight, join); !joined) return joined;
  return register_idle_wakes(*pool_, 0, idle_wakes);
}

core::command suspending_pool::suspend(std::uint64_t number) const {
  return core::suspend_until{bench_receiver(),
                             message_wake(bench_receiver(), number, source(number))};
}

core::command suspending_pool::trigger(std::uint64_t number) const {
  auto message = bench_message(number);
  message.from = source(number);
  return core::send_message{std::move(message)};
}

core::outcome<std::vector<double>> suspending_pool::turns(std::chrono::nanoseconds time) {
  std::chrono::nanoseconds suspending{0}, triggering{0};
  std::uint64_t count = 0;
  while (suspending + triggering < time) {
    const auto start = steady::now();
    const auto waiting = ask_often(*pool_, next_, sources_, in_flight,
                                   [this](std::uint64_t number) { return suspend(number); });
    if (!waiting) return waiting.error();
    const auto waited = steady::now();
    const auto woken = ask_often(*pool_, next_, sources_, in_flight,
                                 [this](std::uint64_t number) { return trigger(number); });
    if (!woken) return woken.error();
    suspending += waited - start;
    triggering += steady::now() - waited;
    next_ += sources_;
    count += sources_;
  }
  // The last wake of all shows that the sends did trigger.
  const auto last =
      pool_->poll_wake(message_wake(bench_receiver(), next_ - 1, source(next_ - 1)).condition_id);
  if (!last) return last.error();
  if (last->status != core::wake_registration_status::triggered)
    return core::invalid_transition("a wake of the benchmark was not triggered");
  const auto rate = [count](std::chrono::nanoseconds took) {
    return static_cast<double>(count) / std::chrono::duration<double>{took}.count();
  };
  return std::vector<double>{rate(suspending), rate(triggering)};
}

core::outcome<bench_sides> sides_of(std::uint64_t registered, std::uint64_t sources,
                                    std::chrono::nanoseconds time) {
  auto many = suspending_pool::with(registered, sources);
  if (!many) return many.error();
  auto none = suspending_pool::with(0, sources);
  if (!none) return none.error();
  bench_sides sides;
  sides.measures = {{"suspends a second", "with no other wake", {}},
                    {"triggers a second", "with no other wake", {}}};
  sides.ours = [pool = *many, time] { return pool->turns(time); };
  sides.reference = [pool = *none, time] { return pool->turns(time); };
  return sides;
}

}  // namespace

std::vector<comparison_part> suspend_parts() {
  std::vector<comparison_part> parts;
  for (const std::uint64_t registered : {1'000, 100'000})
    parts.push_back(
        {"suspend/" + std::to_string(registered), [registered](const bench_effort& effort) {
           return sides_of(effort.scaled(registered), effort.scaled(sources_max), effort.time);
         }});
  return parts;
}

}  // namespace agentpool::tools
