#include "simulate.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>

#include "agentpool/sim/scenario.hpp"
#include "simulation_report.hpp"
#include "stop_signals.hpp"
#include "survey_world.hpp"
#include "write_file.hpp"

namespace agentpool::tools {

namespace {

using clock = std::chrono::steady_clock;

const std::string exhaustive = "exhaustive";

struct seed_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

core::outcome<seed_range> range_of(const std::string& text) {
  const auto dots = text.find("..");
  const auto number = [](std::string_view digits) -> std::optional<std::uint64_t> {
    std::uint64_t value = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [read, fault] = std::from_chars(digits.data(), end, value);
    if (fault != std::errc{} || read != end) return std::nullopt;
    return value;
  };
  const auto first = number(std::string_view{text}.substr(0, dots));
  const auto last =
      dots == std::string::npos ? first : number(std::string_view{text}.substr(dots + 2));
  if (first && last && *first <= *last) return seed_range{*first, *last};
  return core::contract_violation("--seeds: must be a number or A..B with A not above B, not \"" +
                                  text + "\"");
}

core::outcome<std::string> text_of(const std::string& path) {
  std::ifstream file{path};
  if (!file) return core::host_configuration_needed("cannot read " + path);
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

/// The error with the place where it comes from.
core::agent_error in(const std::string& where, core::agent_error error) {
  error.message = where + ": " + error.message;
  return error;
}

core::outcome<sim::campaign> campaign_of(const simulate_request& request) {
  sim::campaign made;
  made.workload = request.workload;
  made.size = {request.runs, request.messages};
  made.engines = request.engines;
  made.nodes = request.nodes;
  made.programs = request.programs;
  made.faults = request.faults;
  if (!request.strategy.empty() && request.strategy != exhaustive) {
    const auto& names = core::enum_text<sim::strategy_kind>::values;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (names[i] == request.strategy) made.strategy = static_cast<sim::strategy_kind>(i);
    if (!made.strategy || made.strategy == sim::strategy_kind::replay)
      return core::contract_violation("--strategy: must be fifo, random, pct or exhaustive");
  }
  if (request.faults.find_first_of("./{") == std::string::npos) return made;
  auto text = request.faults.front() == '{' ? core::outcome<std::string>{request.faults}
                                            : text_of(request.faults);
  if (!text) return text.error();
  auto plan = sim::read_plan(*text);
  if (!plan) return in("--faults", plan.error());
  // A plan that names a second engine gets one, where nobody said how many.
  if (made.engines == 0 && made.nodes == 0 && !sim::fault_of(*plan, 1).empty()) made.engines = 2;
  if (made.nodes > 0 && made.programs == 0) made.programs = 2;
  const auto engines = std::max<std::uint64_t>({made.engines, made.nodes, 1});
  if (const auto wrong = sim::fault_of(*plan, engines, made.programs); !wrong.empty())
    return core::contract_violation("--faults: " + wrong);
  made.plan = std::move(*plan);
  return made;
}

/// Tells on standard error how far it is.
class progress {
 public:
  explicit progress(seed_range range) : range_{range}, terminal_{::isatty(STDERR_FILENO) == 1} {}
  ~progress() {
    if (open_) std::cerr << '\n';
  }
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;

  void show(std::uint64_t done, std::uint64_t steps, std::size_t failed) {
    if (!terminal_ || clock::now() < next_) return;
    next_ = clock::now() + std::chrono::milliseconds{200};
    open_ = true;
    const auto all = range_.last - range_.first + 1;
    constexpr std::uint64_t width = 30;
    const auto filled = width * done / all;
    std::cerr << "\r[" << std::string(filled, '#') << std::string(width - filled, '.') << "] "
              << done << "/" << all << " seeds, " << steps << " steps, " << failed << " failed "
              << std::flush;
  }

 private:
  seed_range range_;
  bool terminal_;
  bool open_ = false;
  clock::time_point next_;
};

void print_names() {
  std::cout << "workloads (or all):\n";
  for (const auto& each : sim::workloads())
    std::cout << "  " << each.name << ": " << each.what << '\n';
  std::cout << "fault profiles:";
  for (const auto each : sim::profile_names()) std::cout << ' ' << each;
  std::cout << "\nfaults of plans:";
  for (const auto each : sim::fault_names()) std::cout << ' ' << each;
  std::cout << "\nstrategies: fifo random pct exhaustive\n";
}

class simulation {
 public:
  simulation(const simulate_request& request, sim::campaign what, seed_range seeds)
      : request_{request}, what_{std::move(what)}, seeds_{seeds} {}

  core::outcome<bool> run_seeds() {
    const auto began = clock::now();
    progress shown{seeds_};
    for (auto seed = seeds_.first; signals_.received() == 0; ++seed) {
      auto made = sim::scenario_of(what_, seed);
      if (!made) return made.error();
      take(std::move(*made));
      shown.show(seed - seeds_.first + 1, report_.steps, report_.failed.size());
      if (seed == seeds_.last || report_.failed.size() >= request_.failures_max) break;
    }
    report_.seconds = std::chrono::duration<double>(clock::now() - began).count();
    return finish();
  }

  core::outcome<bool> run_one(sim::scenario what) {
    const auto began = clock::now();
    take(std::move(what));
    report_.seconds = std::chrono::duration<double>(clock::now() - began).count();
    return finish();
  }

 private:
  /// Of a small scenario all orders; the one that fails is then run as any other.
  void explore(sim::scenario what) {
    const auto tried =
        sim::explore_scenario(what, {request_.depth, request_.deviations, request_.schedules});
    if (!tried.found) return report_.add(tried);
    report_.schedules += tried.schedules;
    what.strategy.kind = sim::strategy_kind::replay;
    what.strategy.choices = tried.choices;
    run(std::move(what));
  }

  void take(sim::scenario what) {
    if (request_.strategy == exhaustive) return explore(std::move(what));
    run(std::move(what));
  }

  void run(sim::scenario what) {
    sim::scenario_run how;
    if (!request_.trace.empty()) {
      if (!trace_.is_open()) trace_.open(request_.trace, std::ios::trunc);
      how.trace = [this](std::string_view line) { trace_ << line << '\n'; };
    }
    how.steps_max = 300'000 + 2'000 * what.size.runs * what.size.messages;
    const auto result = sim::run_scenario(what, how);
    report_.add(result);
    if (!result.found) return;
    what.finds = result.found->check;
    report_.failed.push_back({what.seed, std::move(what), *result.found});
  }

  core::outcome<bool> finish() {
    if (!report_.failed.empty() && request_.shrink_tries > 0)
      report_.smallest = sim::shrink(report_.failed.front().what, request_.shrink_tries);
    std::cout << (request_.json ? as_json(report_) : as_text(report_)) << std::flush;
    if (const auto written = write_file(request_.junit, as_junit(report_)); !written)
      return written.error();
    if (report_.failed.empty()) return true;
    const auto& kept = report_.smallest ? report_.smallest->smallest : report_.failed.front().what;
    if (!request_.keep.empty()) {
      const auto skeleton = write_file(request_.keep + ".cpp", sim::test_skeleton(kept));
      if (!skeleton) return skeleton.error();
    }
    if (const auto written = write_file(request_.keep, sim::to_json(kept) + "\n"); !written)
      return written.error();
    return false;
  }

  const simulate_request& request_;
  sim::campaign what_;
  seed_range seeds_;
  stop_signals signals_;
  simulation_report report_;
  std::ofstream trace_;
};

}  // namespace

core::outcome<bool> simulate(const simulate_request& request) {
  add_survey_workload();
  if (request.list) {
    print_names();
    return true;
  }
  const auto seeds = range_of(request.seeds);
  if (!seeds) return seeds.error();
  auto what = campaign_of(request);
  if (!what) return what.error();
  simulation all{request, std::move(*what), *seeds};
  if (request.scenario.empty()) return all.run_seeds();
  const auto text = text_of(request.scenario);
  if (!text) return text.error();
  auto scenario = sim::read_scenario(*text);
  if (!scenario) return in(request.scenario, scenario.error());
  return all.run_one(std::move(*scenario));
}

}  // namespace agentpool::tools
