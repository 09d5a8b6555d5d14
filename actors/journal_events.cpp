#include <algorithm>
#include <utility>

#include "actors/journal.hpp"
#include "agentpool/core/filter.hpp"
#include "agentpool/core/projection.hpp"

namespace agentpool::actors {

namespace {

/// The event as a frame, if the filter allows it.
std::optional<core::event_frame> frame_for(const core::shared<core::agent_event>& event,
                                           const core::event_filter& filter,
                                           const core::event_stream_scope& scope) {
  if (!core::matches(filter, event->envelope)) return std::nullopt;
  return core::frame_of(event, scope);
}

messages::journal_answer as_answer(std::vector<core::event_frame> frames) {
  return messages::frame_page{std::move(frames)};
}

std::vector<core::event_frame> take_all(core::subscriber_queue& queue, std::uint64_t most) {
  std::vector<core::event_frame> frames;
  while (frames.size() < most) {
    auto frame = queue.take();
    if (!frame) break;
    frames.push_back(std::move(*frame));
  }
  return frames;
}

}  // namespace

core::outcome<journal_desk::event_stream> journal_desk::make_stream(
    const core::event_filter& filter, const std::optional<core::event_cursor>& cursor) const {
  auto queue = core::subscriber_queue::make(filter.queue);
  if (!queue) return queue.error();
  const auto scope = core::scope_of(filter);
  core::stamp position{begins_ ? begins_->event_seq : 0, 0};
  if (cursor) {
    const auto* of_filter = std::get_if<core::filter_scope>(&cursor->scope);
    if (of_filter == nullptr || *of_filter != scope)
      return core::contract_violation(
          "cursor is of another stream: its scope must be that of this filter");
    if (cursor->event_seq > window_.last().event_seq)
      return core::contract_violation("cursor is past the end of this pool's events");
    if (begins_ && cursor->event_seq < begins_->event_seq) return too_old(*begins_);
    position = window_.place_of(*cursor);
  }
  return event_stream{.filter = filter,
                      .scope = scope,
                      .queue = std::move(*queue),
                      .position = position,
                      .walk = nullptr,
                      .ahead = {},
                      .back = {}};
}

/// Gives a stream's reader what there is, if it waits.
void journal_desk::serve(std::uint64_t number) {
  const auto found = events_.find(number);
  if (found == events_.end()) return;
  auto& stream = found->second;
  if (stream.wanted == 0 || stream.reading) return;
  if (stream.live && give_live(number, stream)) return;
  if (!stream.live) serve_history(number, stream);
}

/// True when the reader got something or the stream has ended.
bool journal_desk::give_live(std::uint64_t number, event_stream& stream) {
  auto frames = take_all(stream.queue, stream.wanted);
  if (!frames.empty()) {
    stream.wanted = 0;
    std::exchange(stream.back, {}).give(as_answer(std::move(frames)));
    return true;
  }
  if (!stream.queue.failed()) return false;
  end_events(number, core::overloaded("the subscriber lagged and its queue overflowed: subscribe "
                                      "again after the last cursor"));
  return true;
}

/// History goes to the reader as it asks, nothing of it is dropped; a read without following goes
/// through the queue, as if nobody took anything.
void journal_desk::serve_history(std::uint64_t number, event_stream& stream) {
  std::vector<core::event_frame> frames;
  core::published what;
  // What has failed takes nothing more, however much history there is.
  const auto is_done = [&] { return !stream.follow && stream.queue.failed(); };
  while (frames.size() < stream.wanted && !is_done() && next_event(stream, what)) {
    if (!what.in_scope) continue;
    auto frame = frame_for(core::project_event(setup_.id, what), stream.filter, stream.scope);
    if (!frame) continue;
    if (stream.follow) {
      frames.push_back(std::move(*frame));
    } else {
      stream.queue.push(std::move(*frame));
    }
  }
  if (!frames.empty()) {
    stream.wanted = 0;
    return std::exchange(stream.back, {}).give(as_answer(std::move(frames)));
  }
  if (!is_done() && !window_.covers(stream.position)) return read_ahead(number, stream);
  stream.live = true;
  kept_walk_ = stream.walk ? std::move(stream.walk) : std::move(kept_walk_);
  if (stream.follow) return;
  auto back = std::move(stream.back);
  auto all = take_all(stream.queue, UINT64_MAX);
  events_.erase(number);
  back.give(as_answer(std::move(all)));
}

/// The next event after the stream's position, in scope or not; false when none is at hand.
bool journal_desk::next_event(event_stream& stream, core::published& out) {
  while (!stream.ahead.empty()) {
    out = std::move(stream.ahead.front());
    stream.ahead.pop_front();
    if (out.at <= stream.position) continue;
    stream.position = out.at;
    return true;
  }
  if (!window_.covers(stream.position)) return false;
  const auto* next = window_.after(stream.position);
  if (next == nullptr) return false;
  out = *next;
  stream.position = out.at;
  return true;
}

void journal_desk::read_ahead(std::uint64_t number, event_stream& stream) {
  if (!stream.walk) {
    auto walk = walk_from([&](const core::roll& roll) { return roll.last() <= stream.position; });
    if (!walk) return end_events(number, walk.error());
    stream.walk = std::move(*walk);
  }
  stream.reading = true;
  read_page(stream.walk->position, [this, number](const core::outcome<core::log_page>& page) {
    take_ahead(number, page);
  });
}

void journal_desk::take_ahead(std::uint64_t number, const core::outcome<core::log_page>& page) {
  const auto found = events_.find(number);
  if (found == events_.end()) return;
  auto& stream = found->second;
  stream.reading = false;
  if (!page) return end_events(number, page.error());
  if (page->entries.empty())
    return end_events(number, core::store_corrupt("the pool's log ends before its journal"));
  std::vector<core::published> events;
  for (const auto& entry : page->entries) stream.walk->roll.step(entry, events);
  stream.walk->position = page->next;
  std::move(events.begin(), events.end(), std::back_inserter(stream.ahead));
  serve(number);
}

void journal_desk::end_events(std::uint64_t number, const core::agent_error& why) {
  auto back = std::move(events_.at(number).back);
  events_.erase(number);
  back.give(why);
}

/// A new event to the queues of the live streams, made once for all of them.
void journal_desk::push_live(const core::published& what) {
  std::optional<core::shared<core::agent_event>> event;
  for (auto& [number, stream] : events_) {
    if (!stream.live || what.at <= stream.position) continue;
    stream.position = what.at;
    if (!what.in_scope) continue;
    if (!event) event = core::project_event(setup_.id, what);
    if (auto frame = frame_for(*event, stream.filter, stream.scope))
      stream.queue.push(std::move(*frame));
  }
}

}  // namespace agentpool::actors
