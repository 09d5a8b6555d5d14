#include "event_reading.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/core/filter.hpp"
#include "cloud_event.hpp"
#include "feed.hpp"
#include "page_result.hpp"

namespace agentpool::tools {

namespace {

/// The frames before the first of those that were left out, and where the next page begins if any
/// was.
std::string event_page(const core::pool_id& pool, const std::vector<core::event_frame>& frames,
                       std::size_t most) {
  std::string out = "{\"events\":[";
  const auto whole = before_gap(frames, most);
  for (const auto* frame : whole) {
    if (frame != whole.front()) out += ',';
    out += cloud_event(pool, *frame);
  }
  const bool more = whole.size() < frames.size() ||
                    std::any_of(frames.begin(), frames.end(), [](const core::event_frame& frame) {
                      return frame.overflow.has_value();
                    });
  return page_result(out + "]}", more && !whole.empty() ? place_of(*whole.back()) : std::string{});
}

void tell_from(front& at, const route_call& call, const actors::pool_handle& pool,
               events_wanted what) {
  if (what.stream)
    return feed_events(at, call.exchange, pool, std::move(what.filter), std::move(what.cursor));
  pool.read_events(what.filter, what.cursor,
                   [exchange = call.exchange, desk = call.desk, id = pool.id(),
                    most = what.filter.queue.capacity -
                           1](const core::outcome<std::vector<core::event_frame>>& frames) {
                     exchange->answer(frames ? json_response(event_page(id, *frames, most))
                                             : error_response(frames.error()));
                   });
}

/// How many events there are is known without reading any. What is not in memory is left out, so
/// that this costs the same however long the history is.
void tell_last(front& at, const route_call& call, const actors::pool_handle& pool,
               events_wanted what) {
  core::read_snapshot bare;
  bare.bare = true;
  call.desk->submit(
      pool.id(), std::move(bare), {},
      [&at, call, pool, what = std::move(what)](const core::outcome<core::answer>& now) mutable {
        if (!now) return call.exchange->answer(error_response(now.error()));
        const auto there = std::get<core::pool_snapshot>(*now).events.value_or(core::event_range{});
        const auto from = std::max(there.recent, there.last - std::min(there.last, *what.last));
        if (from > there.after) what.cursor = cursor_after(from, what.filter);
        tell_from(at, call, pool, std::move(what));
      });
}

}  // namespace

void tell_events(front& at, const route_call& call, const actors::pool_handle& pool,
                 events_wanted what) {
  if (what.last && !what.cursor) return tell_last(at, call, pool, std::move(what));
  tell_from(at, call, pool, std::move(what));
}

}  // namespace agentpool::tools
