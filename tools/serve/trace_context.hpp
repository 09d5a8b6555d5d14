#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace agentpool::tools {

/// Where in a trace something happens (W3C Trace Context level 1).
struct trace_context {
  std::string trace_id;  ///< 32 hexadecimal digits.
  std::string span_id;   ///< 16.
  bool sampled = true;   ///< Whether whoever began the trace wants it told.
};

/// What a traceparent says; none when it is none.
[[nodiscard]] std::optional<trace_context> read_traceparent(std::string_view text);

[[nodiscard]] std::string to_traceparent(const trace_context& at);

/// Gives 64 random bits. Called on any thread.
using random_bits = std::function<std::uint64_t()>;

/// Of the machine's chance.
[[nodiscard]] random_bits machine_random();

/// A new span: of the parent's trace, or of a new one.
[[nodiscard]] trace_context child_of(const std::optional<trace_context>& parent,
                                     const random_bits& random);

}  // namespace agentpool::tools
