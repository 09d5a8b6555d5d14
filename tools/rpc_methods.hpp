#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "agentpool/core/json_fields.hpp"
#include "pool_desk.hpp"
#include "rpc_message.hpp"

/// The methods of docs/contract.md, for whatever carries them.
namespace agentpool::tools {

/// Why a method was not done.
struct rpc_fault {
  rpc_code code{};
  std::string message;
  std::optional<core::agent_error> error = {};  ///< With `rpc_code::agent_error`.
};

/// The result as JSON, or the fault.
using rpc_result = std::variant<std::string, rpc_fault>;
using rpc_callback = std::function<void(rpc_result)>;

/// A parameter is wrong; thrown, and answered with -32602 and the path.
struct bad_params {
  std::string message;
};

/// The parameter of that name; none when it is left out.
[[nodiscard]] std::optional<core::json_value> param(const rpc_request& request,
                                                    std::string_view name);

/// Throws `bad_params` when it is missing or wrong.
template <class T>
T required_param(const rpc_request& request, std::string_view name) {
  const auto found = param(request, name);
  if (!found) throw bad_params{std::string{name} + ": is missing"};
  auto value = core::read_json<T>(*found, core::reading::request, name);
  if (!value) throw bad_params{value.error().message};
  return std::move(*value);
}

/// None when it is left out or null.
template <class T>
std::optional<T> optional_param(const rpc_request& request, std::string_view name) {
  const auto found = param(request, name);
  if (!found || found->is_null()) return std::nullopt;
  return required_param<T>(request, name);
}

/// A list as the value of the one field of a result.
template <class T>
std::string list_result(std::string_view name, const std::vector<T>& values) {
  std::string out = "{\"" + std::string{name} + "\":";
  core::detail::write_list(out, values);
  out += '}';
  return out;
}

/// A longer `wait_millis` means this one.
inline constexpr std::chrono::milliseconds rpc_wait_max{86'400'000};

/// How long the request says to wait for what comes; throws `bad_params`.
[[nodiscard]] std::chrono::milliseconds wait_of(const rpc_request& request);

/// Does what a request says and gives the result once. Everything but streams: `subscribe` and
/// `watch_pool` answer what there is; following and `unsubscribe` are for whoever has a connection
/// to tell on. The desk is kept until the answer is there. Never throws.
void call_method(const std::shared_ptr<pool_desk>& desk, const rpc_request& request,
                 const rpc_callback& then);

/// A method for whoever lists them.
struct rpc_method_info {
  std::string_view name;
  std::string_view summary;
  std::string_view role = {};         ///< That a server's caller needs: "observe", "act", …
  std::string (*params)() = nullptr;  ///< Their JSON Schema, and that of the result.
  std::string (*result)() = nullptr;
};

/// All of them, streams included, in the order of docs/contract.md.
[[nodiscard]] std::span<const rpc_method_info> rpc_methods();

}  // namespace agentpool::tools
