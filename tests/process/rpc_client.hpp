#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "support/environment.hpp"
#include "support/process.hpp"

/// A client of `agentpool rpc` in a process of its own.
namespace agentpool::tests {

using json = nlohmann::ordered_json;

class rpc_client {
 public:
  explicit rpc_client(const std::string& store, const std::vector<std::string>& options = {})
      : process_{{support::program().string(), arguments(store, options)}} {}

  /// Sends a request and returns its id; the answer comes later.
  int send(const std::string& method, json params) {
    const int id = ++last_id_;
    const json request{{"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
    process_.write(request.dump() + "\n");
    return id;
  }

  /// The next line of output; none when the process has ended.
  std::optional<json> next() {
    auto line = process_.line();
    if (!line) return std::nullopt;
    return json::parse(*line);
  }

  /// The answer to that request. Other answers are kept for who asks for them.
  json answer(int id) {
    for (;;) {
      if (auto kept = kept_.find(id); kept != kept_.end()) {
        json found = std::move(kept->second);
        kept_.erase(kept);
        return found;
      }
      auto line = next();
      if (!line) throw std::runtime_error{"the server ended before it answered"};
      if (line->contains("id")) kept_.emplace((*line)["id"].get<int>(), std::move(*line));
    }
  }

  /// The result of a request that has to succeed.
  json result(const std::string& method, json params) {
    json found = answer(send(method, std::move(params)));
    if (!found.contains("result")) throw std::runtime_error{method + ": " + found.dump()};
    return found["result"];
  }

  support::process& process() { return process_; }

 private:
  static std::vector<std::string> arguments(const std::string& store,
                                            const std::vector<std::string>& options) {
    std::vector<std::string> all{"rpc", "--store", store};
    all.insert(all.end(), options.begin(), options.end());
    return all;
  }

  support::process process_;
  int last_id_ = 0;
  std::map<int, json> kept_;
};

inline json member(const std::string& run) { return {{"run_id", run}, {"agent_id", "agent.x"}}; }

inline json message(const std::string& name, const std::string& from, const std::string& to) {
  return {{"message_id", "message." + name},
          {"from", from},
          {"to", {{"target", {{"type", "run"}, {"run_id", to}}}}},
          {"content_ref", "content." + name},
          {"idempotency_key", "key." + name}};
}

}  // namespace agentpool::tests
