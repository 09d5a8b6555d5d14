// The tools by which a caller looks at a pool, member or not.
#include <algorithm>
#include <utility>

#include "cloud_event.hpp"
#include "event_lookup.hpp"
#include "pool_state.hpp"
#include "tool_records.hpp"
#include "typed_tool.hpp"
#include "wait_records.hpp"
#include "why.hpp"

namespace agentpool::tools {

namespace {

constexpr std::uint64_t events_most = 500;

event_told told_of(const core::event_frame& frame) {
  const auto& event = frame.event->envelope;
  return {place_of(frame),
          event.timestamp,
          std::string{core::to_text(event.event_kind)},
          event.run_id,
          std::string{core::to_text(event.subject_ref.kind)} + " " + event.subject_ref.id.text(),
          summary_of(*frame.event)};
}

void pool_watch(const tool_caller& caller, watch_input& input, tool_callback& then) {
  const auto desk = desk_of(caller);
  const auto pool = desk->reading(input.pool_id);
  if (!pool) return then(tool_failure(pool.error()));
  core::event_filter filter;
  if (!input.runs.empty()) filter.run_ids.include = input.runs;
  const auto most = std::clamp<std::uint64_t>(input.max, 1, events_most);
  filter.queue.capacity = most + 1;
  filter.queue.terminal_reserve = 1;
  // The first of what there is: none of it gives way to what ends something.
  filter.queue.overflow = core::subscriber_overflow_policy::fail_subscriber;
  std::optional<core::event_cursor> cursor;
  if (input.after) {
    cursor = cursor_at(*input.after, filter);
    if (!cursor) return then(tool_failure("after: is no place that pool_watch gave"));
  }
  pool->read_events(filter, cursor,
                    [then, most, with_place = input.after.has_value()](
                        const core::outcome<std::vector<core::event_frame>>& frames) {
                      if (!frames && with_place)
                        return then(tool_failure("after: " + frames.error().message +
                                                 "\nLeave `after` out to read from the oldest "
                                                 "event that is still there."));
                      if (!frames) return then(tool_failure(frames.error()));
                      watch_output output;
                      for (const auto* frame : before_gap(*frames, most)) {
                        output.events.push_back(told_of(*frame));
                        output.next = output.events.back().place;
                      }
                      then(tool_success(output));
                    });
}

void pool_status(const tool_caller& caller, pool_input& input, tool_callback& then) {
  const auto desk = desk_of(caller);
  core::read_snapshot open;
  open.open = true;
  desk->submit(input.pool_id, std::move(open), {},
               answered<core::pool_snapshot>(desk, then, [then](const core::pool_snapshot& found) {
                 then(tool_success(state_of(found)));
               }));
}

void pool_why(const tool_caller& caller, why_input& input, tool_callback& then) {
  const auto desk = desk_of(caller);
  const auto tell = [then](core::outcome<reasons> because) {
    if (!because) return then(tool_failure(because.error()));
    then(tool_success(why_output{std::move(*because)}));
  };
  const int named =
      (input.run_id ? 1 : 0) + (input.condition_id ? 1 : 0) + (input.message_id ? 1 : 0);
  if (named != 1)
    return then(tool_failure("give exactly one of run_id, condition_id and message_id"));
  if (input.run_id) return why_run(desk, input.pool_id, *input.run_id, tell);
  if (input.condition_id) return why_wake(desk, input.pool_id, *input.condition_id, tell);
  why_message(desk, input.pool_id, *input.message_id, tell);
}

}  // namespace

std::span<const mcp_tool> looking_tools() {
  static const std::vector<mcp_tool> tools{
      typed_tool<watch_input, watch_output, pool_watch>(
          {"pool_watch", "What happened in a pool",
           "The events of a pool in their order: joins, messages, wakes, runs that ended, and what "
           "runs published. Answers what there is at once; read on with next as after. To wait "
           "for something use pool_wait.",
           true, true}),
      typed_tool<pool_input, pool_state, pool_status>(
          {"pool_status", "How a pool is",
           "How many members a pool has, which runs wait and for what, with cycles marked, which "
           "messages are under way, and whose inboxes are not empty.",
           true, true}),
      typed_tool<why_input, why_output, pool_why>(
          {"pool_why", "Why something is as it is",
           "Explains in sentences why a run waits, what woke it, or what became of a message, "
           "back through the messages that led there. Use it when something does not come.",
           true, true}),
  };
  return tools;
}

}  // namespace agentpool::tools
