#pragma once

#include <set>
#include <string>
#include <utility>

#include "json_schema.hpp"
#include "mcp_tools.hpp"

namespace agentpool::tools {

namespace detail {

struct name_collector {
  std::set<std::string_view> names = {};
  template <class T>
  void operator()(std::string_view name, const T&) {
    names.insert(name);
  }
  template <class T>
  void operator()(std::string_view name, const T&, core::presence) {
    names.insert(name);
  }
};

}  // namespace detail

/// The argument that no field of Input has; "" when there is none.
template <class Input>
std::string unknown_argument(const core::json_value& arguments) {
  detail::name_collector known;
  const Input value{};
  Input::fields(value, known);
  for (const auto argument : arguments)
    if (!known.names.contains(argument.key())) return std::string{argument.key()};
  return {};
}

/// Reads the arguments of a tool and calls `Does`, which may take what it is given; wrong ones are
/// told to the caller.
template <class Input, void (*Does)(const tool_caller&, Input&, tool_callback&)>
void run_typed(const tool_caller& caller, const core::json_value& arguments, tool_callback then) {
  if (const auto unknown = unknown_argument<Input>(arguments); !unknown.empty())
    return then(tool_failure(unknown + ": is no argument of this tool; see its input schema"));
  auto input = core::read_json<Input>(arguments, core::reading::request);
  if (!input) return then(tool_failure(input.error()));
  Does(caller, *input, then);
}

/// What a tool is, beside its types.
struct tool_text {
  std::string_view name;
  std::string_view title;
  std::string_view description;
  bool read_only = false;
  bool idempotent = false;
  bool waits = false;
};

template <class Input, class Output, void (*Does)(const tool_caller&, Input&, tool_callback&)>
mcp_tool typed_tool(const tool_text& text) {
  return {text.name,
          text.title,
          text.description,
          text.read_only,
          text.idempotent,
          text.waits,
          [] { return json_schema<Input>(schema_of::request); },
          [] { return json_schema<Output>(schema_of::answer); },
          run_typed<Input, Does>};
}

}  // namespace agentpool::tools
