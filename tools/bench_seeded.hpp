#pragma once

#include <caf/fwd.hpp>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "agentpool/sim/trace.hpp"

namespace agentpool::tools {

/// Who tells whom as a consequence of what, without content.
struct message_pattern {
  struct message {
    std::size_t to = 0;                ///< The actor that handles it.
    std::vector<std::uint32_t> sends;  ///< What that makes it send.
  };
  std::vector<message> messages;
  std::vector<std::uint32_t> roots;  ///< What comes from outside, or by the clock.
  std::size_t actors = 0;

  /// That of a trace; notes are left out.
  [[nodiscard]] static message_pattern of(const sim::trace& seen);
};

/// Plays the pattern with plain CAF actors under CAF's test scheduler, the next one drawn by the
/// seed, a message (a number and a short text) a step. Traced, each step is written down: its
/// number, who told whom, and the message as CAF writes it. Steps a second.
[[nodiscard]] double bare_seeded_steps(const message_pattern& pattern, std::uint64_t seed,
                                       bool traced);

/// Has the actors of a system with CAF's test scheduler handle messages, the next one drawn by the
/// seed, until none has any; no time passes. The steps.
std::uint64_t run_drawn(caf::actor_system& system, std::uint64_t seed);

}  // namespace agentpool::tools
