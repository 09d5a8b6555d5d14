#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "agentpool/sim/fault_plan.hpp"

namespace agentpool::sim {

/// What becomes of an append.
enum class append_fate : std::uint8_t {
  kept,
  refused,      ///< Not appended, and an error.
  answer_lost,  ///< Appended, and an error.
  dies_before,  ///< The engine dies; not appended.
  dies_after,   ///< The engine dies; appended.
};

/// Looks up in a plan what is to go wrong, and remembers what did.
class injector {
 public:
  explicit injector(fault_plan plan) : plan_{std::move(plan)} {}

  struct append_orders {
    append_fate fate = append_fate::kept;
    std::chrono::milliseconds down{0};
    bool rival_first = false;
  };
  /// For the engine's n-th append, at so many milliseconds.
  [[nodiscard]] append_orders on_append(std::uint64_t engine, std::uint64_t append,
                                        std::uint64_t millis);
  /// For the node's n-th write to the registry.
  [[nodiscard]] append_orders on_registry(std::uint64_t node, std::uint64_t write,
                                          std::uint64_t millis);
  [[nodiscard]] bool read_fails(std::uint64_t engine, std::uint64_t read);
  /// How long the engine's n-th append takes.
  [[nodiscard]] std::chrono::milliseconds append_takes(std::uint64_t engine, std::uint64_t append);

  /// Of runs.
  [[nodiscard]] bool throws(std::uint64_t run, std::uint64_t call);
  /// None: it does not hang; 0: for good.
  [[nodiscard]] std::optional<std::chrono::milliseconds> hangs(std::uint64_t run,
                                                               std::uint64_t call);
  [[nodiscard]] std::uint64_t slow_times(std::uint64_t run);
  [[nodiscard]] bool sends_twice(std::uint64_t run);
  [[nodiscard]] std::uint64_t acknowledges_late(std::uint64_t run);

  [[nodiscard]] const fault_plan& plan() const noexcept { return plan_; }
  /// The kinds that took effect.
  [[nodiscard]] const std::set<std::size_t>& met() const noexcept { return met_; }
  void meet(const fault& what) { met_.insert(what.index()); }

 private:
  /// Calls `take` with each fault of that kind until it says true; marks that one as met.
  template <class Kind, class Take>
  bool any(Take take);

  fault_plan plan_;
  std::set<std::size_t> met_;
};

}  // namespace agentpool::sim
