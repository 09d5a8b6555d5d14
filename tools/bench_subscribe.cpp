#include <memory>
#include <utility>

#include "bench_caf.hpp"
#include "bench_kit.hpp"
#include "bench_parts.hpp"

namespace agentpool::tools {

namespace {

using values = core::outcome<std::vector<double>>;

constexpr std::size_t frames_max = 256;  ///< Of one pull.

/// Tells the window of every frame that a subscription gives, until it ends.
class frame_taker final : public std::enable_shared_from_this<frame_taker> {
 public:
  frame_taker(actors::subscription frames, std::shared_ptr<delivery_window> window)
      : frames_{std::move(frames)}, window_{std::move(window)} {}

  void go_on() {
    frames_.pull(frames_max, [self = shared_from_this()](auto came) {
      if (!came) return;
      for (std::size_t one = 0; one < came->size(); ++one) self->window_->received();
      self->go_on();
    });
  }

 private:
  actors::subscription frames_;
  std::shared_ptr<delivery_window> window_;
};

core::outcome<void> subscribe_often(const actors::pool_handle& pool, std::uint64_t count,
                                    const std::shared_ptr<delivery_window>& window) {
  core::event_filter filter;
  filter.kinds.include = {core::event_kind::run_message_delivered};
  filter.queue.capacity = 1'024;  // far more than is ever under way: nothing is dropped
  for (std::uint64_t index = 0; index < count; ++index) {
    auto frames = pool.subscribe(filter);
    if (!frames) return frames.error();
    std::make_shared<frame_taker>(std::move(*frames), window)->go_on();
  }
  return {};
}

/// Sends of which each subscriber gets one event; events handed to subscribers a second.
values deliveries(std::uint64_t subscribers, std::chrono::nanoseconds time) {
  const auto window = std::make_shared<delivery_window>(subscribers, items_under_way(subscribers));
  const auto bench = bench_engine::on("memory");
  if (!bench) return bench.error();
  const auto pool = (*bench)->open_pool();
  if (!pool) return pool.error();
  if (auto ready = subscribe_often(*pool, subscribers, window); !ready) return ready.error();
  ask_window asks{items_under_way(subscribers)};
  const auto start = std::chrono::steady_clock::now();
  std::uint64_t count = 0;
  for (; count == 0 || std::chrono::steady_clock::now() < start + time; ++count) {
    if (auto room = window->sent(); !room) return room.error();
    asks.ask(*pool, core::send_message{bench_message(first_number + count)});
  }
  asks.drain();
  if (asks.fault()) return *asks.fault();
  if (auto arrived = window->drain(); !arrived) return arrived.error();
  return std::vector<double>{rate_since(start, count * subscribers)};
}

bench_sides sides_of(std::uint64_t subscribers, std::chrono::nanoseconds time) {
  bench_sides sides;
  sides.measures = {{"events a second", "CAF fan-out of one shared message", {}}};
  sides.ours = [=] { return deliveries(subscribers, time); };
  sides.reference = [=]() -> values {
    return std::vector<double>{
        caf_fan_out(bench_message(first_number), subscribers, items_under_way(subscribers), time)};
  };
  return sides;
}

}  // namespace

std::vector<comparison_part> subscribe_parts() {
  std::vector<comparison_part> parts;
  for (const std::uint64_t subscribers : {1, 100, 1'000})
    parts.push_back({"subscribe/" + std::to_string(subscribers),
                     [subscribers](const bench_effort& effort) -> core::outcome<bench_sides> {
                       return sides_of(effort.scaled(subscribers), effort.time);
                     }});
  return parts;
}

}  // namespace agentpool::tools
