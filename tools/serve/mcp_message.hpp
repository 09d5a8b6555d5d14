#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "agentpool/core/json_tree.hpp"

/// Messages of the Model Context Protocol, of both of its eras: the one of handshakes and sessions
/// (revisions up to 2025-11-25) and the one whose requests each say all (2026-07-28).
namespace agentpool::tools {

enum class mcp_era : std::uint8_t { legacy, modern };

inline constexpr std::string_view mcp_modern_version = "2026-07-28";
/// Those that are offered. 2025-03-26 is not: it has batches, which are not taken.
inline constexpr std::array<std::string_view, 3> mcp_legacy_versions{"2025-11-25", "2025-06-18",
                                                                     "2024-11-05"};

/// The one to agree on with a client that wants that: the latest that is no later, since whoever
/// knows a version mostly knows those before; the latest of all where there is none.
[[nodiscard]] std::string_view mcp_legacy_version_for(std::string_view wanted);

/// Error codes of the specification.
enum class mcp_code : int {
  parse_error = -32700,
  invalid_request = -32600,
  method_not_found = -32601,
  invalid_params = -32602,
  internal_error = -32603,
  refused = -32000,             ///< By the HTTP server.
  session_not_found = -32001,   ///< As the reference implementations say.
  resource_not_found = -32002,  ///< Legacy alone.
  header_mismatch = -32020,     ///< Modern; so are those below.
  missing_capability = -32021,
  unsupported_version = -32022,
};

/// Why a message was not done.
struct mcp_fault {
  mcp_code code{};
  std::string message;
  std::string data = {};  ///< JSON; "" for none.
  unsigned status = 200;  ///< Of the HTTP answer.
};

/// That another request with this id is under way.
[[nodiscard]] inline mcp_fault id_in_use() {
  return {mcp_code::invalid_request, "a request with this id is under way: use another id"};
}

/// A message that came. Without an id it is a notification; without a method, an answer to a
/// request that was never sent.
struct mcp_message {
  core::json_tree tree;
  std::string id = {};  ///< JSON: a string or a number; "" for a notification.
  std::string method = {};
  std::optional<core::json_value> params = {};  ///< An object of `tree`.
  mcp_era era = mcp_era::legacy;
  std::string client = {};   ///< Its name, of modern requests that tell it.
  bool knows_tasks = false;  ///< Modern: the client takes tasks as answers.
};

/// A text that is no message, or not one that may be answered otherwise.
struct mcp_misread {
  std::string id;  ///< JSON; "null" when it is not known.
  mcp_fault fault;
};

/// The header of that name, which is in lower case; none when it did not come.
using mcp_headers = std::function<std::optional<std::string_view>(std::string_view)>;

/// Reads a message; which era it belongs to and what its headers have to say follows the
/// specification's rules for servers of both. `headers` is null where there are none (stdio).
[[nodiscard]] std::variant<mcp_message, mcp_misread> read_mcp_message(std::string_view text,
                                                                      const mcp_headers& headers);

/// A member of the parameters; none without parameters.
[[nodiscard]] std::optional<core::json_value> mcp_param(const mcp_message& message,
                                                        std::string_view name);
/// The same when it is a string.
[[nodiscard]] std::optional<std::string> mcp_text(const mcp_message& message,
                                                  std::string_view name);

/// The string that an object has under that name; none when it is no object or has none.
[[nodiscard]] std::optional<std::string_view> text_in(const std::optional<core::json_value>& object,
                                                      std::string_view name);

/// {"jsonrpc":"2.0","id":ID,"error":{…}}.
[[nodiscard]] std::string mcp_error_line(const std::string& id, const mcp_fault& fault);
/// {"jsonrpc":"2.0","id":ID,"result":{FIELDS}}.
[[nodiscard]] std::string mcp_result_line(const std::string& id, std::string_view fields);
/// {"jsonrpc":"2.0","method":METHOD,"params":{FIELDS}}.
[[nodiscard]] std::string mcp_notification_line(std::string_view method, std::string_view fields);

}  // namespace agentpool::tools
