#include <atomic>
#include <filesystem>
#include <memory>
#include <utility>

#include "bench_kit.hpp"
#include "bench_parts.hpp"
#include "soak_agent.hpp"
#include "trace_file.hpp"

namespace agentpool::tools {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::uint64_t run_count = 64;
constexpr std::uint64_t suspend_every = 64;
constexpr const char* run_prefix = "run.traced";

/// What is sent to, and how much of it at once.
struct traced_sends {
  std::string store;  ///< "memory" or "sqlite".
  std::size_t in_flight = 1;
  bool runs = false;  ///< To runs that acknowledge, on memory; else to a member without a run.

  [[nodiscard]] std::string name() const {
    return "trace/" + (runs ? "runs" : store) + "/" + std::to_string(in_flight);
  }
  [[nodiscard]] core::run_message message(std::uint64_t number) const {
    if (!runs) return bench_message(number);
    return bench_message(number, core::to_run{numbered_run(run_prefix, number % run_count)});
  }
};

core::outcome<void> start_runs(actors::engine& engine, std::atomic<std::uint64_t>& wakes) {
  const core::agent_id agent{"agent.soak"};
  engine.register_agent(agent, [&wakes](const core::run_id&) {
    return std::make_unique<soak_agent>(suspend_every, wakes);
  });
  return start_often(engine, {core::pool_id{"pool.bench"}, core::run_id{run_prefix}, agent, {}, {}},
                     0, run_count);
}

std::string store_name(const traced_sends& part, const std::string& folder) {
  return part.store == "sqlite" ? "sqlite:" + folder + "/trace.sqlite" : part.store;
}

/// Sends a second, processor time of a send and its lines, to a new engine; the writing of what was
/// recorded is part of the time.
core::outcome<std::vector<double>> sends(const traced_sends& part, const bench_effort& effort,
                                         const std::string& trace) {
  for (const auto& file : std::filesystem::directory_iterator{effort.folder})
    std::filesystem::remove_all(file.path());
  auto recorder = record_to(trace);
  if (!recorder) return recorder.error();
  std::atomic<std::uint64_t> wakes{0};
  actors::engine_limits limits;
  limits.beyond_requests = actors::beyond_limit::hold;  // Acknowledgements may take the room.
  const auto bench = bench_engine::on(store_name(part, effort.folder), limits, *recorder);
  if (!bench) return bench.error();
  const auto pool = (*bench)->open_pool();
  if (!pool) return pool.error();
  if (part.runs)
    if (auto started = start_runs((*bench)->engine(), wakes); !started) return started.error();
  const auto before = *recorder ? (*recorder)->recorded() : 0;
  const auto used = usage_now();
  ask_window window{part.in_flight};
  const auto start = steady::now();
  std::uint64_t count = 0;
  for (; count == 0 || steady::now() < start + effort.time; ++count)
    window.ask(*pool, core::send_message{part.message(first_number + count)});
  window.drain();
  if (window.fault()) return *window.fault();
  if (*recorder)
    if (auto written = (*recorder)->close(); !written) return written.error();
  const double rate = rate_since(start, count);
  const double processor = usage_now().cpu_microseconds - used.cpu_microseconds;
  const auto lines = *recorder ? (*recorder)->recorded() - before : 0;
  const auto each = static_cast<double>(count);
  return std::vector<double>{rate, processor / each, static_cast<double>(lines) / each};
}

comparison_part part_of(const traced_sends& part) {
  return {part.name(), [part](const bench_effort& effort) -> core::outcome<bench_sides> {
            const bench_goal goal{bench_goal::kind::ratio_at_least, 0.85};
            bench_sides sides;
            sides.measures = {{"sends a second", "not recorded", goal},
                              {"CPU µs a send", "not recorded"},
                              {"lines a send"}};
            sides.ours = [=] { return sends(part, effort, effort.folder + "/trace.jsonl"); };
            sides.reference = [=] { return sends(part, effort, {}); };
            return sides;
          }};
}

}  // namespace

std::vector<comparison_part> trace_parts() {
  return {part_of({"memory", 1}), part_of({"memory", 1'024}), part_of({"sqlite", 1}),
          part_of({"sqlite", 1'024}), part_of({"memory", 1'024, true})};
}

}  // namespace agentpool::tools
