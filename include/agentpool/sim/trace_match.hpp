#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "agentpool/sim/trace.hpp"
#include "agentpool/sim/trace_pattern.hpp"

/// What tests and specifications say about a trace. "Before" and "after" go by step. A variable of
/// the first pattern (of `before`: of `later`) has one value in all of them; another pattern may
/// have no other variable, and one that does throws std::invalid_argument.
namespace agentpool::sim {

/// Whether it holds, and a sentence that says why or why not.
struct match_result {
  bool ok = false;
  std::string reason;

  explicit operator bool() const noexcept { return ok; }
};

/// There is a match of the first, after it one of the second, and so on.
[[nodiscard]] match_result in_order(const trace& what, const std::vector<trace_pattern>& patterns);

/// There is a `later`, and before each one there is an `earlier`.
[[nodiscard]] match_result before(const trace& what, const trace_pattern& earlier,
                                  const trace_pattern& later);

/// So many messages match.
[[nodiscard]] match_result exactly(const trace& what, std::size_t count,
                                   const trace_pattern& pattern);
[[nodiscard]] match_result at_least(const trace& what, std::size_t count,
                                    const trace_pattern& pattern);
[[nodiscard]] match_result at_most(const trace& what, std::size_t count,
                                   const trace_pattern& pattern);

/// None matches.
[[nodiscard]] match_result never(const trace& what, const trace_pattern& pattern);

/// None matches after an `opening` and before the first `closing` that follows it. After an opening
/// that is never closed anything may come.
[[nodiscard]] match_result never_between(const trace& what, const trace_pattern& pattern,
                                         const trace_pattern& opening,
                                         const trace_pattern& closing);

/// After each `first` there is a `then`.
[[nodiscard]] match_result followed_by(const trace& what, const trace_pattern& first,
                                       const trace_pattern& then);

/// After each `first` there is a `then` at most so much later. A `first` whose time was not over
/// when the trace ended counts as held.
[[nodiscard]] match_result within(const trace& what, std::chrono::microseconds time,
                                  const trace_pattern& first, const trace_pattern& then);

}  // namespace agentpool::sim
