#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "agentpool/core/enum_text.hpp"
#include "agentpool/core/record.hpp"

/// Who is next, of the actors that have something to do.
namespace agentpool::sim {

/// How a world picks.
enum class strategy_kind : std::uint8_t {
  fifo,    ///< Whoever has waited longest.
  random,  ///< Any, each alike.
  pct,     ///< The one of highest priority; priorities change at `depth` - 1 drawn steps.
  replay,  ///< As `choices` say, then fifo.
};

}  // namespace agentpool::sim

template <>
struct agentpool::core::enum_text<agentpool::sim::strategy_kind> {
  static constexpr std::string_view type = "strategy";
  static constexpr std::array<std::string_view, 4> values{"fifo", "random", "pct", "replay"};
};

namespace agentpool::sim {

/// A strategy and what it needs to know.
struct strategy_plan {
  strategy_kind kind = strategy_kind::random;
  std::uint64_t depth = 3;                  ///< Of pct.
  std::uint64_t steps_expected = 2'000;     ///< Of pct: among so many the changes are drawn.
  std::vector<std::uint32_t> choices = {};  ///< Of replay: a place among the runnable, each step.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("kind", self.kind);
    visit("depth", self.depth, core::presence::defaulted);
    visit("steps_expected", self.steps_expected, core::presence::defaulted);
    visit("choices", self.choices);
  }
  friend bool operator==(const strategy_plan&, const strategy_plan&) = default;
};

/// An actor that has something to do. `actor` is the same number for it in every world that takes
/// the same way.
struct runnable {
  std::uint64_t actor = 0;
};

/// Picks, step by step.
class strategy {
 public:
  strategy() = default;
  strategy(const strategy&) = delete;
  strategy& operator=(const strategy&) = delete;
  virtual ~strategy() = default;

  /// A place in `ready`, which holds at least one; the first has waited longest.
  [[nodiscard]] virtual std::size_t pick(std::span<const runnable> ready) = 0;
};

/// The strategy of that plan, its chances drawn by the seed.
[[nodiscard]] std::unique_ptr<strategy> make_strategy(const strategy_plan& plan,
                                                      std::uint64_t seed);

}  // namespace agentpool::sim
