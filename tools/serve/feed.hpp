#pragma once

#include <functional>
#include <memory>
#include <string>

#include "agentpool/actors/stream.hpp"
#include "front.hpp"

/// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
namespace agentpool::tools {

/// One message of an event stream. `data` has no line ends.
[[nodiscard]] std::string sse_message(std::string_view id, std::string_view event,
                                      std::string_view data);

/// Tells the events of a pool, history first, as CloudEvents until the reader goes or the server
/// ends. Nothing is left out: what a slow reader's queue had no room for is read from the log.
void feed_events(front& at, const std::shared_ptr<http_exchange>& exchange,
                 const actors::pool_handle& pool, core::event_filter filter,
                 std::optional<core::event_cursor> cursor);

/// The same for its store records.
void feed_records(front& at, const std::shared_ptr<http_exchange>& exchange,
                  const actors::pool_handle& pool, core::store_cursor cursor);

}  // namespace agentpool::tools
