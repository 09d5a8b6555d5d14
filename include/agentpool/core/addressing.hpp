#pragma once

#include <string>

#include "agentpool/core/pool_records.hpp"
#include "agentpool/core/refs.hpp"

/// References and addresses in their usual form: privacy `content_refs_only`, retention
/// `host_policy`, no summary.
namespace agentpool::core {

[[nodiscard]] entity_ref entity(entity_kind kind, const std::string& id);
[[nodiscard]] destination_ref destination(destination_kind kind, const std::string& id);

/// The address of a target: its destination (kind `agent` for runs and agents, `topic`,
/// `agent_pool`) and the one related entity.
[[nodiscard]] run_address address_of(const run_address_target& target);

/// "journal.7" for 7.
[[nodiscard]] journal_cursor journal_cursor_at(std::uint64_t journal_seq);

/// 7 for "journal.7"; 0 when the cursor has another form.
[[nodiscard]] std::uint64_t journal_seq_of(const journal_cursor& cursor);

}  // namespace agentpool::core
