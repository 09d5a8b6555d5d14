#include "task_arguments.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "mcp_message.hpp"
#include "waiting.hpp"

namespace agentpool::tools {

namespace {

constexpr std::uint64_t hour = 3'600'000;
constexpr std::uint64_t ttl_least = 1'000;
constexpr std::uint64_t ttl_most = hour * 24 * 7;

void say(std::string& object, std::string_view name, std::string_view text) {
  if (object.back() != '{') object += ',';
  core::write_json_string(object, name);
  object += ':';
  core::write_json_string(object, text);
}

/// The run that arguments name; none when they name none.
std::optional<std::pair<core::pool_id, core::run_id>> run_in(const core::json_value& arguments) {
  const auto pool = text_in(arguments, "pool_id");
  const auto run = text_in(arguments, "run_id");
  if (!pool || !run || !core::identifier_fault(*pool).empty() ||
      !core::identifier_fault(*run).empty())
    return std::nullopt;
  return std::pair{core::pool_id{*pool}, core::run_id{*run}};
}

}  // namespace

std::string waiting_arguments(const tool_caller& caller, const core::json_value& arguments) {
  std::string out = "{";
  for (const std::string_view name : {"pool_id", "run_id", "session_token"})
    if (const auto text = text_in(arguments, name)) say(out, name, *text);
  const auto run = run_in(arguments);
  if (run && caller.kept && !text_in(arguments, "session_token"))
    if (const auto token = caller.kept->find(run->first, run->second))
      say(out, "session_token", *token);
  return out + '}';
}

std::string going_on(const std::string& arguments, const std::string& cursor) {
  std::string out = "{";
  if (const auto tree = core::parse_json(arguments))
    for (const auto argument : tree->root())
      if (argument.key() != "cursor") say(out, argument.key(), argument.text());
  say(out, "cursor", cursor);
  return out + '}';
}

std::optional<std::string> cursor_in(const tool_result& result) {
  const auto tree = core::parse_json(result.structured);
  if (!tree || text_in(tree->root(), "status") != core::to_text(wait_status::waiting))
    return std::nullopt;
  const auto cursor = text_in(tree->root(), "cursor");
  if (!cursor) return std::nullopt;
  return std::string{*cursor};
}

std::optional<wake_waited_for> wake_of(const std::string& arguments) {
  const auto tree = core::parse_json(arguments);
  if (!tree) return std::nullopt;
  const auto run = run_in(tree->root());
  const auto cursor = text_in(tree->root(), "cursor");
  if (!run || !cursor) return std::nullopt;
  const auto wait = wake_wait_in_cursor(*cursor);
  if (!wait) return std::nullopt;
  wake_waited_for wake{run->first, run->second, wait->condition_id, wait->kept_key, std::nullopt};
  if (const auto token = text_in(tree->root(), "session_token")) wake.token = *token;
  return wake;
}

std::uint64_t ttl_of(const core::json_value& arguments, std::optional<std::uint64_t> asked,
                     std::uint64_t now_millis) {
  auto wait = wait_input{}.timeout_seconds;
  if (const auto given = arguments.find("timeout_seconds"))
    if (const auto read = core::read_json<std::uint64_t>(*given)) wait = *read;
  // A wait that goes on ends when it always was to.
  const auto cursor = text_in(arguments, "cursor");
  if (const auto until = cursor ? deadline_in_cursor(*cursor) : std::nullopt)
    wait = *until > now_millis ? (*until - now_millis) / 1'000 + 1 : 0;
  wait = std::min(wait, wait_seconds_most) * 1'000;
  return std::max(wait, asked ? std::clamp(*asked, ttl_least, ttl_most) : wait + hour);
}

}  // namespace agentpool::tools
