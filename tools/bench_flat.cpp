#include <memory>
#include <utility>

#include "bench_kit.hpp"
#include "bench_parts.hpp"

namespace agentpool::tools {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t in_flight = 64;
constexpr std::size_t deep = 1'024;  ///< For setting up.

/// What a pool holds before sends to it are measured.
struct pool_load {
  std::uint64_t history = 0;  ///< Messages sent.
  std::uint64_t members = 2;
  std::uint64_t wakes = 0;  ///< Registered, each for another run, and matching nothing.
  /// Registered for messages of any run of an agent that nobody has: all alike but for the agent.
  std::uint64_t alike_wakes = 0;
};

core::command numbered_send(std::uint64_t number) {
  return core::send_message{bench_message(number)};
}

/// The kind is the most selective of what it asks for.
core::command alike_wake(std::uint64_t number) {
  auto wake = message_wake(bench_receiver(), number, bench_sender());
  wake.filter.run_ids.include.reset();
  wake.filter.agent_ids.include = {core::agent_id{"agent.nobody." + std::to_string(number)}};
  return core::suspend_until{bench_receiver(), std::move(wake)};
}

/// A pool with its load.
class loaded_pool {
 public:
  static core::outcome<std::shared_ptr<loaded_pool>> with(const pool_load& load);

  /// Microseconds of a send and of its processor time, sending for about that time.
  core::outcome<std::vector<double>> sends(std::chrono::nanoseconds time);

 private:
  core::outcome<void> fill(const pool_load& load);

  std::shared_ptr<bench_engine> bench_;
  std::optional<actors::pool_handle> pool_;
  std::uint64_t next_ = first_number;
};

core::outcome<std::shared_ptr<loaded_pool>> loaded_pool::with(const pool_load& load) {
  auto made = std::make_shared<loaded_pool>();
  auto bench = bench_engine::on("memory");
  if (!bench) return bench.error();
  made->bench_ = std::move(*bench);
  auto pool = made->bench_->open_pool();
  if (!pool) return pool.error();
  made->pool_ = std::move(*pool);
  if (auto filled = made->fill(load); !filled) return filled.error();
  return made;
}

core::outcome<void> loaded_pool::fill(const pool_load& load) {
  const auto join = [](std::uint64_t number) -> core::command {
    return core::join_run{bench_member(numbered_run("run.member", number))};
  };
  if (load.members > 2)
    if (auto joined = ask_often(*pool_, 0, load.members - 2, deep, join); !joined) return joined;
  if (auto waiting = register_idle_wakes(*pool_, 0, load.wakes); !waiting) return waiting;
  if (auto waiting = ask_often(*pool_, load.wakes, load.alike_wakes, deep, alike_wake); !waiting)
    return waiting;
  auto sent = ask_often(*pool_, next_, load.history, deep, numbered_send);
  next_ += load.history;
  return sent;
}

core::outcome<std::vector<double>> loaded_pool::sends(std::chrono::nanoseconds time) {
  const auto used = usage_now();
  ask_window window{in_flight};
  const auto start = steady::now();
  std::uint64_t count = 0;
  for (; count == 0 || steady::now() < start + time; ++count)
    window.ask(*pool_, numbered_send(next_ + count));
  window.drain();
  const double rate = rate_since(start, count);
  if (window.fault()) return *window.fault();
  next_ += count;
  const double processor = usage_now().cpu_microseconds - used.cpu_microseconds;
  return std::vector<double>{1e6 / rate, processor / static_cast<double>(count)};
}

/// The loaded pool is made once; the one that it stands beside anew in each round, so that its
/// history stays short.
core::outcome<bench_sides> sides_of(const pool_load& load, const pool_load& least,
                                    const std::string& reference, std::chrono::nanoseconds time) {
  auto loaded = loaded_pool::with(load);
  if (!loaded) return loaded.error();
  const bench_goal goal{bench_goal::kind::ratio_at_most, 1.5};
  bench_sides sides;
  sides.measures = {{"µs a send", reference, goal}, {"CPU µs a send", reference, goal}};
  sides.ours = [pool = *loaded, time] { return pool->sends(time); };
  sides.reference = [=]() -> core::outcome<std::vector<double>> {
    const auto small = loaded_pool::with(least);
    if (!small) return small.error();
    return (*small)->sends(time);
  };
  return sides;
}

/// One of the things that a pool holds much of.
struct flat_family {
  std::string name;
  std::string reference;
  std::uint64_t pool_load::*size;
  std::uint64_t least;
};

comparison_part part_of(const flat_family& family, std::uint64_t size, const std::string& text) {
  return {"flat/" + family.name + "/" + text,
          [=](const bench_effort& effort) -> core::outcome<bench_sides> {
            pool_load load, least;
            load.*family.size = std::max(family.least, effort.scaled(size));
            least.*family.size = family.least;
            return sides_of(load, least, family.reference, effort.time);
          }};
}

}  // namespace

std::vector<comparison_part> flat_parts() {
  const flat_family history{"history", "with 1 k messages", &pool_load::history, 1'000};
  const flat_family members{"members", "with 10 members", &pool_load::members, 10};
  const flat_family wakes{"wakes", "with no wake", &pool_load::wakes, 0};
  const flat_family alike{"alike-wakes", "with no wake", &pool_load::alike_wakes, 0};
  return {part_of(history, 100'000, "100k"), part_of(history, 1'000'000, "1M"),
          part_of(members, 100'000, "100k"), part_of(wakes, 1'000, "1k"),
          part_of(wakes, 100'000, "100k"),   part_of(alike, 1'000, "1k")};
}

}  // namespace agentpool::tools
