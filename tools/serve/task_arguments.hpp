#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "agentpool/core/json_tree.hpp"
#include "tool_call.hpp"

/// What a task keeps of the arguments and answers of pool_wait, as JSON.
namespace agentpool::tools {

/// Whose wait it is, with the session token that the call has or its connection remembers.
[[nodiscard]] std::string waiting_arguments(const tool_caller& caller,
                                            const core::json_value& arguments);
/// The same wait, from a cursor on.
[[nodiscard]] std::string going_on(const std::string& arguments, const std::string& cursor);

/// From where a wait goes on that has no result yet; none when it has one.
[[nodiscard]] std::optional<std::string> cursor_in(const tool_result& result);

/// The wake condition that a wait goes on with.
struct wake_waited_for {
  core::pool_id pool;
  core::run_id run;
  core::wake_condition_id id;
  std::string kept_key;  ///< Of the row that knows it; "" without one.
  std::optional<std::string> token;
};
/// None when the arguments wait for a message.
[[nodiscard]] std::optional<wake_waited_for> wake_of(const std::string& arguments);

/// For how many milliseconds a task of these arguments is known: as its caller asks, else for an
/// hour after its wait; never less than its wait.
[[nodiscard]] std::uint64_t ttl_of(const core::json_value& arguments,
                                   std::optional<std::uint64_t> asked, std::uint64_t now_millis);

}  // namespace agentpool::tools
