#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "otlp.hpp"
#include "watched_store.hpp"
#include "watches.hpp"

namespace agentpool::tools {

/// What spans of messages are made by.
struct span_tools {
  std::function<void(trace_span)> give;      ///< Takes each span; must not block.
  std::function<std::uint64_t()> now_nanos;  ///< Unix time.
  random_bits random;
};

/// Makes a span of each message that callers send: "send", until it was answered, of the trace that
/// the message names or of a new one. The message names this span from then on.
[[nodiscard]] std::shared_ptr<send_watch> trace_sends(span_tools with);

/// Makes spans of what a store is given to keep, under the span that a message names: "deliver",
/// from the decision to its being durable, and for a message that waits for replies
/// "await_replies", from its delivery to its end.
[[nodiscard]] std::shared_ptr<append_watch> trace_deliveries(span_tools with);

}  // namespace agentpool::tools
