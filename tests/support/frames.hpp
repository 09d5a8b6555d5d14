#pragma once

#include <cstdint>
#include <string>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/event_records.hpp"

/// Frames that tests can tell apart at a glance.
namespace frames {

namespace core = agentpool::core;

/// A frame by a letter: `p` progress, `t` terminal, else neither; numbered from 1.
inline core::event_frame frame(char letter, std::uint64_t number) {
  core::event_frame made;
  auto& kind = made.event.edit().envelope.event_kind;
  kind = core::event_kind::run_started;
  if (letter == 'p') kind = core::event_kind::model_stream_delta;
  if (letter == 't') kind = core::event_kind::run_completed;
  made.cursor.event_seq = number;
  made.cursor.event_id = core::event_id{letter + std::to_string(number)};
  made.cursor.journal_cursor = core::journal_cursor_at(number);
  return made;
}

/// "2: n3..n4 from journal.2 kept|lost reason" for a notice.
inline std::string text_of(const core::overflow_notice& notice) {
  return std::to_string(notice.dropped_count) + ": " + notice.gap_start->event_id.text() + ".." +
         notice.gap_end.event_id.text() + " from " +
         (notice.repair_from ? notice.repair_from->text() : "nowhere") +
         (notice.terminal_preserved ? " kept " : " lost ") +
         std::string{core::to_text(notice.reason)};
}

}  // namespace frames
