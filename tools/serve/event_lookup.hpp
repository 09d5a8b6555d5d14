#pragma once

#include <functional>
#include <optional>

#include "agentpool/actors/pool_handle.hpp"

namespace agentpool::tools {

/// Reads the event that a cursor stands at; none when it is no longer there.
void read_event(const actors::pool_handle& pool, const core::event_id& id, std::uint64_t event_seq,
                std::function<void(std::optional<core::event_frame>)> then);

/// The event in words: "run_completed of run.b at 2026-…".
[[nodiscard]] std::string event_in_words(const core::event_envelope& event);

/// The fixed summary of the event; none when it has none.
[[nodiscard]] std::optional<std::string> summary_of(const core::agent_event& event);

}  // namespace agentpool::tools
