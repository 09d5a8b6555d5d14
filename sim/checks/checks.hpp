#pragma once

#include <memory>

#include "agentpool/sim/check.hpp"

/// The engine's invariants, one a file.
namespace agentpool::sim::checks {

/// What an engine acknowledged is in the log, and reaches whom it was for.
[[nodiscard]] std::unique_ptr<check> acknowledged();
/// In an idle world every request is answered, and none is twice.
[[nodiscard]] std::unique_ptr<check> answers();
/// No message takes effect twice for a recipient, nor out of order.
[[nodiscard]] std::unique_ptr<check> effects_once();
/// Nothing is delivered at or after its expiry, nothing expires before.
[[nodiscard]] std::unique_ptr<check> expiry();
/// In the log statuses move forward and end at most once.
[[nodiscard]] std::unique_ptr<check> final_statuses();
/// A wake ends once, by the first event after its starting point that it may match, and its run is
/// told once.
[[nodiscard]] std::unique_ptr<check> wakes_once();
/// In an idle world nothing waits that should have ended.
[[nodiscard]] std::unique_ptr<check> nothing_overdue();
/// In an idle world the state of every engine is what the log gives.
[[nodiscard]] std::unique_ptr<check> replay();
/// What an engine publishes is a part of the one log without gap or repeat, and durable.
[[nodiscard]] std::unique_ptr<check> one_log();
/// A subscriber to everything gets every event in scope once, in order, as the log has it.
[[nodiscard]] std::unique_ptr<check> streams();
/// What an engine answers about a message, a wake or an inbox never goes back.
[[nodiscard]] std::unique_ptr<check> receipts_forward();
/// Recipients are those whom the address names and the policies allow.
[[nodiscard]] std::unique_ptr<check> policies();
/// No run is handed more than its window.
[[nodiscard]] std::unique_ptr<check> bounds();
/// In an idle world no runs wait for each other for good.
[[nodiscard]] std::unique_ptr<check> deadlock();

/// Nobody within its time of grace is sent away; whoever is away for longer has left.
[[nodiscard]] std::unique_ptr<check> attendance();

/// The last time that a pool forgot something, on the engine that shortens its log; null: never.
[[nodiscard]] const forgetting* last_forgetting(const world_view& world, const core::pool_id& pool);
/// A message or wake whose last record has that sequence is known no more: it may begin anew.
[[nodiscard]] bool is_forgotten(const world_view& world, const core::pool_id& pool,
                                std::uint64_t sequence);

}  // namespace agentpool::sim::checks
