#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <string>

#include "actors/remote/basp_frame.hpp"

namespace agentpool::actors::remote {

/// What two nodes may say to each other.
struct filter_rules {
  std::size_t message_bytes_max = 0;  ///< Of one frame's payload.
  std::size_t known_actors_max = 0;   ///< Shown to a peer, and shown by it.
  /// Names of the types, as CAF writes them. Beside them the empty message, and errors whose
  /// context is of these types or of numbers and texts: CAF itself answers so.
  std::set<std::string, std::less<>> message_types;
};

/// What the front of a payload tells.
enum class content_verdict : std::uint8_t {
  good,
  unfinished,  ///< More of it has to come.
  malformed,
  refused,  ///< Well formed, and of a type that is not exchanged.
};

/// Judges what a direct message carries: passed on to nobody, and of types that are exchanged; an
/// error only as the response to a request, since any other ends the actor that gets it. An error
/// within an error is refused: CAF would load any depth of them on its stack.
[[nodiscard]] content_verdict judge_message(payload_reader& payload, std::uint64_t message_id,
                                            const filter_rules& rules);

/// Judges an error: code, category, context.
[[nodiscard]] content_verdict judge_error(payload_reader& payload, const filter_rules& rules);

}  // namespace agentpool::actors::remote
