// The tools for bodies.
#include <utility>

#include "tool_records.hpp"
#include "tools/base64.hpp"
#include "typed_tool.hpp"
#include "wait_records.hpp"

namespace agentpool::tools {

namespace {

tool_result not_allowed(const tool_caller& caller) {
  return tool_failure(core::policy_denied("'" + caller.shown.who.name + "' may not do this"));
}

void content_put(const tool_caller& caller, content_put_input& input, tool_callback& then) {
  if (!caller.shown.who.may(caller_role::act)) return then(not_allowed(caller));
  if (input.text.has_value() == input.base64.has_value())
    return then(tool_failure("give exactly one of text and base64"));
  std::string bytes;
  if (input.text) {
    bytes = std::move(*input.text);
  } else {
    auto decoded = from_base64(*input.base64);
    if (!decoded) return then(tool_failure("base64: is not base64 with padding (RFC 4648)"));
    bytes = std::move(*decoded);
  }
  const auto size = bytes.size();
  caller.all->engine.put_content(std::move(bytes),
                                 [size, then](const core::outcome<core::content_ref>& kept) {
                                   if (!kept) return then(tool_failure(kept.error()));
                                   then(tool_success(content_put_output{*kept, size}));
                                 });
}

void content_get(const tool_caller& caller, content_get_input& input, tool_callback& then) {
  if (!caller.shown.who.may(caller_role::observe)) return then(not_allowed(caller));
  caller.all->engine.get_content(
      std::move(input.content_ref), [then](const core::outcome<std::optional<std::string>>& found) {
        if (!found) return then(tool_failure(found.error()));
        if (!*found)
          return then(
              tool_failure("content_ref: nothing of that name is in the content store. "
                           "Perhaps its sender keeps it elsewhere."));
        const auto& bytes = **found;
        content_get_output output;
        output.bytes = bytes.size();
        if (is_text(bytes)) {
          output.text = bytes;
        } else {
          output.base64 = to_base64(bytes);
        }
        then(tool_success(output));
      });
}

}  // namespace

std::span<const mcp_tool> content_tools() {
  static const std::vector<mcp_tool> tools{
      typed_tool<content_put_input, content_put_output, content_put>(
          {"content_put", "Store a body",
           "Stores text or bytes under a name made of their SHA-256, for messages to refer to. "
           "The same content twice is stored once. pool_send and pool_reply do this for you when "
           "you give them text.",
           false, true}),
      typed_tool<content_get_input, content_get_output, content_get>(
          {"content_get", "Read a body",
           "Reads what a message's content_ref names, when it was stored with content_put or sent "
           "as text.",
           true, true}),
  };
  return tools;
}

}  // namespace agentpool::tools
