#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/event_records.hpp"
#include "agentpool/core/store_records.hpp"

/// Events and records as CloudEvents 1.0 in JSON (https://github.com/cloudevents/spec).
namespace agentpool::tools {

/// The event as a CloudEvent: its id, the pool as its source, "agentpool.event.FAMILY.KIND" as its
/// type, the subject's id, and as data the event as docs/records.md says.
[[nodiscard]] std::string cloud_event(const core::pool_id& pool, const core::event_frame& frame);
/// A record: "agentpool.record.TYPE".
[[nodiscard]] std::string cloud_event(const core::store_record& record);

/// What stands for the frame's place in `id:` of a server-sent event: the number of the stored
/// event, and of one that was not stored the id behind it.
[[nodiscard]] std::string place_of(const core::event_frame& frame);
/// The cursor after that place in the stream of the filter; none when the text is no place.
[[nodiscard]] std::optional<core::event_cursor> cursor_at(std::string_view place,
                                                          const core::event_filter& filter);

/// The cursor after the stored event of that number in the stream of the filter.
[[nodiscard]] core::event_cursor cursor_after(std::uint64_t event_seq,
                                              const core::event_filter& filter);

/// The frames before the first of those that a full queue left out, at most so many.
[[nodiscard]] std::vector<const core::event_frame*> before_gap(
    const std::vector<core::event_frame>& frames, std::size_t most);

}  // namespace agentpool::tools
