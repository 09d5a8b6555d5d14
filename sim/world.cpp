#include "agentpool/sim/world.hpp"

#include <sstream>
#include <stdexcept>
#include <utility>

#include "universe.hpp"

namespace agentpool::sim {

namespace {

using std::chrono::milliseconds;

/// Before a request from outside that was refused is repeated.
constexpr milliseconds pause{50};

void require_sense(const world_options& options) {
  const auto refuse = [](const std::string& why) {
    throw std::invalid_argument{"world_options." + why};
  };
  if (options.engines == 0 || options.engines > 64) refuse("engines: must be from 1 to 64");
  const auto& network = options.network;
  const bool one_kind = network.nodes == 0 || options.engines == 1;
  if (!one_kind) refuse("engines: a world of nodes has no other engines");
  if (network.nodes > 64) refuse("network.nodes: must be at most 64");
  if (network.nodes > 0 && (network.programs == 0 || network.programs > 64))
    refuse("network.programs: must be from 1 to 64");
  const auto stores = network.nodes > 0 ? network.nodes : options.engines;
  const auto programs = network.nodes > 0 ? network.programs : 0;
  if (const auto fault = fault_of(options.faults, stores, programs); !fault.empty())
    refuse("faults." + fault);
  if (const auto fault = fault_of(options.thinking); !fault.empty()) refuse("thinking." + fault);
  if (options.strategy.kind == strategy_kind::pct && options.strategy.depth == 0)
    refuse("strategy.depth: must be at least 1");
}

}  // namespace

universe::universe(std::uint64_t seed, world_options options)
    : draws{chance::of(seed, "program")},
      seed_{seed},
      options_{std::move(options)},
      faults_{options_.faults},
      strategy_{options_.picks} {
  if (!strategy_) strategy_ = make_strategy(options_.strategy, seed);
  if (options_.trace) {
    trace_ = std::make_unique<trace_writer>(options_.trace);
    trace_->begin(seed, core::to_millis(options_.start));
  }
  if (options_.checks)
    for (auto& each : standard_checks()) add(std::move(each));
  found_sites();
  plan_faults();
  plan_network_faults();
}

/// Programs first, as who asks from outside counts them, then nodes; nodes live first.
void universe::found_sites() {
  const auto add = [this](site_kind kind, char letter, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      sites_.push_back(std::make_unique<site>());
      auto& place = *sites_.back();
      place.number = sites_.size() - 1;
      place.kind = kind;
      place.name = letter + std::to_string(i);
      place.clock = std::make_shared<site_clock>(*this, options_.start);
    }
  };
  if (!has_network()) add(site_kind::engine, 'e', options_.engines);
  if (has_network()) add(site_kind::program, 'p', options_.network.programs);
  add(site_kind::node, 'n', options_.network.nodes);
  if (has_network()) build_network();
  for (auto& place : sites_)
    if (place->kind != site_kind::program) give_birth(*place);
  for (auto& place : sites_)
    if (place->kind == site_kind::program) give_birth(*place);
}

universe::~universe() { close(); }

/// Nobody sees how they end, but that they do.
void universe::close() {
  watchers_.clear();
  trace_.reset();
  for (auto& place : sites_)
    if (place->engine) bury(*place);
}

void universe::ask(kept_ask what) {
  const auto number = ++last_ask_;
  if (has_network()) what.engine = asker_of(what);
  asks_.emplace(number, std::move(what));
  submit(number);
}

/// Asks now if its engine is up; a restarted engine is asked again.
void universe::submit(std::uint64_t number) {
  const auto& asked = asks_.at(number);
  auto& place = *sites_.at(asked.engine);
  if (!place.engine) return;
  place.engine->pool(asked.pool)
      .submit(asked.what, [this, number, who = place.life->who()](auto answer) {
        if (!is_life(who)) return;
        const bool again = !answer && answer.error().retry == core::retry_classification::retryable;
        if (again)
          return at(now_ + pause, [this, number, who] {
            if (is_life(who)) submit(number);
          });
        const auto done = asks_.extract(number);
        if (done && done.mapped().then) done.mapped().then(std::move(answer));
      });
}

void universe::violated(const std::string& check, std::string what) {
  note("violation", "\"check\":\"" + check + "\"");
  violations.push_back({check, std::move(what), step_, elapsed()});
}

void universe::add(std::unique_ptr<check> invariant) {
  invariant->attach(*this, [this](const check& from, std::string what) {
    violated(from.name(), std::move(what));
  });
  watchers_.push_back(invariant.get());
  checks_.push_back(std::move(invariant));
}

void universe::sometimes(std::string name, std::function<bool(const world_view&)> holds) {
  wanted_.insert_or_assign(std::move(name), std::move(holds));
}

void universe::at(std::chrono::nanoseconds when, std::function<void()> what) {
  agenda_.emplace(std::max(when, now_), std::move(what));
}

std::chrono::microseconds universe::elapsed() const {
  return std::chrono::floor<std::chrono::microseconds>(now_);
}

std::optional<engine_life> universe::life_of(std::size_t engine) const {
  const auto& place = *sites_.at(engine);
  if (!place.engine) return std::nullopt;
  return place.life->who();
}

core::instant universe::wall(std::size_t engine) const { return sites_.at(engine)->clock->now(); }

std::optional<std::string> universe::state_of(std::size_t engine, const core::pool_id& pool) const {
  const auto& place = *sites_.at(engine);
  if (!place.engine) return std::nullopt;
  const auto found = place.life->states().find(pool);
  if (found == place.life->states().end()) return std::nullopt;
  return found->second();
}

// ---- the world --------------------------------------------------------------------------------

world::world(std::uint64_t seed, world_options options) {
  require_sense(options);
  parts_ = std::make_unique<universe>(seed, std::move(options));
}

world::~world() = default;

void world::register_agent(core::agent_id id, actors::agent_factory factory) {
  parts_->register_agent(std::move(id), std::move(factory));
}

bool world::open(const core::pool_id& pool, const core::pool_config& config) {
  const auto open = std::make_shared<std::size_t>(0);
  for (std::size_t engine = 0; engine < parts_->engines(); ++engine)
    ask(
        pool, core::open_pool{config}, [open](const auto& answer) { *open += answer ? 1 : 0; },
        engine);
  while (*open < parts_->engines())
    if (parts_->run(parts_->now() + milliseconds{1}) != world_end::idle) return false;
  parts_->read(pool);
  return true;
}

void world::start_run(actors::run_request request, std::optional<std::size_t> engine) {
  parts_->start_run(std::move(request), engine);
}

void world::cancel_run(const core::run_id& run) { parts_->cancel_run(run); }

void world::ask(const core::pool_id& pool, core::command what, actors::callback<core::answer> then,
                std::size_t engine) {
  parts_->ask({pool, std::move(what), std::move(then), engine});
}

void world::after(std::chrono::microseconds time, std::function<void()> what) {
  parts_->at(parts_->now() + time, std::move(what));
}

void world::crash(std::size_t engine, milliseconds down) { parts_->crash(engine, down); }
void world::crash_node(std::size_t node, milliseconds down) {
  parts_->crash(parts_->node(node).number, down);
}

world_end world::run() { return parts_->run(std::nullopt); }
void world::close() { parts_->close(); }
world_end world::run_for(milliseconds time) { return parts_->run(parts_->now() + time); }

void world::add(std::unique_ptr<check> invariant) { parts_->add(std::move(invariant)); }
void world::add(observer& watcher) { parts_->add(watcher); }
void world::sometimes(std::string name, std::function<bool(const world_view&)> holds) {
  parts_->sometimes(std::move(name), std::move(holds));
}

const world_view& world::view() const noexcept { return *parts_; }
const std::vector<violation>& world::violations() const noexcept { return parts_->violations; }
std::uint64_t world::steps() const noexcept { return std::as_const(*parts_).step(); }
std::chrono::microseconds world::elapsed() const noexcept { return parts_->elapsed(); }
chance& world::draws() noexcept { return parts_->draws; }
const std::vector<std::uint32_t>& world::choices() const noexcept { return parts_->choices; }
const std::set<std::string>& world::reached() const noexcept { return parts_->reached; }
std::set<std::string> world::unreached() const { return parts_->unreached(); }
const std::set<std::size_t>& world::faults_met() const noexcept { return parts_->faults().met(); }

std::optional<violation> found_in(const world& at, world_end end) {
  if (!at.violations().empty()) return at.violations().front();
  if (end == world_end::idle) return std::nullopt;
  const bool steps = end == world_end::out_of_steps;
  return violation{"comes_to_rest",
                   steps ? "too many steps, and the world is not idle"
                         : "too much time has passed, and the world is not idle",
                   at.steps(), at.elapsed()};
}

// ---- run_twice --------------------------------------------------------------------------------

std::string run_twice(std::uint64_t seed, const world_options& options,
                      const std::function<void(world&)>& program) {
  std::vector<std::string> first;
  std::string difference;
  std::size_t line = 0;
  auto traced = options;
  traced.trace = [&](std::string_view text) { first.emplace_back(text); };
  {
    world once{seed, traced};
    program(once);
  }
  traced.trace = [&](std::string_view text) {
    const auto at = line++;
    if (!difference.empty() || (at < first.size() && first[at] == text)) return;
    difference = "line " + std::to_string(line) + ": " +
                 (at < first.size() ? first[at] : std::string{"(nothing)"}) + " / " +
                 std::string{text};
  };
  world again{seed, traced};
  program(again);
  if (difference.empty() && line < first.size())
    difference = "line " + std::to_string(line + 1) + ": " + first[line] + " / (nothing)";
  return difference;
}

}  // namespace agentpool::sim
