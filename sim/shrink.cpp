// Making a failing scenario small: whatever can go while the same check is still violated goes.
#include <algorithm>
#include <functional>

#include "agentpool/sim/scenario.hpp"

namespace agentpool::sim {

namespace {

class shrinker {
 public:
  shrinker(scenario what, std::uint64_t tries_max, const scenario_run& how)
      : smallest_{std::move(what)}, tries_max_{tries_max}, how_{how} {}

  shrunk run() {
    bool smaller = true;
    while (smaller && tried_ < tries_max_) {
      smaller = fewer_faults();
      smaller |= fewer_runs();
      smaller |= plainer();
      smaller |= shorter();
    }
    fewer_choices();
    return {std::move(smallest_), tried_, steps_};
  }

 private:
  /// Keeps the change if the same check is violated with it.
  bool attempt(const std::function<void(scenario&)>& change) {
    if (tried_ >= tries_max_) return false;
    auto next = smallest_;
    change(next);
    if (next == smallest_) return false;
    ++tried_;
    const auto result = run_scenario(next, how_);
    if (!result.found || result.found->check != smallest_.finds) return false;
    smallest_ = std::move(next);
    steps_ = result.steps;
    return true;
  }

  /// Takes away halves, then quarters, down to one at a time.
  bool fewer_faults() {
    bool any = false;
    for (std::size_t many = smallest_.faults.faults.size(); many > 0; many /= 2)
      for (std::size_t from = 0; from < smallest_.faults.faults.size();) {
        const bool gone = attempt([&](scenario& next) {
          auto& all = next.faults.faults;
          const auto first = all.begin() + static_cast<std::ptrdiff_t>(from);
          all.erase(first, first + static_cast<std::ptrdiff_t>(std::min(many, all.size() - from)));
        });
        any |= gone;
        if (!gone) from += many;
      }
    return any;
  }

  bool fewer_runs() {
    bool any = false;
    const auto less = [&](std::uint64_t workload_size::*part) {
      while (attempt([&](scenario& next) { next.size.*part = (next.size.*part + 1) / 2; }) ||
             (smallest_.size.*part > 1 && attempt([&](scenario& next) { --(next.size.*part); })))
        any = true;
    };
    less(&workload_size::runs);
    less(&workload_size::messages);
    return any;
  }

  bool plainer() {
    bool any = attempt([](scenario& next) { next.strategy = {strategy_kind::fifo, 3, 2'000, {}}; });
    any |= attempt([](scenario& next) { next.thinking = constant_latency{0}; });
    any |= attempt([](scenario& next) { next.limits = {}; });
    any |= fewer(&scenario::nodes, &scenario::programs);
    any |= attempt([](scenario& next) {
      if (next.nodes > 0) return;
      next.engines = 1;
      for (auto& each : next.faults.faults)
        std::visit(
            [](auto& what) {
              if constexpr (requires { what.engine; }) what.engine = 0;
            },
            each);
    });
    return any;
  }

  /// One node, one program, and the faults are theirs.
  bool fewer(std::uint64_t scenario::*nodes, std::uint64_t scenario::*programs) {
    if (smallest_.nodes == 0) return false;
    const auto one = [this](std::uint64_t scenario::*of, auto turn) {
      return attempt([&](scenario& next) {
        next.*of = 1;
        for (auto& each : next.faults.faults) std::visit(turn, each);
      });
    };
    bool any = one(nodes, [](auto& what) {
      if constexpr (requires { what.engine; }) what.engine = 0;
      if constexpr (requires { what.node; }) what.node = 0;
    });
    any |= one(programs, [](auto& what) {
      if constexpr (requires { what.program; }) what.program = 0;
    });
    return any;
  }

  /// Delays of faults become none, or half.
  bool shorter() {
    bool any = false;
    for (std::size_t i = 0; i < smallest_.faults.faults.size(); ++i) {
      any |= attempt([&](scenario& next) { shorten(next.faults.faults[i], 0); });
      any |= attempt([&](scenario& next) { shorten(next.faults.faults[i], 2); });
    }
    return any;
  }

  static void shorten(fault& what, std::uint64_t parts) {
    std::visit(
        [&](auto& held) {
          const auto less = [&](auto& value) {
            using number = std::remove_reference_t<decltype(value)>;
            value =
                parts == 0 ? number{0} : static_cast<number>(value / static_cast<number>(parts));
          };
          if constexpr (requires { held.down_millis; }) less(held.down_millis);
          if constexpr (requires { held.millis; }) less(held.millis);
          if constexpr (requires { held.for_millis; })
            if (held.for_millis > 1) less(held.for_millis);
          if constexpr (requires { held.at_millis; }) less(held.at_millis);
        },
        what);
  }

  /// Writes down who was picked, then lets as many picks as possible be the first in line.
  void fewer_choices() {
    if (smallest_.strategy.kind == strategy_kind::fifo) return;
    auto remembering = how_;
    remembering.choices = true;
    const auto result = run_scenario(smallest_, remembering);
    ++tried_;
    if (!result.found || result.found->check != smallest_.finds) return;
    if (!attempt([&](scenario& next) {
          next.strategy = {strategy_kind::replay, 3, 2'000, result.choices};
        }))
      return;
    auto& choices = smallest_.strategy.choices;
    for (std::size_t many = choices.size(); many > 0 && tried_ < tries_max_; many /= 2)
      for (std::size_t from = 0; from < choices.size(); from += many)
        attempt([&](scenario& next) {
          auto& picks = next.strategy.choices;
          const auto until = std::min(from + many, picks.size());
          for (auto at = from; at < until; ++at) picks[at] = 0;
          while (!picks.empty() && picks.back() == 0) picks.pop_back();
        });
  }

  scenario smallest_;
  std::uint64_t tries_max_;
  const scenario_run& how_;
  std::uint64_t tried_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace

shrunk shrink(const scenario& what, std::uint64_t tries_max, const scenario_run& how) {
  return shrinker{what, tries_max, how}.run();
}

}  // namespace agentpool::sim
