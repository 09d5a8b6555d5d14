#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "mcp_tools.hpp"
#include "task_rows.hpp"

namespace agentpool::tools {

/// How much a server has of tasks.
struct task_bounds {
  std::size_t all_max = 10'000;          ///< Working; with ended ones for as long as there is room.
  std::size_t working_each_max = 2'500;  ///< Of one owner.
  std::chrono::milliseconds sweep{60'000};  ///< At least, between two looks for what may go.
};

/// What came of a call that was to be a task: the task, or the tool's answer.
using task_begun = std::variant<task_told, tool_result>;

/// The tasks of a server. A task's id is long and random, and whoever has it may ask for it. What
/// is needed to go on with a task, and how it ended, stands in the store's registry, readable by
/// its id alone: it goes on after the server was started anew, and ends once, whoever else on the
/// store asks for it. With pools at nodes it ends with the server. Safe to use from any thread.
class mcp_tasks : public std::enable_shared_from_this<mcp_tasks> {
 public:
  using told_callback = std::function<void(std::optional<task_told>)>;

  explicit mcp_tasks(std::shared_ptr<const service> all, task_bounds bounds = {})
      : all_{std::move(all)}, bounds_{bounds} {}

  /// Removes what nobody may ask for any more from the registry, unless that was done a moment ago.
  void sweep();

  /// Begins to call the tool, a waiting one, with the arguments, until it has a result. The task is
  /// durable when it is given. What the tool refuses at once is no task: then its own answer is
  /// given. `as_asked` is for a caller that asks for a task and takes nothing else, with the ttl
  /// that it wants: without room it gets an error, another one the answer of a plain call. A task
  /// is known at least until its wait is over.
  struct asked_for {
    std::optional<std::uint64_t> ttl_millis = {};
  };
  void start(const mcp_tool& tool, const tool_caller& caller, const core::json_value& arguments,
             const std::optional<asked_for>& as_asked, actors::callback<task_begun> then);

  /// The task as it is; nothing when nobody knows it any more.
  void get(const std::string& id, const tool_caller& caller, told_callback then);

  /// Calls back once the task is not working any more; with a working one when the store did not
  /// take its end.
  void await(const std::string& id, const tool_caller& caller, told_callback then);

  /// Ends a working task and what it waits by. Gives it as it is then: as it ended, when what it
  /// waited for came first, and working when the store did not take its end.
  void cancel(const std::string& id, const tool_caller& caller, told_callback then);

  /// The tasks that this caller started here and that are not forgotten. Of callers that nobody
  /// can tell apart by name, each has those of its own connection.
  [[nodiscard]] std::vector<task_told> list(const tool_caller& caller);

 private:
  /// Somebody who is told of the end; whoever is gone is told when the next one comes.
  struct awaiting {
    told_callback then;
    std::shared_ptr<const std::atomic<bool>> gone;  ///< Null: never.
  };
  struct entry {
    kept_task kept;
    std::weak_ptr<kept_tokens> home = {};  ///< Of the connection that started it.
    /// Its owner, who it goes on as; none after a restart, until he asks for it.
    std::optional<tool_caller> as = {};
    std::optional<task_told> ending = {};  ///< As it is to end, once the store has that.
    bool writing = false;                  ///< The store is asked to take its end.
    bool cancelling = false;               ///< What its wait gives does not count.
    bool over = false;
    /// Whether nobody needs what its step under way gives; null: none ever was.
    std::shared_ptr<std::atomic<bool>> needless = {};
    std::vector<awaiting> waiting = {};
  };

  /// For what is nobody's call: tasks have bounds of their own. Once `needless` is true nobody
  /// needs the answer.
  [[nodiscard]] static tool_caller alone(tool_caller caller,
                                         std::shared_ptr<const std::atomic<bool>> needless);
  [[nodiscard]] bool take_place(const std::string& owner);
  void leave_place(const std::string& owner);
  void begun(entry made, const tool_caller& caller, const tool_result& first,
             const actors::callback<task_begun>& then);
  void add(entry made);
  void step(const std::string& id);
  void stepped(const std::string& id, const tool_result& result);
  void end(const std::string& id, task_status status, std::optional<tool_result> result);
  void write_end(const std::string& id);
  void ended(const std::string& id, const task_told& told);
  void not_ended(const std::string& id);
  std::optional<task_told> take_row(kept_task row, const tool_caller& caller);
  void await_known(const std::string& id, const tool_caller& caller, told_callback then);
  static void tell(const std::vector<awaiting>& waiting, const std::optional<task_told>& told);
  void cancel_wait(const kept_task& task, const tool_caller& as,
                   const std::function<void(bool too_late)>& then);
  void cancelled(const std::string& id, bool too_late);
  [[nodiscard]] std::optional<tool_result> fault_of(const entry& task, bool goes_on) const;
  void make_room();
  [[nodiscard]] std::optional<task_told> known(const std::string& id);
  [[nodiscard]] std::uint64_t now() const { return core::to_millis(all_->clock->now()); }

  const std::shared_ptr<const service> all_;
  const task_bounds bounds_;
  std::atomic<bool> stopped_{false};  ///< The server ends: no task is gone on with here.
  std::mutex mutex_;
  std::uint64_t swept_millis_ = 0;
  std::map<std::string, entry> tasks_;
  std::set<std::pair<std::uint64_t, std::string>> ended_;  ///< Those that ended, by their expiry.
  std::size_t working_ = 0;
  std::map<std::string, std::size_t> working_each_;
};

}  // namespace agentpool::tools
