#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/outcome.hpp"
#include "agentpool/sim/trace.hpp"

namespace agentpool::sim {

/// How a message led to the one told before it.
enum class story_link : std::uint8_t {
  last,     ///< It led to none: it is the last.
  sent_at,  ///< That was sent while this was handled.
  kept,     ///< The sender of that had known of the matter since this.
};

struct story_step {
  std::size_t line = 0;
  story_link link{};
};

/// How something came to where it is.
struct trace_story {
  std::string kind;  ///< run, message or wake.
  std::string id;
  std::vector<story_step> steps;   ///< Backwards.
  std::vector<std::string> waits;  ///< What it still waits for as far as the trace tells.
};

/// Tells of a run, a message or a wake: the last message that names it, what led to that one, and
/// so on back to the beginning. `asked` is its id, or "run:ID", "message:ID", "wake:ID" where one
/// id is of several kinds. Contract violation: not in the trace, or of several kinds.
[[nodiscard]] core::outcome<trace_story> why(const trace& what, std::string_view asked);

/// A story in words, of its steps the last `most`.
[[nodiscard]] std::string to_text(const trace_story& story, const trace& what, std::size_t most);

}  // namespace agentpool::sim
