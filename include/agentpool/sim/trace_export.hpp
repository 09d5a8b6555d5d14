#pragma once

#include <string>

#include "agentpool/sim/trace.hpp"

/// Traces for other programs. Whatever ids and names a trace has, each text is well-formed and
/// shows them as text.
namespace agentpool::sim {

/// A Mermaid sequence diagram.
[[nodiscard]] std::string to_mermaid(const trace& what);

/// Chrome's trace events, which ui.perfetto.dev shows: a thread an actor, a slice a message, a flow
/// from each cause to its effect.
[[nodiscard]] std::string to_perfetto(const trace& what);

/// A log for ShiViz with vector clocks; its first two lines are the parser's and stand empty. What
/// nothing in the trace caused has an event of its own at its sender.
[[nodiscard]] std::string to_shiviz(const trace& what);

/// One HTML page that needs nothing else: lanes, arrows, filter, zoom, details. `title` is text.
[[nodiscard]] std::string to_html(const trace& what, const std::string& title);

}  // namespace agentpool::sim
