#include "trace_lanes.hpp"

#include <utility>

#include "trace_text.hpp"

namespace agentpool::sim {

trace_lanes::trace_lanes(recorder_options options, std::function<std::uint64_t()> next_step)
    : options_{std::move(options)}, next_step_{std::move(next_step)} {
  const auto start = core::to_millis(options_.start);
  std::string heading = "{\"trace\":\"agentpool\",\"version\":1,\"start_millis\":";
  append_number(heading, start);
  write(heading + "}\n");
  writer_ = std::thread{[this] { run(); }};
}

trace_lanes::~trace_lanes() { static_cast<void>(close()); }

core::outcome<void> trace_lanes::close() {
  const std::lock_guard one_at_a_time{ending_};
  if (writer_.joinable()) {
    {
      const std::lock_guard guard{lock_};
      closing_ = true;
    }
    wakes_.notify_one();
    writer_.join();
    open_ = false;
  }
  if (fault_) return *fault_;
  return {};
}

std::uint64_t trace_lanes::recorded() const {
  std::uint64_t sum = 0;
  for (const auto& each : lanes_) sum += each.recorded;
  return sum;
}

std::uint64_t trace_lanes::dropped() const {
  std::uint64_t sum = 0;
  for (const auto& each : lanes_) sum += each.dropped;
  return sum;
}

std::uint64_t trace_lanes::now() const {
  return static_cast<std::uint64_t>(options_.elapsed().count());
}

trace_lanes::lane& trace_lanes::lane_of_this_thread() {
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t mine = threads.fetch_add(1) % lane_count;
  return lanes_[mine];
}

/// Without the lock, so that an actor never waits for the writer; should the writer be just about
/// to wait, it wakes by itself a little later.
void trace_lanes::wake() {
  due_ = true;
  wakes_.notify_one();
}

void trace_lanes::run() {
  for (bool last = false; !last;) {
    {
      std::unique_lock guard{lock_};
      wakes_.wait_for(guard, options_.write_every, [this] { return closing_ || due_.load(); });
      last = closing_;
    }
    due_ = false;
    write_all();
  }
}

void trace_lanes::write_all() {
  for (auto& each : lanes_) {
    std::uint64_t dropped = 0;
    {
      const std::lock_guard guard{each.lock};
      std::swap(each.text, spare_);
      dropped = std::exchange(each.dropped_since, 0);
    }
    if (dropped > 0) {
      std::string lines = "\"lines\":";
      append_number(lines, dropped);
      append_line(spare_, {now(), next_step_(), {}, {}, "trace_dropped", 0, lines});
      spare_ += '\n';
    }
    write(spare_);
    spare_.clear();
  }
}

void trace_lanes::write(std::string_view text) {
  if (text.empty() || fault_) return;
  const auto written = options_.write(text);
  if (written) return;
  fault_ = written.error();
  open_ = false;
}

}  // namespace agentpool::sim
