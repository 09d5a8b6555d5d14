#include "soak.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <random>
#include <utility>

#include "agentpool/actors/engine.hpp"
#include "bench_kit.hpp"
#include "scratch_folder.hpp"
#include "soak_agent.hpp"
#include "soak_plot.hpp"
#include "soak_samples.hpp"
#include "store_url.hpp"
#include "trace_file.hpp"
#include "write_file.hpp"

namespace agentpool::tools {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::uint64_t suspend_every = 64;
constexpr const char* run_prefix = "run.soak";

/// A soak under way.
class soak {
 public:
  soak(const soak_request& request, const scratch_folder& folder)
      : folder_{folder}, window_{request.in_flight}, chance_{request.seed} {
    results_.request = request;
  }

  core::outcome<soak_results> run();

 private:
  [[nodiscard]] const soak_request& asked() const { return results_.request; }
  core::outcome<std::unique_ptr<actors::engine>> make_engine();
  core::outcome<void> start_runs(actors::engine& engine);
  core::send_message next_send();
  void send_until_the_end(const actors::pool_handle& pool);
  void sample();

  const scratch_folder& folder_;
  real_clock clock_;
  std::atomic<std::uint64_t> wakes_{0};
  ask_window window_;
  std::mt19937_64 chance_;
  std::uint64_t asked_for_ = 0;
  soak_results results_;
  steady::time_point start_;
  steady::time_point last_;
  double cpu_microseconds_ = 0;
};

core::outcome<std::unique_ptr<actors::engine>> soak::make_engine() {
  const bool on_disk = asked().store == "sqlite";
  auto store = open_store(on_disk ? "sqlite:" + folder_.path() + "/soak.sqlite" : "memory", clock_,
                          store_use::read_write);
  if (!store) return store.error();
  auto recorder = record_to(asked().trace);
  if (!recorder) return recorder.error();
  actors::engine_options options;
  options.watch = std::move(*recorder);
  // The runs' acknowledgements may take all the room there is: then sends wait.
  options.limits.beyond_requests = actors::beyond_limit::hold;
  options.limits.retained_entries = asked().retain;
  if (asked().recent_events) options.pool_limits.recent_events = *asked().recent_events;
  return std::make_unique<actors::engine>(std::move(*store), std::move(options));
}

core::outcome<void> soak::start_runs(actors::engine& engine) {
  const core::agent_id agent{"agent.soak"};
  engine.register_agent(agent, [this](const core::run_id&) {
    return std::make_unique<soak_agent>(suspend_every, wakes_);
  });
  return start_often(engine, {core::pool_id{"pool.soak"}, core::run_id{run_prefix}, agent, {}, {}},
                     0, asked().runs);
}

/// From any run to any other.
core::send_message soak::next_send() {
  const auto from = chance_() % asked().runs;
  const auto to = (from + 1 + chance_() % (asked().runs - 1)) % asked().runs;
  auto message =
      bench_message(first_number + asked_for_++, core::to_run{numbered_run(run_prefix, to)});
  message.from = numbered_run(run_prefix, from);
  return core::send_message{std::move(message)};
}

void soak::sample() {
  const auto now = steady::now();
  const auto latency = window_.take_latency();
  const auto used = usage_now();
  const auto micros = [&](double share) { return static_cast<double>(latency.at(share)) / 1e3; };
  const std::chrono::duration<double> since_start = now - start_;
  const std::chrono::duration<double> since_last = now - std::exchange(last_, now);
  const auto cpu = used.cpu_microseconds - std::exchange(cpu_microseconds_, used.cpu_microseconds);
  const auto count = static_cast<double>(latency.count());
  const auto before = results_.samples.empty() ? 0 : results_.samples.back().sends;
  results_.samples.push_back({since_start.count(), before + latency.count(),
                              count / since_last.count(), micros(0.5), micros(0.99), micros(0.999),
                              count > 0 ? cpu / count : 0, used.resident_bytes, folder_.bytes(),
                              machine_speed()});
  std::cerr << soak_line(results_.samples.back()) << '\n';
}

void soak::send_until_the_end(const actors::pool_handle& pool) {
  const auto duration = [](double seconds) {
    return std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>{seconds});
  };
  start_ = last_ = steady::now();
  cpu_microseconds_ = usage_now().cpu_microseconds;
  const auto end = start_ + duration(asked().seconds);
  auto next = start_ + duration(asked().every);
  while (steady::now() < end) {
    window_.ask(pool, next_send());
    if (steady::now() < next) continue;
    sample();
    next = std::max(next + duration(asked().every), steady::now());
  }
  window_.drain();
  if (results_.samples.empty()) sample();
}

core::outcome<soak_results> soak::run() {
  auto engine = make_engine();
  if (!engine) return engine.error();
  const auto pool = (*engine)->open_pool(core::pool_id{"pool.soak"});
  if (!pool) return pool.error();
  if (auto started = start_runs(**engine); !started) return started.error();
  send_until_the_end(*pool);
  if (window_.fault()) return *window_.fault();
  const auto members = pool->members();
  if (!members) return members.error();
  if (members->size() != asked().runs)
    return core::invalid_transition("a run of the soak has failed: --log warn says why");
  (*engine)->close();
  results_.wakes = wakes_;
  return std::move(results_);
}

}  // namespace

core::outcome<void> run_soak(const soak_request& request) {
  const scratch_folder scratch{request.directory};
  if (scratch.path().empty())
    return core::host_configuration_needed("cannot make a folder in " + request.directory);
  const auto results = soak{request, scratch}.run();
  if (!results) return results.error();
  std::cout << soak_summary(*results) << std::flush;
  if (auto written = write_file(request.json, soak_json(*results)); !written) return written;
  return write_file(request.svg, soak_svg(*results));
}

}  // namespace agentpool::tools
