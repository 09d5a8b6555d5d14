#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "mcp_tools.hpp"

namespace agentpool::tools {

/// How far a task is; the specification's words.
enum class task_status : std::uint8_t { working, completed, failed, cancelled };

/// A call of a tool that goes on while nobody waits for it.
struct task_told {
  std::string id;
  task_status status{};
  std::uint64_t created_millis = 0;
  std::uint64_t updated_millis = 0;
  std::uint64_t ttl_millis = 0;            ///< After which it is forgotten, from its creation.
  std::optional<tool_result> result = {};  ///< Once completed or failed.
};

/// The tasks of a server. A task's id is long and random, and whoever has it may ask for it. What
/// is needed to go on with a task stands in the store's registry, readable by its id alone, so that
/// it goes on after the server was started anew; with pools at nodes it ends with the server.
/// Safe to use from any thread.
class mcp_tasks : public std::enable_shared_from_this<mcp_tasks> {
 public:
  static constexpr std::size_t tasks_max = 10'000;  ///< Not forgotten.

  explicit mcp_tasks(std::shared_ptr<const service> all) : all_{std::move(all)} {}

  /// Removes what nobody may ask for any more from the registry, after that key ("" for all).
  void sweep(const std::string& after = {});

  /// Begins to call the tool, a waiting one, with the arguments, until it has a result. The task is
  /// durable when it is given.
  void start(const mcp_tool& tool, tool_caller caller, const core::json_value& arguments,
             std::optional<std::uint64_t> ttl_millis, actors::callback<task_told> then);

  /// The task as it is; nothing when nobody knows it any more.
  void get(const std::string& id, tool_caller caller,
           std::function<void(std::optional<task_told>)> then);

  /// Calls back once the task is not working any more.
  void await(const std::string& id, tool_caller caller,
             std::function<void(std::optional<task_told>)> then);

  /// Ends a working task. Gives it as it is then.
  void cancel(const std::string& id, tool_caller caller,
              std::function<void(std::optional<task_told>)> then);

  /// The tasks that this caller started here and that are not forgotten. Of callers that nobody
  /// can tell apart by name, each has those of its own connection.
  [[nodiscard]] std::vector<task_told> list(const tool_caller& caller) const;

 private:
  struct entry {
    task_told told;
    std::string owner;
    std::string arguments;                 ///< JSON, of the next call.
    std::weak_ptr<kept_tokens> home = {};  ///< Of the connection that started it.
    std::vector<std::function<void(std::optional<task_told>)>> waiting = {};
  };

  void add(entry made, tool_caller caller);
  void step(const std::string& id, const tool_caller& caller);
  void stepped(const std::string& id, const tool_caller& caller, const tool_result& result);
  void end(const std::string& id, task_status status, std::optional<tool_result> result);
  void find(const std::string& id, tool_caller caller,
            std::function<void(std::optional<task_told>)> then);
  void forget_old();
  [[nodiscard]] std::uint64_t now() const;

  const std::shared_ptr<const service> all_;
  mutable std::mutex mutex_;
  std::map<std::string, entry> tasks_;
};

}  // namespace agentpool::tools
