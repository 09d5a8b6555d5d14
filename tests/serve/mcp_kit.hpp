// Clients of MCP: of the era of handshakes, over HTTP and over a pipe, and of the modern one.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "served.hpp"

namespace agentpool::tests {

inline const fields mcp_headers{{"Content-Type", "application/json"},
                                {"Accept", "application/json, text/event-stream"}};

inline fields with(fields all, fields more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

inline json rpc_request(const json& id, const std::string& method, const json& params) {
  return {{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
}

inline json initialize_params(const std::string& version = "2025-11-25") {
  return {{"protocolVersion", version},
          {"capabilities", json::object()},
          {"clientInfo", {{"name", "test"}, {"version", "1"}}}};
}

/// What a tool answered; throws when it failed.
inline json structured(const json& answer) {
  if (!answer.contains("result") || answer["result"].value("isError", false))
    throw std::runtime_error{"the tool failed: " + answer.dump()};
  return answer["result"]["structuredContent"];
}
inline bool failed(const json& answer) { return answer.at("result").value("isError", false); }
/// The words of a tool's answer.
inline std::string words(const json& answer) { return answer.at("result")["content"][0]["text"]; }

/// A session over HTTP, on a connection of its own.
class mcp_session {
 public:
  explicit mcp_session(const served& server, fields headers = {},
                       const std::string& version = "2025-11-25")
      : client_{server.client()}, headers_{with(mcp_headers, std::move(headers))} {
    const auto found =
        client_.ask({"POST", "/mcp", headers_,
                     rpc_request(0, "initialize", initialize_params(version)).dump()});
    if (found.status != 200) throw std::runtime_error{"initialize: " + found.body};
    greeting = found.parsed()["result"];
    id = found.header("mcp-session-id");
    headers_.emplace_back("Mcp-Session-Id", id);
    post({{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}});
  }

  http_answer post(const json& message) {
    return client_.ask({"POST", "/mcp", headers_, message.dump()});
  }
  json request(const std::string& method, const json& params) {
    return post(rpc_request(++last_, method, params)).parsed();
  }
  json call(const std::string& tool, const json& arguments) {
    return request("tools/call", {{"name", tool}, {"arguments", arguments}});
  }
  /// Sends a call; `answer` has what comes of it.
  void begin(const std::string& tool, const json& arguments) {
    const json params{{"name", tool}, {"arguments", arguments}};
    client_.send({"POST", "/mcp", headers_, rpc_request(++last_, "tools/call", params).dump()});
  }
  json answer() { return client_.answer().parsed(); }
  http_client& client() { return client_; }
  [[nodiscard]] int last_id() const { return last_; }
  [[nodiscard]] const fields& headers() const { return headers_; }

  std::string id;
  json greeting;

 private:
  http_client client_;
  fields headers_;
  int last_ = 0;
};

/// What every modern request says of itself.
inline json modern_meta(bool tasks = false) {
  json capabilities = json::object();
  if (tasks) capabilities["extensions"] = {{"io.modelcontextprotocol/tasks", json::object()}};
  return {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
          {"io.modelcontextprotocol/clientCapabilities", capabilities}};
}

inline json modern_request(const json& id, const std::string& method, json params = json::object(),
                           bool tasks = false) {
  params["_meta"] = modern_meta(tasks);
  return rpc_request(id, method, params);
}

inline fields modern_headers(const std::string& method, const std::string& name = {}) {
  auto all = with(mcp_headers, {{"MCP-Protocol-Version", "2026-07-28"}, {"Mcp-Method", method}});
  if (!name.empty()) all.emplace_back("Mcp-Name", name);
  return all;
}

/// One modern request over HTTP.
inline http_ask modern_ask(const std::string& method, const json& params = json::object(),
                           const std::string& name = {}, bool tasks = false) {
  return {"POST", "/mcp", modern_headers(method, name),
          modern_request(1, method, params, tasks).dump()};
}
inline http_ask modern_call(const std::string& tool, const json& arguments, bool tasks = false) {
  return modern_ask("tools/call", {{"name", tool}, {"arguments", arguments}}, tool, tasks);
}

/// `agentpool mcp` on pipes.
class mcp_pipe {
 public:
  explicit mcp_pipe(const std::string& store)
      : process_{{support::program().string(), {"mcp", "--store", store}}} {}

  void write(const json& message) { process_.write(message.dump() + "\n"); }
  json next() {
    const auto line = process_.line(answer_wait_max);
    if (!line) throw std::runtime_error{"the server ended"};
    return json::parse(*line);
  }
  json ask(const json& message) {
    write(message);
    return next();
  }
  json request(const std::string& method, const json& params) {
    return ask(rpc_request(++last_, method, params));
  }
  json call(const std::string& tool, const json& arguments) {
    return request("tools/call", {{"name", tool}, {"arguments", arguments}});
  }
  void greet() {
    request("initialize", initialize_params());
    write({{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}});
  }
  support::process& process() { return process_; }

 private:
  support::process process_;
  int last_ = 0;
};

/// Joins the run by the tool; what every later call of it says.
template <class Client>
json joined(Client& client, const std::string& run, const std::string& pool = "pool.a") {
  const auto told = structured(client.call("pool_join", {{"pool_id", pool}, {"run_id", run}}));
  return {{"pool_id", pool}, {"run_id", run}, {"session_token", told["session_token"]}};
}

inline json also(json arguments, const json& more) {
  arguments.update(more);
  return arguments;
}

}  // namespace agentpool::tests
