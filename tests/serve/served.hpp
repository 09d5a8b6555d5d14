// The server as a process of its own, and what tests ask of it most.
#pragma once

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "http_client.hpp"
#include "support/environment.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace agentpool::tests {

/// `agentpool serve` with these options; killed at the end of its scope.
class served {
 public:
  explicit served(std::vector<std::string> options) : options_{std::move(options)} { start(); }

  /// Over a SQLite file.
  static served on(const std::string& file, const std::vector<std::string>& more = {}) {
    std::vector<std::string> options{"--store", "sqlite:" + file, "--listen", "127.0.0.1:0"};
    options.insert(options.end(), more.begin(), more.end());
    return served{options};
  }
  /// Over a memory store.
  static served in_memory(const std::vector<std::string>& more = {}) {
    std::vector<std::string> options{"--store", "memory", "--listen", "127.0.0.1:0"};
    options.insert(options.end(), more.begin(), more.end());
    return served{options};
  }

  [[nodiscard]] const server_address& at() const { return at_; }
  [[nodiscard]] http_client client() const { return http_client{at_}; }
  support::process& process() { return *process_; }

  /// Kills it and starts it again on the same store.
  void restart() {
    process_->kill();
    start();
  }

  /// One request on a connection of its own.
  [[nodiscard]] http_answer ask(const http_ask& what) const { return client().ask(what); }
  [[nodiscard]] json get(const std::string& target, const fields& headers = {}) const {
    const auto found = ask({"GET", target, headers});
    if (found.status != 200) throw std::runtime_error{target + ": " + found.body};
    return found.parsed();
  }

  /// A JSON-RPC request; the whole answer.
  [[nodiscard]] json rpc(const std::string& method, json params, fields headers = {}) const {
    const json request{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", params}};
    headers.emplace_back("Content-Type", "application/json");
    return ask({"POST", "/rpc", std::move(headers), request.dump()}).parsed();
  }
  /// The result of a request that has to succeed.
  json result(const std::string& method, json params, fields headers = {}) const {
    json answer = rpc(method, std::move(params), std::move(headers));
    if (!answer.contains("result")) throw std::runtime_error{method + ": " + answer.dump()};
    return answer["result"];
  }
  void open_pool(const std::string& pool = "pool.a") const {
    result("open_pool", {{"pool_id", pool}});
  }
  /// Joins the run; its session token.
  [[nodiscard]] std::string join(const std::string& run, const std::string& pool = "pool.a",
                                 fields headers = {}) const {
    return result("join_run",
                  {{"pool_id", pool}, {"member", {{"run_id", run}, {"agent_id", "agent.x"}}}},
                  std::move(headers))["token"];
  }

  /// Whether the metric agentpool_http_NAME says so many.
  [[nodiscard]] bool holds(const std::string& name, std::size_t count) const {
    const auto told = "\nagentpool_http_" + name + " " + std::to_string(count) + "\n";
    return ask({"GET", "/metrics"}).body.find(told) != std::string::npos;
  }
  /// Waits until it does.
  void until(const std::string& name, std::size_t count) const {
    const auto end = std::chrono::steady_clock::now() + answer_wait_max;
    while (!holds(name, count))
      if (std::chrono::steady_clock::now() > end)
        throw std::runtime_error{name + " never became " + std::to_string(count)};
  }

  /// Asks it to end and waits until it has.
  support::ended end(int signal = SIGTERM) {
    process_->send_signal(signal);
    return process_->wait();
  }

 private:
  void start() {
    std::vector<std::string> all{"serve"};
    all.insert(all.end(), options_.begin(), options_.end());
    process_ =
        std::make_unique<support::process>(support::command_line{support::program().string(), all});
    const auto line = process_->line();
    const std::string begin = "listening on ";
    if (!line || line->rfind(begin, 0) != 0)
      throw std::runtime_error{"the server did not start: " + process_->wait().errors};
    at_ = server_address::of(line->substr(begin.size()));
  }

  std::vector<std::string> options_;
  std::unique_ptr<support::process> process_;
  server_address at_;
};

/// How `agentpool` ends with these arguments, which keep it from starting.
inline support::ended refused_start(const std::vector<std::string>& arguments) {
  return support::run_to_end({support::program().string(), arguments});
}

/// A message of one run to another.
inline json message(const std::string& name, const std::string& from, const std::string& to) {
  return {{"message_id", "message." + name},
          {"from", from},
          {"to", {{"target", {{"type", "run"}, {"run_id", to}}}}},
          {"content_ref", "content." + name},
          {"idempotency_key", "key." + name}};
}

/// An event that a run publishes; `live` ones are not stored.
inline json run_event(const std::string& id, const std::string& run, const std::string& kind,
                      bool live = false) {
  const json envelope{
      {"schema_version", 1},
      {"event_id", id},
      {"event_seq", 0},
      {"event_family", "run"},
      {"event_kind", kind},
      {"payload_schema_version", 1},
      {"timestamp", "2026-01-01T00:00:00.000Z"},
      {"recorded_at", "2026-01-01T00:00:00.000Z"},
      {"run_id", run},
      {"agent_id", "agent.x"},
      {"trace_id", "trace.x"},
      {"span_id", "span.x"},
      {"subject_ref", {{"kind", "run"}, {"id", run}, {"privacy", "internal"}}},
      {"correlation", json::object()},
      {"source",
       {{"kind", "host"}, {"id", "source.host"}, {"trust", "trusted"}, {"privacy", "internal"}}},
      {"delivery_semantics", live ? "best_effort_live" : "journal_backed"},
      {"privacy", "internal"},
      {"content_capture", "off"},
      {"redaction_policy_id", "r"},
      {"runtime_package_fingerprint", "f"}};
  return {{"envelope", envelope}, {"payload", {{"mode", "envelope_only"}}}};
}

inline const fields sse{{"Accept", "text/event-stream"}};

}  // namespace agentpool::tests
