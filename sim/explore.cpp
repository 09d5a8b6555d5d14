// Depth first over the picks, each time in a new world; with sleep sets (Godefroid, 1996).
#include "agentpool/sim/explore.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace agentpool::sim {

namespace {

/// What a step involved: actors, and 0 for a shared log.
using footprint = std::vector<std::uint64_t>;

/// The next step of an actor that need not be tried here: it was before, and what came since does
/// not depend on it.
using sleep_set = std::map<std::uint64_t, footprint>;

bool depend(const footprint& a, const footprint& b) {
  return std::any_of(a.begin(), a.end(), [&](std::uint64_t actor) {
    return std::find(b.begin(), b.end(), actor) != b.end();
  });
}

/// One place where somebody has to be picked.
struct crossing {
  std::vector<std::uint64_t> ready;
  sleep_set asleep;
  std::size_t taken = 0;
  footprint of_taken;
};

/// Takes the way that is left to try, and notes what it meets.
class guide final : public strategy {
 public:
  guide(std::vector<crossing> way, std::uint64_t depth_max)
      : way_{std::move(way)}, depth_max_{depth_max} {}

  std::size_t pick(std::span<const runnable> ready) override {
    const auto at = step_++;
    if (cut_ || at >= depth_max_) return note(0);
    if (at < way_.size()) return note(way_[at].taken);
    crossing next;
    for (const auto& each : ready) next.ready.push_back(each.actor);
    if (at > 0) next.asleep = still_asleep(way_[at - 1]);
    while (next.taken < next.ready.size() && next.asleep.contains(next.ready[next.taken]))
      ++next.taken;
    cut_ = next.taken == next.ready.size();
    if (cut_) return note(0);
    way_.push_back(std::move(next));
    return note(way_.back().taken);
  }

  void touched(std::span<const std::uint64_t> by_step) {
    if (step_ > 0 && step_ <= way_.size())
      way_[step_ - 1].of_taken.assign(by_step.begin(), by_step.end());
  }

  [[nodiscard]] bool cut() const { return cut_; }
  [[nodiscard]] std::vector<crossing> take_way() { return std::move(way_); }
  [[nodiscard]] const std::vector<std::uint32_t>& choices() const { return choices_; }

 private:
  std::size_t note(std::size_t place) {
    choices_.push_back(static_cast<std::uint32_t>(place));
    return place;
  }
  static sleep_set still_asleep(const crossing& before) {
    sleep_set next = before.asleep;
    std::erase_if(next, [&](const auto& each) { return depend(each.second, before.of_taken); });
    return next;
  }

  std::vector<crossing> way_;
  std::vector<std::uint32_t> choices_;
  std::uint64_t depth_max_;
  std::uint64_t step_ = 0;
  bool cut_ = false;
};

/// How often another than the first in line was taken.
std::uint64_t deviations(const std::vector<crossing>& way) {
  return static_cast<std::uint64_t>(
      std::count_if(way.begin(), way.end(), [](const crossing& each) { return each.taken > 0; }));
}

/// Goes back to the last crossing at which another way is left; false when there is none.
bool turn(std::vector<crossing>& way, std::uint64_t deviations_max) {
  while (!way.empty()) {
    auto& last = way.back();
    last.asleep.insert_or_assign(last.ready[last.taken], last.of_taken);
    const auto awake = [&](std::uint64_t actor) { return !last.asleep.contains(actor); };
    const auto next = std::find_if(last.ready.begin(), last.ready.end(), awake);
    const auto before = deviations(way) - (last.taken > 0 ? 1 : 0);
    if (next != last.ready.end() && before < deviations_max) {
      last.taken = static_cast<std::size_t>(next - last.ready.begin());
      last.of_taken.clear();
      return true;
    }
    way.pop_back();
  }
  return false;
}

}  // namespace

namespace {

/// All ways with at most so many deviations.
void explore_within(std::uint64_t seed, const world_options& options,
                    const std::function<void(world&)>& program, const explore_bounds& bounds,
                    std::uint64_t deviations_max, explored& result) {
  std::vector<crossing> way;
  result.complete = false;
  while (result.schedules + result.cut < bounds.schedules_max) {
    auto guided = std::make_shared<guide>(std::move(way), bounds.depth_max);
    auto made = options;
    made.picks = guided;
    made.touched = [&](std::span<const std::uint64_t> by_step) { guided->touched(by_step); };
    world at{seed, made};
    program(at);
    at.run();
    result.steps += at.steps();
    ++(guided->cut() ? result.cut : result.schedules);
    if (!guided->cut() && !at.violations().empty()) {
      result.found = at.violations().front();
      result.choices = guided->choices();
      return;
    }
    way = guided->take_way();
    result.complete = !turn(way, deviations_max);
    if (result.complete) return;
  }
}

}  // namespace

explored explore(std::uint64_t seed, const world_options& options,
                 const std::function<void(world&)>& program, const explore_bounds& bounds) {
  explored result;
  for (std::uint64_t most = 0; most <= bounds.deviations_max && !result.found; ++most)
    explore_within(seed, options, program, bounds, most, result);
  return result;
}

}  // namespace agentpool::sim
