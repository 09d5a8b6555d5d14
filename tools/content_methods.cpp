#include "content_methods.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "agentpool/core/json.hpp"
#include "base64.hpp"
#include "rpc_params.hpp"

namespace agentpool::tools {

namespace {

/// The bytes that the request gives.
std::string bytes_given(const rpc_request& request) {
  auto text = optional_param<std::string>(request, "text");
  const auto base64 = optional_param<std::string>(request, "base64");
  if (text.has_value() == base64.has_value())
    throw bad_params{"text: either it or base64 has to be there, and not both"};
  if (text) return *std::move(text);
  auto bytes = from_base64(*base64);
  if (!bytes) throw bad_params{"base64: is not base64 with its padding (RFC 4648, section 4)"};
  return *std::move(bytes);
}

rpc_fault fault_of(const core::agent_error& error) {
  return {rpc_code::agent_error, error.message, error};
}

std::string content_result(std::string_view bytes) {
  const bool text = is_text(bytes);
  std::string out = text ? R"({"text":)" : R"({"base64":)";
  core::write_json_string(out, text ? bytes : std::string_view{to_base64(bytes)});
  out += '}';
  return out;
}

}  // namespace

void content_put(const std::shared_ptr<pool_desk>& desk, const rpc_request& request,
                 rpc_callback then) {
  auto bytes = bytes_given(request);
  const auto size = bytes.size();
  desk->put_content(std::move(bytes),
                    [desk, size, then = std::move(then)](core::outcome<core::content_ref> name) {
                      if (!name) return then(fault_of(name.error()));
                      then(core::written(content_receipt{*std::move(name), size}));
                    });
}

void content_get(const std::shared_ptr<pool_desk>& desk, const rpc_request& request,
                 rpc_callback then) {
  auto name = required_param<core::content_ref>(request, "content_ref");
  desk->get_content(name, [desk, name, then = std::move(then)](
                              const core::outcome<std::optional<std::string>>& found) {
    if (!found) return then(fault_of(found.error()));
    if (*found) return then(content_result(**found));
    then(fault_of(
        core::contract_violation("content_ref: the store has nothing under " + name.text())));
  });
}

}  // namespace agentpool::tools
