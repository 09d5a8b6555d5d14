#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "agentpool/sim/trace.hpp"

namespace agentpool::sim {

/// The first place at which two traces are not the same: everything that led there is the same in
/// both, wherever that can be said.
struct trace_divergence {
  std::string actor;
  std::size_t nth = 0;  ///< From 0, of the messages that `actor` handled.
  /// The line that stands there; none where that trace has none any more.
  std::optional<std::size_t> in_a;
  std::optional<std::size_t> in_b;
  /// Which parts differ, when both have a line: from, message, ids, cause.
  std::vector<std::string> parts;
  /// Where the actor handles the other side's line after all, later.
  std::optional<std::size_t> later_in_a;
  std::optional<std::size_t> later_in_b;
  std::size_t actors = 0;  ///< How many actors handled something else, this one counted.
};

/// Compares what each actor handled, in its order, and what caused it. Steps, times and fields that
/// this version does not know are not compared; so traces that differ by swapping steps that do not
/// depend on each other are the same, and give none.
[[nodiscard]] std::optional<trace_divergence> first_divergence(const trace& a, const trace& b);

/// The lines that led to this one by cause, the nearest first, at most `most`.
[[nodiscard]] std::vector<std::size_t> causes(const trace& what, std::size_t line,
                                              std::size_t most);

/// A divergence in words.
[[nodiscard]] std::string to_text(const trace_divergence& found, const trace& a, const trace& b,
                                  const std::string& name_a, const std::string& name_b);

}  // namespace agentpool::sim
