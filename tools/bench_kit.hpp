#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <string>

#include "agentpool/actors/engine.hpp"
#include "bench_figures.hpp"
#include "real_clock.hpp"

/// What the parts of the benchmark share.
namespace agentpool::tools {

/// Who sends and who receives in most parts.
[[nodiscard]] core::run_id bench_sender();
[[nodiscard]] core::run_id bench_receiver();

/// A message to the target: two correlation entries, about 1.4 kB of JSON in its two records.
[[nodiscard]] core::run_message bench_message(std::uint64_t number,
                                              const core::run_address_target& target);

/// The same from `bench_sender()` to `bench_receiver()`.
[[nodiscard]] core::run_message bench_message(std::uint64_t number);

/// A number with nine digits, as long as most numbers of a round are.
inline constexpr std::uint64_t first_number = 100'000'000;

/// A member without topics and policies.
[[nodiscard]] core::pool_member bench_member(core::run_id run);

/// "PREFIX.NUMBER"
[[nodiscard]] core::run_id numbered_run(const std::string& prefix, std::uint64_t number);

/// A wake condition of `waiter` for the next message that `source` sends, whomever to.
[[nodiscard]] core::wake_condition message_wake(core::run_id waiter, std::uint64_t number,
                                                core::run_id source);

/// Keeps so many requests of pools under way and notes how each went. For one asking thread, which
/// asks in bursts: once as many as may be are under way, it goes on when an eighth is answered, so
/// that not every answer has to wake it.
class ask_window {
 public:
  explicit ask_window(std::size_t in_flight) : size_{in_flight} {}

  /// Waits for room and asks. A message that reaches nobody is a fault too.
  void ask(const actors::pool_handle& pool, core::command what);

  /// Waits for every answer.
  void drain();

  [[nodiscard]] const latency_histogram& latency() const noexcept { return latency_; }
  /// The same of what was answered since the last call; also while more is under way.
  [[nodiscard]] latency_histogram take_latency();
  [[nodiscard]] const std::optional<core::agent_error>& fault() const noexcept { return fault_; }

 private:
  void note(std::chrono::steady_clock::time_point start, const core::outcome<core::answer>& answer);

  /// Waits until at most so many are under way.
  void wait_for(std::size_t under_way_max);

  std::size_t size_;
  std::mutex mutex_;
  std::condition_variable answered_;
  std::size_t under_way_ = 0;
  std::optional<std::size_t> waits_for_;  ///< The asking thread sleeps until so few are under way.
  latency_histogram latency_;
  std::optional<core::agent_error> fault_;
};

/// Asks `count` times, so many in flight, numbers from `first` on; the first fault if there was
/// any.
[[nodiscard]] core::outcome<void> ask_often(
    const actors::pool_handle& pool, std::uint64_t first, std::uint64_t count,
    std::size_t in_flight, const std::function<core::command(std::uint64_t)>& command);

/// Registers wakes of `bench_receiver()`, numbered from `first` on, each for the messages of a run
/// that never sends.
[[nodiscard]] core::outcome<void> register_idle_wakes(const actors::pool_handle& pool,
                                                      std::uint64_t first, std::uint64_t count);

/// Starts `count` runs like `request`, with numbers from `first` on after its run id.
[[nodiscard]] core::outcome<void> start_often(actors::engine& engine,
                                              const actors::run_request& request,
                                              std::uint64_t first, std::uint64_t count);

/// Counts what many receivers get of what is sent once. `sent` waits while `under_way` items are
/// not with all `receivers`; `received` may be called from any thread.
class delivery_window {
 public:
  delivery_window(std::size_t receivers, std::size_t under_way)
      : receivers_{receivers}, size_{static_cast<std::ptrdiff_t>(under_way)}, free_{size_} {}

  /// Counts an item that is about to be sent. Fails when there is no room for a minute.
  [[nodiscard]] core::outcome<void> sent();
  void received() {
    if ((seen_.fetch_add(1, std::memory_order_relaxed) + 1) % receivers_ == 0) free_.release();
  }
  /// Waits until everything is with everybody; fails after a minute without an arrival.
  [[nodiscard]] core::outcome<void> drain();

 private:
  static constexpr std::chrono::minutes wait_max{1};

  std::size_t receivers_;
  std::ptrdiff_t size_;
  std::counting_semaphore<> free_;
  std::atomic<std::uint64_t> seen_{0};
};

/// Items under way to so many receivers: 64, fewer where that is more than 40,000 deliveries.
[[nodiscard]] std::size_t items_under_way(std::size_t receivers);

/// An engine and what it stands on.
class bench_engine {
 public:
  /// On the store of that name ("memory", "sqlite:PATH").
  [[nodiscard]] static core::outcome<std::shared_ptr<bench_engine>> on(
      const std::string& store, const actors::engine_limits& limits = {},
      std::shared_ptr<actors::actor_watch> watch = {});

  /// On the store that `open` gives.
  using opener =
      std::function<core::outcome<std::unique_ptr<core::store_backend>>(const core::clock&)>;
  [[nodiscard]] static core::outcome<std::shared_ptr<bench_engine>> on(
      const opener& open, const actors::engine_limits& limits = {},
      std::shared_ptr<actors::actor_watch> watch = {});

  [[nodiscard]] actors::engine& engine() noexcept { return *engine_; }

  /// Opens a pool in which `bench_sender` and `bench_receiver` are members.
  [[nodiscard]] core::outcome<actors::pool_handle> open_pool(const std::string& id = "pool.bench");

 private:
  real_clock clock_;
  std::unique_ptr<actors::engine> engine_;
};

/// What the process has used so far.
struct usage {
  double cpu_microseconds = 0;
  std::uint64_t written_bytes = 0;  ///< To the disk.
  std::uint64_t peak_kib = 0;
  std::uint64_t resident_bytes = 0;  ///< As of now.
};

[[nodiscard]] usage usage_now();

/// How many times a second since `start`.
[[nodiscard]] double rate_since(std::chrono::steady_clock::time_point start, std::uint64_t count);

}  // namespace agentpool::tools
