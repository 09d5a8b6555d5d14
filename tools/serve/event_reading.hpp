#pragma once

#include <cstdint>
#include <optional>

#include "front.hpp"

namespace agentpool::tools {

/// Which events of a pool to tell, and how.
struct events_wanted {
  core::event_filter filter;
  std::optional<core::event_cursor> cursor;
  /// Begin where so many stored events follow, whatever of them the filter allows, or later: with
  /// the first of those in memory. Only without a cursor.
  std::optional<std::uint64_t> last;
  bool stream = false;  ///< Go on with what comes, as server-sent events; else a page as JSON.
};

/// Answers with them.
void tell_events(front& at, const route_call& call, const actors::pool_handle& pool,
                 events_wanted what);

}  // namespace agentpool::tools
