#include "agentpool/sim/strategy.hpp"

#include <algorithm>
#include <map>

#include "agentpool/sim/chance.hpp"

namespace agentpool::sim {

namespace {

class fifo final : public strategy {
 public:
  std::size_t pick(std::span<const runnable>) override { return 0; }
};

class random_pick final : public strategy {
 public:
  explicit random_pick(chance from) : chance_{from} {}
  std::size_t pick(std::span<const runnable> ready) override { return chance_.below(ready.size()); }

 private:
  chance chance_;
};

/// Probabilistic concurrency testing: a bug that needs `depth` orderings is met with a known least
/// probability (Burckhardt and others, 2010).
class pct final : public strategy {
 public:
  pct(chance from, std::uint64_t depth, std::uint64_t steps) : chance_{from} {
    for (std::uint64_t i = 1; i < depth; ++i)
      changes_.push_back(chance_.below(std::max<std::uint64_t>(steps, 1)));
    std::sort(changes_.begin(), changes_.end());
    least_ = changes_.size();
  }

  std::size_t pick(std::span<const runnable> ready) override {
    std::size_t best = highest(ready);
    while (next_ < changes_.size() && changes_[next_] <= step_) {
      // The one that would be next gives way to all others but those that did so before.
      priorities_[ready[best].actor] = changes_.size() - ++next_;
      best = highest(ready);
    }
    ++step_;
    return best;
  }

 private:
  std::size_t highest(std::span<const runnable> ready) {
    std::size_t best = 0;
    for (std::size_t i = 1; i < ready.size(); ++i)
      if (priority(ready[i].actor) > priority(ready[best].actor)) best = i;
    return best;
  }
  /// Drawn when the actor is first seen; above all to which actors were lowered.
  std::uint64_t priority(std::uint64_t actor) {
    const auto [found, is_new] = priorities_.try_emplace(actor, 0);
    if (is_new) found->second = least_ + 1 + chance_.below(1U << 30U);
    return found->second;
  }

  chance chance_;
  std::vector<std::uint64_t> changes_;
  std::map<std::uint64_t, std::uint64_t> priorities_;
  std::size_t next_ = 0;
  std::uint64_t step_ = 0;
  std::uint64_t least_ = 0;
};

class replayed final : public strategy {
 public:
  explicit replayed(std::vector<std::uint32_t> choices) : choices_{std::move(choices)} {}
  std::size_t pick(std::span<const runnable> ready) override {
    return next_ < choices_.size() ? choices_[next_++] % ready.size() : 0;
  }

 private:
  std::vector<std::uint32_t> choices_;
  std::size_t next_ = 0;
};

}  // namespace

std::unique_ptr<strategy> make_strategy(const strategy_plan& plan, std::uint64_t seed) {
  const auto from = chance::of(seed, "schedule");
  switch (plan.kind) {
    case strategy_kind::fifo: return std::make_unique<fifo>();
    case strategy_kind::random: return std::make_unique<random_pick>(from);
    case strategy_kind::pct: return std::make_unique<pct>(from, plan.depth, plan.steps_expected);
    case strategy_kind::replay: return std::make_unique<replayed>(plan.choices);
  }
  return nullptr;
}

}  // namespace agentpool::sim
