#include <condition_variable>
#include <memory>
#include <mutex>
#include <semaphore>
#include <utility>

#include "bench_kit.hpp"
#include "bench_parts.hpp"

namespace agentpool::tools {

namespace {

using steady = std::chrono::steady_clock;

const core::run_id& trigger_run() {
  static const core::run_id run{"run.trigger"};
  return run;
}

/// Between the run that waits and the thread that wakes it.
struct wake_signals {
  std::binary_semaphore armed{0};    ///< The run waits.
  std::binary_semaphore noticed{0};  ///< It was told.
  steady::time_point told_at;        ///< Set before `noticed`.

  static constexpr std::chrono::minutes wait_max{1};
};

/// Waits again and again for the next message of `trigger_run`.
class waiting_agent final : public actors::agent {
 public:
  explicit waiting_agent(std::shared_ptr<wake_signals> signals) : signals_{std::move(signals)} {}

  void on_start(actors::run_context& self) override { wait(self); }

  void on_wake(actors::run_context& self, const core::wake_notice&) override {
    signals_->told_at = steady::now();
    signals_->noticed.release();
    wait(self);
  }

 private:
  void wait(actors::run_context& self) {
    actors::condition_draft draft{"bench." + std::to_string(++waits_)};
    draft.filter = message_wake(self.run_id(), 0, trigger_run()).filter;
    self.suspend(draft, [signals = signals_](auto&, const auto& registered) {
      if (registered) signals->armed.release();
    });
  }

  std::shared_ptr<wake_signals> signals_;
  std::uint64_t waits_ = 0;
};

/// One run that is woken in a pool with wakes that match nothing.
class waked_pool {
 public:
  static core::outcome<std::shared_ptr<waked_pool>> with(std::uint64_t idle_wakes);

  /// p50 and p99 in microseconds from sending to the run's notice, one at a time.
  core::outcome<std::vector<double>> wakes(std::chrono::nanoseconds time);

 private:
  core::outcome<void> fill(std::uint64_t idle_wakes);
  core::outcome<std::uint64_t> wake_once();

  std::shared_ptr<wake_signals> signals_ = std::make_shared<wake_signals>();
  std::shared_ptr<bench_engine> bench_;
  std::optional<actors::pool_handle> pool_;
  std::uint64_t next_ = first_number;
};

core::outcome<std::shared_ptr<waked_pool>> waked_pool::with(std::uint64_t idle_wakes) {
  auto made = std::make_shared<waked_pool>();
  auto bench = bench_engine::on("memory");
  if (!bench) return bench.error();
  made->bench_ = std::move(*bench);
  auto pool = made->bench_->open_pool();
  if (!pool) return pool.error();
  made->pool_ = std::move(*pool);
  if (auto filled = made->fill(idle_wakes); !filled) return filled.error();
  return made;
}

core::outcome<void> waked_pool::fill(std::uint64_t idle_wakes) {
  if (auto joined = pool_->join(bench_member(trigger_run())); !joined) return joined.error();
  if (auto waiting = register_idle_wakes(*pool_, 0, idle_wakes); !waiting) return waiting;
  const core::agent_id waiter{"agent.waiter"};
  bench_->engine().register_agent(waiter, [signals = signals_](const core::run_id&) {
    return std::make_unique<waiting_agent>(signals);
  });
  const auto started =
      bench_->engine().start_run({pool_->id(), core::run_id{"run.waiter"}, waiter});
  if (!started) return started.error();
  return {};
}

core::outcome<std::uint64_t> waked_pool::wake_once() {
  if (!signals_->armed.try_acquire_for(wake_signals::wait_max))
    return core::overloaded("the run of the benchmark did not wait within a minute");
  auto message = bench_message(next_++);
  message.from = trigger_run();
  ask_window window{1};
  const auto start = steady::now();
  window.ask(*pool_, core::send_message{std::move(message)});
  const bool noticed = signals_->noticed.try_acquire_for(wake_signals::wait_max);
  window.drain();
  if (window.fault()) return *window.fault();
  if (!noticed) return core::overloaded("the run of the benchmark was not woken within a minute");
  const std::chrono::nanoseconds took = signals_->told_at - start;
  return static_cast<std::uint64_t>(took.count());
}

core::outcome<std::vector<double>> waked_pool::wakes(std::chrono::nanoseconds time) {
  latency_histogram latency;
  const auto start = steady::now();
  while (latency.count() == 0 || steady::now() < start + time) {
    const auto took = wake_once();
    if (!took) return took.error();
    latency.add(*took);
  }
  const auto micros = [&](double share) { return static_cast<double>(latency.at(share)) / 1e3; };
  return std::vector<double>{micros(0.5), micros(0.99)};
}

core::outcome<bench_sides> sides_of(std::uint64_t registered, std::chrono::nanoseconds time) {
  auto many = waked_pool::with(registered - 1);
  if (!many) return many.error();
  auto one = waked_pool::with(0);
  if (!one) return one.error();
  bench_sides sides;
  sides.measures = {{"µs from send to notice, p50", "with 1 registered",
                     bench_goal{bench_goal::kind::ratio_at_most, 1.5}},
                    {"µs from send to notice, p99", "with 1 registered",
                     bench_goal{bench_goal::kind::ratio_at_most, 2}}};
  sides.ours = [pool = *many, time] { return pool->wakes(time); };
  sides.reference = [pool = *one, time] { return pool->wakes(time); };
  return sides;
}

}  // namespace

std::vector<comparison_part> wake_parts() {
  std::vector<comparison_part> parts;
  for (const std::uint64_t registered : {1'000, 100'000})
    parts.push_back(
        {"wake/" + std::to_string(registered), [registered](const bench_effort& effort) {
           return sides_of(effort.scaled(registered), effort.time);
         }});
  return parts;
}

}  // namespace agentpool::tools
