#pragma once

#include "agentpool/core/event_records.hpp"
#include "agentpool/core/journal_records.hpp"
#include "agentpool/core/notice.hpp"
#include "agentpool/core/roll.hpp"

/// From log entries to what observers, auditors and woken runs see. Pure: the same log gives the
/// same events and journal, whenever they are made.
namespace agentpool::core {

/// The kind and the family of an entry's event, without the cost of making it.
[[nodiscard]] event_kind kind_of(const published& what);
[[nodiscard]] event_family family_of(const published& what);

/// The event of an entry.
[[nodiscard]] agent_event project_event(const pool_id& pool, const published& what);

/// The event in a stream of that scope, with its cursor there.
[[nodiscard]] event_frame frame_of(shared<agent_event> event, const event_stream_scope& scope);

/// The journal record of an entry that is a record other than `pool_opened`; `after` is the roll
/// right after it.
[[nodiscard]] journal_record project_journal(const pool_id& pool, const published& what,
                                             const roll& after);

/// What of an event a run that it wakes may be told.
[[nodiscard]] trigger trigger_of(const agent_event& event, stamp at);

/// What the run of a final wake is told.
[[nodiscard]] wake_notice notice_of(const wake_recorded& wake,
                                    const boxed_optional<trigger>& triggered_by);

}  // namespace agentpool::core
