// A swarm in a simulated world beside CAF's bare scheduler, and beside the real one.
#include <memory>
#include <utility>

#include "agentpool/core/addressing.hpp"
#include "agentpool/sim/world.hpp"
#include "agentpool/stores/memory.hpp"
#include "bench_kit.hpp"
#include "bench_parts.hpp"
#include "bench_seeded.hpp"
#include "real_clock.hpp"

namespace agentpool::tools {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::minutes longest_swarm{10};
const core::pool_id pool{"pool.bench"};
const core::run_id lead_run{"run.lead"};
const core::agent_id lead_agent{"agent.lead"};
const core::agent_id worker_agent{"agent.worker"};

/// Answers whatever it is asked.
class answering_agent final : public actors::agent {
 public:
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    context.reply(entry, core::content_ref{"content.answer"});
    context.acknowledge(entry.sequence);
  }
};

/// Asks every worker once, so many at a time, and ends with the last answer.
class asking_agent final : public actors::agent {
 public:
  explicit asking_agent(std::uint64_t workers) : workers_{workers} {}

  void on_start(actors::run_context& context) override {
    for (int i = 0; i < under_way; ++i) ask_next(context);
  }
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    context.acknowledge(entry.sequence);
    ask_next(context);
    if (++answered_ == workers_) context.finish();
  }

 private:
  static constexpr int under_way = 64;

  void ask_next(actors::run_context& context) {
    if (asked_ == workers_) return;
    actors::message_draft draft;
    draft.name = "task." + std::to_string(asked_);
    draft.to = core::to_run{numbered_run("run.worker", asked_++)};
    draft.content_ref = core::content_ref{"content.task"};
    context.send(std::move(draft));
  }

  std::uint64_t workers_;
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
};

template <class Site>
void register_agents(Site& at, std::uint64_t workers) {
  at.register_agent(worker_agent,
                    [](const core::run_id&) { return std::make_unique<answering_agent>(); });
  at.register_agent(lead_agent, [workers](const core::run_id&) {
    return std::make_unique<asking_agent>(workers);
  });
}

struct simulated {
  double seconds = 0;
  std::uint64_t steps = 0;
  bool well = false;

  [[nodiscard]] double rate() const { return static_cast<double>(steps) / seconds; }
};

simulated simulate_swarm(std::uint64_t workers, std::uint64_t seed, sim::world_options options) {
  const auto start = steady::now();
  simulated result;
  {
    options.limits.change_poll = {};
    sim::world at{seed, std::move(options)};
    register_agents(at, workers);
    at.open(pool);
    for (std::uint64_t i = 0; i < workers; ++i)
      at.start_run({pool, numbered_run("run.worker", i), worker_agent, {}, {}});
    at.run_for(std::chrono::milliseconds{1});
    at.start_run({pool, lead_run, lead_agent, {}, {}});
    result.well = at.run() == sim::world_end::idle;
    result.steps = at.steps();
  }
  result.seconds = std::chrono::duration<double>(steady::now() - start).count();
  return result;
}

sim::world_options without_checks() {
  sim::world_options bare;
  bare.checks = false;
  bare.readers = false;
  return bare;
}

/// The same on an engine alone under the drawing scheduler, without a world around; steps a second.
core::outcome<double> drawn_swarm(std::uint64_t workers, std::uint64_t seed) {
  const auto start = steady::now();
  actors::engine_options options;
  options.clock = std::make_shared<real_clock>();
  options.schedule = actors::scheduling::stepped;
  options.limits.change_poll = {};
  actors::engine engine{std::make_unique<stores::memory_store>(), options};
  register_agents(engine, workers);
  engine.pool(pool).submit(core::open_pool{}, [](const auto&) {});
  auto steps = run_drawn(engine.system(), seed);
  for (std::uint64_t i = 0; i < workers; ++i)
    engine.start_run({pool, numbered_run("run.worker", i), worker_agent, {}, {}},
                     [](const auto&) {});
  steps += run_drawn(engine.system(), seed);
  std::optional<actors::run_handle> lead;
  engine.start_run({pool, lead_run, lead_agent, {}, {}}, [&](auto started) {
    if (started) lead = *std::move(started);
  });
  steps += run_drawn(engine.system(), seed);
  const auto taken = std::chrono::duration<double>(steady::now() - start).count();
  if (!lead || lead->status() != actors::run_status::completed)
    return core::invalid_transition("the swarm's lead did not end well");
  return static_cast<double>(steps) / taken;
}

/// The same swarm on threads; seconds from nothing to its end.
core::outcome<double> live_swarm(std::uint64_t workers) {
  const auto start = steady::now();
  const auto bench = bench_engine::on("memory");
  if (!bench) return bench.error();
  auto& engine = (*bench)->engine();
  register_agents(engine, workers);
  if (const auto opened = engine.open_pool(pool); !opened) return opened.error();
  const actors::run_request worker{pool, core::run_id{"run.worker"}, worker_agent, {}, {}};
  if (auto started = start_often(engine, worker, 0, workers); !started) return started.error();
  auto lead = engine.start_run({pool, lead_run, lead_agent, {}, {}});
  if (!lead) return lead.error();
  if (lead->wait(longest_swarm) != actors::run_status::completed)
    return core::invalid_transition("the swarm's lead did not end well");
  return std::chrono::duration<double>(steady::now() - start).count();
}

message_pattern pattern_of_swarm(std::uint64_t workers) {
  auto options = without_checks();
  std::string text;
  options.trace = [&](std::string_view line) {
    text += line;
    text += '\n';
  };
  static_cast<void>(simulate_swarm(workers, 1, std::move(options)));
  return message_pattern::of(sim::read_trace(text, "swarm").value());
}

bench_sides sides_of(std::uint64_t workers) {
  const auto pattern = std::make_shared<message_pattern>(pattern_of_swarm(workers));
  const auto seed = std::make_shared<std::uint64_t>(0);
  bench_sides sides;
  sides.measures = {
      {"steps a second", "the same engine and agents, actors drawn, no world around",
       bench_goal{bench_goal::kind::ratio_at_least, 0.5}},
      {"steps a second, traced", "CAF alone, actors drawn, as many small messages, traced", {}},
      {"steps a second, checked", "CAF alone, actors drawn, as many small messages", {}},
      {"swarms a minute, checked", "the same agents on threads, the store in memory", {}}};
  sides.ours = [=]() -> core::outcome<std::vector<double>> {
    std::uint64_t bytes = 0;
    auto tracing = without_checks();
    tracing.trace = [&](std::string_view line) { bytes += line.size(); };
    const auto traced = simulate_swarm(workers, ++*seed, tracing);
    const auto plain = simulate_swarm(workers, *seed, without_checks());
    const auto checked = simulate_swarm(workers, *seed, {});
    if (!traced.well || !plain.well || !checked.well || bytes == 0)
      return core::invalid_transition("the simulated swarm did not come to rest");
    return std::vector<double>{plain.rate(), traced.rate(), checked.rate(), 60 / checked.seconds};
  };
  sides.reference = [=]() -> core::outcome<std::vector<double>> {
    const auto traced = bare_seeded_steps(*pattern, *seed, true);
    const auto plain = bare_seeded_steps(*pattern, *seed, false);
    const auto live = live_swarm(workers);
    if (!live) return live.error();
    const auto drawn = drawn_swarm(workers, *seed);
    if (!drawn) return drawn.error();
    return std::vector<double>{*drawn, traced, plain, 60 / *live};
  };
  return sides;
}

}  // namespace

std::vector<comparison_part> simulation_parts() {
  std::vector<comparison_part> parts;
  for (const std::uint64_t workers : {10, 1'000, 10'000})
    parts.push_back({"sim/" + std::to_string(workers),
                     [workers](const bench_effort& effort) -> core::outcome<bench_sides> {
                       return sides_of(effort.scaled(workers));
                     }});
  return parts;
}

}  // namespace agentpool::tools
