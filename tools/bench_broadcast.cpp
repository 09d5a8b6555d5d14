#include <memory>
#include <utility>

#include "bench_caf.hpp"
#include "bench_kit.hpp"
#include "bench_parts.hpp"

namespace agentpool::tools {

namespace {

using steady = std::chrono::steady_clock;

/// Tells the window what its run is handed.
class listening_agent final : public actors::agent {
 public:
  explicit listening_agent(std::shared_ptr<delivery_window> window) : window_{std::move(window)} {}

  void on_message(actors::run_context&, const core::inbox_entry&) override { window_->received(); }

 private:
  std::shared_ptr<delivery_window> window_;
};

/// Starts `count` runs that listen.
core::outcome<void> start_listeners(bench_engine& bench, const core::pool_id& pool,
                                    std::uint64_t count,
                                    const std::shared_ptr<delivery_window>& window) {
  const core::agent_id listener{"agent.listener"};
  bench.engine().register_agent(listener, [window](const core::run_id&) {
    return std::make_unique<listening_agent>(window);
  });
  return start_often(bench.engine(), {pool, core::run_id{"run.listener"}, listener}, 0, count);
}

/// Broadcasts to all members of a pool of runs that only listen; deliveries to agents a second.
core::outcome<double> broadcasts(std::uint64_t runs, std::chrono::nanoseconds time) {
  const auto bench = bench_engine::on("memory");
  if (!bench) return bench.error();
  const core::pool_id id{"pool.bench"};
  auto pool = (*bench)->engine().open_pool(id);
  if (!pool) return pool.error();
  if (auto joined = pool->join(bench_member(bench_sender())); !joined) return joined.error();
  const auto window = std::make_shared<delivery_window>(runs, items_under_way(runs));
  if (auto started = start_listeners(**bench, id, runs, window); !started) return started.error();
  ask_window asks{items_under_way(runs)};
  const auto start = steady::now();
  std::uint64_t count = 0;
  for (; count == 0 || steady::now() < start + time; ++count) {
    if (auto room = window->sent(); !room) return room.error();
    asks.ask(*pool, core::send_message{bench_message(first_number + count, core::to_pool{id})});
  }
  asks.drain();
  if (asks.fault()) return *asks.fault();
  if (auto arrived = window->drain(); !arrived) return arrived.error();
  return rate_since(start, count * runs);
}

bench_sides sides_of(std::uint64_t runs, std::chrono::nanoseconds time) {
  bench_sides sides;
  sides.measures = {{"deliveries a second", "CAF fan-out of one shared message",
                     bench_goal{bench_goal::kind::ratio_at_least, 0.5}}};
  sides.ours = [=]() -> core::outcome<std::vector<double>> {
    const auto rate = broadcasts(runs, time);
    if (!rate) return rate.error();
    return std::vector<double>{*rate};
  };
  sides.reference = [=]() -> core::outcome<std::vector<double>> {
    const auto message = bench_message(first_number, core::to_pool{core::pool_id{"pool.bench"}});
    return std::vector<double>{caf_fan_out(message, runs, items_under_way(runs), time)};
  };
  return sides;
}

}  // namespace

std::vector<comparison_part> broadcast_parts() {
  std::vector<comparison_part> parts;
  for (const std::uint64_t runs : {10, 1'000, 10'000})
    parts.push_back({"broadcast/" + std::to_string(runs),
                     [runs](const bench_effort& effort) -> core::outcome<bench_sides> {
                       return sides_of(effort.scaled(runs), effort.time);
                     }});
  return parts;
}

}  // namespace agentpool::tools
