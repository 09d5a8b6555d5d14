#include "mcp_message.hpp"

#include <algorithm>
#include <utility>

#include "tools/base64.hpp"

namespace agentpool::tools {

using core::json_kind;

std::optional<std::string_view> text_in(const std::optional<core::json_value>& object,
                                        std::string_view name) {
  if (!object) return std::nullopt;
  const auto found = object->find(name);
  if (!found || !found->is(json_kind::string)) return std::nullopt;
  return found->text();
}

namespace {

constexpr std::string_view version_key = "io.modelcontextprotocol/protocolVersion";
constexpr std::string_view capabilities_key = "io.modelcontextprotocol/clientCapabilities";
constexpr std::string_view client_key = "io.modelcontextprotocol/clientInfo";
constexpr std::string_view tasks_extension = "io.modelcontextprotocol/tasks";

mcp_fault header_fault(std::string what) {
  return {mcp_code::header_mismatch, "Header mismatch: " + std::move(what), {}, 400};
}

bool is_modern(std::string_view version) { return version >= mcp_modern_version; }

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// A header's value, which stands in base64 where it could not stand as it is.
std::optional<std::string> header_value(std::string_view text) {
  constexpr std::string_view begin = "=?base64?";
  constexpr std::string_view end = "?=";
  text = trimmed(text);
  if (!text.starts_with(begin) || !text.ends_with(end)) return std::string{text};
  text.remove_prefix(begin.size());
  text.remove_suffix(end.size());
  return from_base64(text);
}

/// Where the name stands that a request's Mcp-Name has to repeat; "" where it has none.
std::string_view name_field(std::string_view method) {
  if (method == "tools/call" || method == "prompts/get") return "name";
  if (method == "resources/read") return "uri";
  if (method == "tasks/get" || method == "tasks/update" || method == "tasks/cancel")
    return "taskId";
  return {};
}

/// One message being read.
class reader {
 public:
  reader(mcp_message& into, const mcp_headers& headers) : into_{into}, headers_{headers} {}

  std::optional<mcp_fault> read_form();
  std::optional<mcp_fault> read_era();

 private:
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
    return headers_ ? headers_(name) : std::nullopt;
  }
  [[nodiscard]] std::optional<core::json_value> capabilities() const;
  std::optional<mcp_fault> read_claim();
  std::optional<mcp_fault> check_headers();

  mcp_message& into_;
  const mcp_headers& headers_;
  std::optional<core::json_value> meta_;
};

std::optional<mcp_fault> reader::read_form() {
  const auto invalid = [](std::string why) {
    return mcp_fault{mcp_code::invalid_request, std::move(why), {}, 400};
  };
  const auto root = into_.tree.root();
  if (!root.is(json_kind::object)) return invalid("a message is one JSON object");
  if (const auto id = root.find("id")) {
    if (!id->is(json_kind::string) && !id->is(json_kind::number))
      return invalid("id must be a string or a number");
    into_.id = id->compact();
  }
  if (text_in(root, "jsonrpc") != std::string_view{"2.0"})
    return invalid("jsonrpc must be \"2.0\"");
  const auto method = root.find("method");
  if (!method) {
    if (root.find("result") || root.find("error")) return std::nullopt;
    return invalid("method is missing");
  }
  if (!method->is(json_kind::string)) return invalid("method must be a string");
  into_.method = method->text();
  into_.params = root.find("params");
  if (into_.params && !into_.params->is(json_kind::object))
    return mcp_fault{mcp_code::invalid_params, "params must be an object", {}, 400};
  meta_ = into_.params ? into_.params->find("_meta") : std::nullopt;
  if (meta_ && !meta_->is(json_kind::object)) meta_.reset();
  return std::nullopt;
}

std::optional<mcp_fault> reader::read_era() {
  const auto named = header("mcp-protocol-version");
  const bool header_modern = named && is_modern(trimmed(*named));
  const bool claims_modern = is_modern(text_in(meta_, version_key).value_or("")) && capabilities();
  if (into_.method == "initialize" && !claims_modern) {
    if (header_modern) return header_fault("initialize belongs to earlier versions");
    return std::nullopt;
  }
  if (meta_ && meta_->find(version_key)) return read_claim();
  if (header_modern && !into_.id.empty())
    return mcp_fault{
        mcp_code::invalid_params, "_meta: " + std::string{version_key} + " is missing", {}, 400};
  return std::nullopt;
}

/// What the client can do, when it says so as it has to.
std::optional<core::json_value> reader::capabilities() const {
  auto found = meta_ ? meta_->find(capabilities_key) : std::nullopt;
  if (found && !found->is(json_kind::object)) found.reset();
  return found;
}

std::optional<mcp_fault> reader::read_claim() {
  into_.era = mcp_era::modern;
  const auto wrong = [](std::string_view key, std::string_view what) {
    return mcp_fault{mcp_code::invalid_params,
                     "_meta: " + std::string{key} + " must be " + std::string{what},
                     {},
                     400};
  };
  if (into_.id.empty()) return std::nullopt;  // notifications need none of this
  const auto version = text_in(meta_, version_key);
  if (!version) return wrong(version_key, "a version");
  const auto can = capabilities();
  if (!can) return wrong(capabilities_key, "an object");
  if (const auto named = header("mcp-protocol-version"); named && trimmed(*named) != *version)
    return header_fault("MCP-Protocol-Version is not that of the request");
  if (const auto named = header("mcp-method"); named && trimmed(*named) != into_.method)
    return header_fault("Mcp-Method is not that of the request");
  if (*version != mcp_modern_version) {
    std::string data =
        "{\"supported\":[\"" + std::string{mcp_modern_version} + "\"],\"requested\":";
    core::write_json_string(data, *version);
    return mcp_fault{mcp_code::unsupported_version, "Unsupported protocol version", data + '}',
                     400};
  }
  if (const auto client = meta_->find(client_key))
    into_.client = text_in(client, "name").value_or("");
  const auto extensions = can->find("extensions");
  into_.knows_tasks = extensions && extensions->find(tasks_extension);
  return headers_ ? check_headers() : std::nullopt;
}

std::optional<mcp_fault> reader::check_headers() {
  if (!header("mcp-protocol-version")) return header_fault("MCP-Protocol-Version is missing");
  if (!header("mcp-method")) return header_fault("Mcp-Method is missing");
  const auto field = name_field(into_.method);
  const auto in_body = field.empty() ? std::nullopt : text_in(into_.params, field);
  if (!in_body) return std::nullopt;
  const auto named = header("mcp-name");
  if (!named) return header_fault("Mcp-Name is missing");
  const auto value = header_value(*named);
  if (!value || *value != *in_body) return header_fault("Mcp-Name is not what the request names");
  return std::nullopt;
}

std::string line_begin(const std::string& id) { return R"({"jsonrpc":"2.0","id":)" + id; }

}  // namespace

std::string_view mcp_legacy_version_for(std::string_view wanted) {
  const auto& known = mcp_legacy_versions;
  const auto found =
      std::find_if(known.begin(), known.end(), [&](auto each) { return each <= wanted; });
  return found == known.end() ? known.front() : *found;
}

std::variant<mcp_message, mcp_misread> read_mcp_message(std::string_view text,
                                                        const mcp_headers& headers) {
  auto tree = core::parse_json(text);
  if (!tree) return mcp_misread{"null", {mcp_code::parse_error, tree.error().message, {}, 400}};
  mcp_message message{std::move(*tree)};
  reader reading{message, headers};
  auto fault = reading.read_form();
  if (!fault) fault = reading.read_era();
  if (fault) return mcp_misread{message.id.empty() ? "null" : message.id, std::move(*fault)};
  return message;
}

std::optional<core::json_value> mcp_param(const mcp_message& message, std::string_view name) {
  return message.params ? message.params->find(name) : std::nullopt;
}

std::optional<std::string> mcp_text(const mcp_message& message, std::string_view name) {
  const auto text = text_in(message.params, name);
  if (!text) return std::nullopt;
  return std::string{*text};
}

std::string mcp_error_line(const std::string& id, const mcp_fault& fault) {
  auto line = line_begin(id) +
              ",\"error\":{\"code\":" + std::to_string(static_cast<int>(fault.code)) +
              ",\"message\":";
  core::write_json_string(line, fault.message);
  if (!fault.data.empty()) line += ",\"data\":" + fault.data;
  return line + "}}";
}

std::string mcp_result_line(const std::string& id, std::string_view fields) {
  return line_begin(id) + ",\"result\":{" + std::string{fields} + "}}";
}

std::string mcp_notification_line(std::string_view method, std::string_view fields) {
  std::string line = R"({"jsonrpc":"2.0","method":)";
  core::write_json_string(line, method);
  if (!fields.empty()) line += ",\"params\":{" + std::string{fields} + '}';
  return line + '}';
}

}  // namespace agentpool::tools
