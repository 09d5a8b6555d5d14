#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "agentpool/core/json_fields.hpp"
#include "guarded_desk.hpp"

namespace agentpool::tools {

/// The session tokens that a connection remembers. Safe to use from any thread.
class kept_tokens {
 public:
  void keep(const core::pool_id& pool, const core::run_id& run, std::string token);
  [[nodiscard]] std::optional<std::string> find(const core::pool_id& pool,
                                                const core::run_id& run) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::pair<core::pool_id, core::run_id>, std::string> tokens_;
};

/// Who calls a tool.
struct tool_caller {
  std::shared_ptr<const service> all;
  credentials shown;
  std::shared_ptr<kept_tokens> kept = {};  ///< Null: nothing is remembered between calls.
  std::string trace = {};                  ///< A traceparent; "" without one.
  std::string client = {};                 ///< The client's name; "" when it did not say.
  /// Registers what is to be called when the server is about to end; null: never. What it gives
  /// is kept for as long as that matters.
  std::function<std::shared_ptr<void>(std::function<void()>)> when_ending = {};
  /// Room for a call that waits, null when there is none; without the function any number waits.
  std::function<std::shared_ptr<void>()> room = {};
};

/// What a tool answers: an object of its output schema, or in words why it was not done and what
/// to do next.
struct tool_result {
  std::string structured = {};  ///< JSON; "" when there is none.
  bool failed = false;
  std::string text = {};  ///< When failed.
};
using tool_callback = std::function<void(tool_result)>;

/// Why a tool was not done, with advice by what kind of error it is.
[[nodiscard]] tool_result tool_failure(const core::agent_error& error);
[[nodiscard]] tool_result tool_failure(std::string text);

template <class Output>
tool_result tool_success(const Output& output) {
  return {core::written(output)};
}

/// A desk for what this call does as a run of a pool, with the tokens that it has for it.
[[nodiscard]] std::shared_ptr<guarded_desk> desk_of(const tool_caller& caller,
                                                    const core::pool_id& pool,
                                                    const core::run_id& run,
                                                    const std::optional<std::string>& token);
/// A desk for reading.
[[nodiscard]] std::shared_ptr<guarded_desk> desk_of(const tool_caller& caller);

/// Gives an answer of a pool to `then`, an error to the caller.
template <class Answer, class Then>
actors::callback<core::answer> answered(const std::shared_ptr<guarded_desk>& desk,
                                        const tool_callback& caller, Then then) {
  return [desk, caller, then = std::move(then)](core::outcome<core::answer> what) mutable {
    if (!what) return caller(tool_failure(what.error()));
    then(std::get<Answer>(*std::move(what)));
  };
}

}  // namespace agentpool::tools
