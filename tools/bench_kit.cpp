#include "bench_kit.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "agentpool/core/addressing.hpp"
#include "store_url.hpp"

namespace agentpool::tools {

using steady = std::chrono::steady_clock;

core::run_id bench_sender() { return core::run_id{"run.sender"}; }
core::run_id bench_receiver() { return core::run_id{"run.receiver"}; }

core::run_message bench_message(std::uint64_t number, const core::run_address_target& target) {
  const auto name = std::to_string(number);
  core::run_message message;
  message.message_id = core::message_id{"message.bench." + name};
  message.idempotency_key = core::idempotency_key{"key.bench." + name};
  message.from = bench_sender();
  message.to = core::address_of(target);
  message.content_ref = core::content_ref{"content.bench." + name};
  message.correlation.entries = {
      {core::correlation_key{"thread"}, core::correlation_value{"thread.benchmark." + name}},
      {core::correlation_key{"tenant"}, core::correlation_value{"tenant.blue"}}};
  return message;
}

core::run_message bench_message(std::uint64_t number) {
  return bench_message(number, core::to_run{bench_receiver()});
}

core::pool_member bench_member(core::run_id run) {
  return {std::move(run), core::agent_id{"agent.bench"}, {}, {}};
}

core::run_id numbered_run(const std::string& prefix, std::uint64_t number) {
  return core::run_id{prefix + "." + std::to_string(number)};
}

core::wake_condition message_wake(core::run_id waiter, std::uint64_t number, core::run_id source) {
  const auto name = std::to_string(number);
  core::wake_condition wake;
  wake.condition_id = core::wake_condition_id{"wake.bench." + name};
  wake.idempotency_key = core::idempotency_key{"key.wake.bench." + name};
  wake.run_id = std::move(waiter);
  wake.filter.run_ids.include = {std::move(source)};
  wake.filter.kinds.include = {core::event_kind::run_message_delivered};
  return wake;
}

void ask_window::ask(const actors::pool_handle& pool, core::command what) {
  wait_for(size_ - 1);
  {
    const std::lock_guard lock{mutex_};
    ++under_way_;
  }
  const auto start = steady::now();
  pool.submit(std::move(what),
              [this, start](const core::outcome<core::answer>& answer) { note(start, answer); });
}

void ask_window::drain() { wait_for(0); }

void ask_window::wait_for(std::size_t under_way_max) {
  std::unique_lock lock{mutex_};
  if (under_way_ <= under_way_max) return;
  waits_for_ = under_way_max - std::min(under_way_max, size_ / 8);
  answered_.wait(lock, [this] { return under_way_ <= waits_for_; });
  waits_for_.reset();
}

latency_histogram ask_window::take_latency() {
  const std::lock_guard lock{mutex_};
  return std::exchange(latency_, {});
}

void ask_window::note(steady::time_point start, const core::outcome<core::answer>& answer) {
  const std::chrono::nanoseconds took = steady::now() - start;
  const std::lock_guard lock{mutex_};
  const bool wakes = --under_way_ == waits_for_;
  latency_.add(static_cast<std::uint64_t>(took.count()));
  if (!answer) {
    fault_ = answer.error();
  } else if (const auto* receipt = std::get_if<core::message_receipt>(&*answer);
             receipt != nullptr && receipt->status == core::message_status::failed) {
    fault_ = core::invalid_transition("a message of the benchmark reached nobody");
  }
  // While the lock is held: the window may end as soon as nothing is under way.
  if (wakes) answered_.notify_one();
}

core::outcome<void> ask_often(const actors::pool_handle& pool, std::uint64_t first,
                              std::uint64_t count, std::size_t in_flight,
                              const std::function<core::command(std::uint64_t)>& command) {
  ask_window window{in_flight};
  for (std::uint64_t index = 0; index < count; ++index) window.ask(pool, command(first + index));
  window.drain();
  if (window.fault()) return *window.fault();
  return {};
}

core::outcome<void> register_idle_wakes(const actors::pool_handle& pool, std::uint64_t first,
                                        std::uint64_t count) {
  return ask_often(pool, first, count, 1'024, [](std::uint64_t number) -> core::command {
    return core::suspend_until{bench_receiver(), message_wake(bench_receiver(), number,
                                                              numbered_run("run.silent", number))};
  });
}

core::outcome<void> start_often(actors::engine& engine, const actors::run_request& request,
                                std::uint64_t first, std::uint64_t count) {
  constexpr std::ptrdiff_t under_way = 1'024;
  std::counting_semaphore<> free{under_way};
  std::mutex mutex;
  std::optional<core::agent_error> fault;
  for (std::uint64_t index = 0; index < count; ++index) {
    free.acquire();
    auto next = request;
    next.run_id = numbered_run(request.run_id.text(), first + index);
    engine.start_run(std::move(next), [&](const core::outcome<actors::run_handle>& started) {
      if (!started) {
        const std::lock_guard lock{mutex};
        fault = started.error();
      }
      free.release();
    });
  }
  for (std::ptrdiff_t one = 0; one < under_way; ++one) free.acquire();
  if (fault) return *fault;
  return {};
}

core::outcome<void> delivery_window::sent() {
  if (free_.try_acquire_for(wait_max)) return {};
  return core::overloaded("nothing was delivered for a minute");
}

core::outcome<void> delivery_window::drain() {
  for (std::ptrdiff_t one = 0; one < size_; ++one)
    if (auto arrived = sent(); !arrived) return arrived;
  return {};
}

std::size_t items_under_way(std::size_t receivers) {
  return std::clamp<std::size_t>(40'000 / receivers, 4, 64);
}

core::outcome<std::shared_ptr<bench_engine>> bench_engine::on(
    const std::string& store, const actors::engine_limits& limits,
    std::shared_ptr<actors::actor_watch> watch) {
  const opener open = [&](const core::clock& clock) {
    return open_store(store, clock, store_use::read_write);
  };
  return on(open, limits, std::move(watch));
}

core::outcome<std::shared_ptr<bench_engine>> bench_engine::on(
    const opener& open, const actors::engine_limits& limits,
    std::shared_ptr<actors::actor_watch> watch) {
  auto made = std::make_shared<bench_engine>();
  auto backend = open(made->clock_);
  if (!backend) return backend.error();
  actors::engine_options options;
  options.limits = limits;
  options.watch = std::move(watch);
  made->engine_ = std::make_unique<actors::engine>(std::move(*backend), std::move(options));
  return made;
}

core::outcome<actors::pool_handle> bench_engine::open_pool(const std::string& id) {
  auto pool = engine_->open_pool(core::pool_id{id});
  if (!pool) return pool.error();
  for (const auto& run : {bench_sender(), bench_receiver()})
    if (const auto joined = pool->join(bench_member(run)); !joined) return joined.error();
  return *pool;
}

usage usage_now() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  usage now{micros(used.ru_utime) + micros(used.ru_stime), 0,
            static_cast<std::uint64_t>(used.ru_maxrss), 0};
  std::ifstream io{"/proc/self/io"};
  std::string word;
  while (io >> word)
    if (word == "write_bytes:") io >> now.written_bytes;
  std::ifstream pages{"/proc/self/statm"};
  std::uint64_t resident = 0;
  if (pages >> word >> resident)
    now.resident_bytes = resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return now;
}

double rate_since(steady::time_point start, std::uint64_t count) {
  const std::chrono::duration<double> took = steady::now() - start;
  return static_cast<double>(count) / took.count();
}

}  // namespace agentpool::tools
