// The tool by which a member waits. What it waits for is durable: a wake condition of its run, or
// what is in its inbox. So a wait goes on from its cursor, in any later call, and loses nothing.
#include <algorithm>
#include <utility>

#include "typed_tool.hpp"
#include "waiting.hpp"

namespace agentpool::tools {

namespace {

/// What is wrong with a target; "" when it names one thing.
std::string fault_of(const wait_target& target) {
  const bool event = !target.families.empty() || !target.kinds.empty();
  const int named = (target.message ? 1 : 0) + (target.run_end ? 1 : 0) + (event ? 1 : 0);
  if (named != 1)
    return "for: give exactly one of message, run_end, and what is to happen (families or kinds)";
  if (!event && !target.runs.empty()) return "for: runs goes with families or kinds alone";
  return {};
}

void pool_wait(const tool_caller& caller, wait_input& input, tool_callback& then) {
  auto desk = desk_of(caller, input.pool_id, input.run_id, input.session_token);
  const auto what = std::make_shared<waiting>();
  what->caller = caller;
  what->desk = std::move(desk);
  what->input = std::move(input);
  what->then = std::move(then);
  what->take_seconds(std::min(what->input.timeout_seconds, wait_seconds_most));
  if (what->input.cursor) return go_on_waiting(what);
  if (!what->input.wait_for)
    return what->answer(tool_failure("for: say what to wait for, or give the cursor of a wait"));
  if (const auto fault = fault_of(*what->input.wait_for); !fault.empty())
    return what->answer(tool_failure(fault));
  if (what->input.wait_for->message) return wait_for_message(what, inbox_wait_of(*what));
  wait_for_event(what);
}

}  // namespace

std::span<const mcp_tool> waiting_tools() {
  static const std::vector<mcp_tool> tools{
      typed_tool<wait_input, wait_output, pool_wait>(
          {"pool_wait", "Wait",
           "Waits until a message comes for you, a run ends, or something happens in the pool: "
           "use it instead of asking again and again. Returns when it happens, or after at most "
           "45 seconds with status waiting and a cursor: then call it again with that cursor. "
           "What happens between two calls is not lost. Events from before the call count, too, "
           "if no earlier wait of yours for the same was woken by them.",
           false, false, true}),
  };
  return tools;
}

}  // namespace agentpool::tools
