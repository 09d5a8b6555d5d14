#pragma once

#include <unistd.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "agentpool/actors/engine.hpp"
#include "agentpool/stores/memory.hpp"
#include "tools/line_reader.hpp"
#include "tools/rpc_session.hpp"

/// A JSON-RPC client and its server in one process, over a memory store.
namespace agentpool::tests {

using json = nlohmann::ordered_json;

class rpc_kit {
 public:
  explicit rpc_kit(tools::rpc_limits limits = {})
      : engine_{std::make_unique<stores::memory_store>(std::make_shared<stores::memory_log>())},
        session_{std::make_unique<tools::rpc_session>(engine_, pipe_.write_end(), limits)},
        lines_{pipe_.read_end(), 64U << 20} {}

  ~rpc_kit() {
    if (session_) session_->finish();
  }

  actors::engine& engine() { return engine_; }

  /// Gives the server a line.
  void give(const std::string& line) { session_->take(line); }

  /// The next line that the server writes.
  json next() {
    auto line = lines_.next();
    if (!line) throw std::runtime_error{"the server wrote no line"};
    return json::parse(line->text);
  }

  /// A whole answer. Only while no stream is open and nothing else waits.
  json ask(const std::string& method, json params) {
    give(request(method, std::move(params)));
    return next();
  }

  /// The result of a request that has to succeed.
  json result(const std::string& method, json params) {
    json answer = ask(method, std::move(params));
    if (!answer.contains("result")) throw std::runtime_error{method + ": " + answer.dump()};
    return answer["result"];
  }

  std::string request(const std::string& method, json params) {
    return json{{"jsonrpc", "2.0"}, {"id", ++last_id_}, {"method", method}, {"params", params}}
        .dump();
  }

  /// Ends the session: what is under way is finished.
  void finish() {
    session_->finish();
    session_.reset();
  }

 private:
  class pipe {
   public:
    pipe() {
      if (::pipe(ends_.data()) != 0) throw std::runtime_error{"no pipe"};
    }
    ~pipe() {
      ::close(ends_[0]);
      ::close(ends_[1]);
    }
    pipe(const pipe&) = delete;
    pipe& operator=(const pipe&) = delete;
    [[nodiscard]] int read_end() const { return ends_[0]; }
    [[nodiscard]] int write_end() const { return ends_[1]; }

   private:
    std::array<int, 2> ends_{};
  };

  pipe pipe_;
  actors::engine engine_;
  std::unique_ptr<tools::rpc_session> session_;
  tools::line_reader lines_;
  int last_id_ = 0;
};

/// Valid pieces of requests.
inline json member(const std::string& run, const std::string& agent = "agent.x") {
  return {{"run_id", run}, {"agent_id", agent}};
}
inline json message(const std::string& name, const std::string& from, json target) {
  return {{"message_id", "message." + name},
          {"from", from},
          {"to", {{"target", std::move(target)}}},
          {"content_ref", "content." + name},
          {"idempotency_key", "key." + name}};
}
inline json to_run(const std::string& run) { return {{"type", "run"}, {"run_id", run}}; }

}  // namespace agentpool::tests
