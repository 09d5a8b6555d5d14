#include "mcp_tasks.hpp"

#include <atomic>
#include <utility>

#include "task_arguments.hpp"
#include "token_book.hpp"

namespace agentpool::tools {

namespace {

const mcp_tool& waiting_tool() { return waiting_tools().front(); }

/// One whose wait ends as soon as it has begun, with its cursor.
tool_caller beginning(const tool_caller& caller) {
  auto made = caller;
  made.room = nullptr;
  made.shown.gone = std::make_shared<const std::atomic<bool>>(true);
  made.when_ending = [](const std::function<void()>& then) -> std::shared_ptr<void> {
    then();
    return nullptr;
  };
  return made;
}

}  // namespace

tool_caller mcp_tasks::alone(tool_caller caller,
                             std::shared_ptr<const std::atomic<bool>> needless) {
  caller.room = nullptr;
  caller.kept = nullptr;
  caller.shown.gone = std::move(needless);
  return caller;
}

// ---- bounds ---------------------------------------------------------------------------------

bool mcp_tasks::take_place(const std::string& owner) {
  const std::lock_guard guard{mutex_};
  auto& of_owner = working_each_[owner];
  if (working_ >= bounds_.all_max || of_owner >= bounds_.working_each_max) return false;
  ++working_;
  ++of_owner;
  return true;
}

void mcp_tasks::leave_place(const std::string& owner) {
  const std::lock_guard guard{mutex_};
  --working_;
  if (--working_each_[owner] == 0) working_each_.erase(owner);
}

/// Forgets ended tasks whose time is over, and more of them until there are at most so many. Those
/// can be asked for still, in the registry. Under the lock.
void mcp_tasks::make_room() {
  const auto time = now();
  while (!ended_.empty() && (ended_.begin()->first < time || tasks_.size() > bounds_.all_max)) {
    tasks_.erase(ended_.begin()->second);
    ended_.erase(ended_.begin());
  }
}

void mcp_tasks::sweep() {
  {
    const std::lock_guard guard{mutex_};
    const auto time = now();
    if (time < swept_millis_ + static_cast<std::uint64_t>(bounds_.sweep.count())) return;
    swept_millis_ = time;
  }
  sweep_tasks(all_);
}

// ---- a task's beginning, steps and end ------------------------------------------------------

void mcp_tasks::start(const mcp_tool& tool, const tool_caller& caller,
                      const core::json_value& arguments, const std::optional<asked_for>& as_asked,
                      actors::callback<task_begun> then) {
  const auto id = make_token();
  if (!id) return then(id.error());
  sweep();
  entry made;
  made.kept.owner = caller.shown.who.name;
  made.home = caller.kept;
  made.as = alone(caller, nullptr);
  const auto time = now();
  made.kept.told = {*id, task_status::working, time, time,
                    ttl_of(arguments, as_asked ? as_asked->ttl_millis : std::nullopt, time)};
  const bool has_place = take_place(made.kept.owner);
  if (!has_place && as_asked)
    return then(core::overloaded("too many tasks are under way: call without one, or later"));
  if (!has_place)
    return tool.run(caller, arguments, [then = std::move(then)](tool_result result) {
      then(task_begun{std::move(result)});
    });
  made.kept.arguments = waiting_arguments(caller, arguments);
  tool.run(beginning(caller), arguments,
           [self = shared_from_this(), made = std::move(made), caller, then = std::move(then)](
               const tool_result& first) { self->begun(made, caller, first, then); });
}

/// The tool has taken the arguments, or not.
void mcp_tasks::begun(entry made, const tool_caller& caller, const tool_result& first,
                      const actors::callback<task_begun>& then) {
  auto& kept = made.kept;
  const auto cursor = cursor_in(first);
  if (first.failed || !cursor) leave_place(kept.owner);
  if (first.failed) return then(task_begun{first});
  if (cursor) {
    kept.arguments = going_on(kept.arguments, *cursor);
  } else {
    kept.told.status = task_status::completed;
    kept.told.result = first;
  }
  write_task(all_, kept,
             [self = shared_from_this(), made, caller,
              then](const core::outcome<core::registry_written>& written) mutable {
               if (written) {
                 made.kept.version = written->value_or(0);
                 const auto told = made.kept.told;
                 self->add(std::move(made));
                 return then(task_begun{told});
               }
               if (made.kept.told.status == task_status::working)
                 self->leave_place(made.kept.owner);
               self->cancel_wait(made.kept, caller,
                                 [then, why = written.error()](bool) { then(why); });
             });
}

/// Has its place when it works.
void mcp_tasks::add(entry made) {
  const auto id = made.kept.told.id;
  const bool works = made.kept.told.status == task_status::working;
  {
    const std::lock_guard guard{mutex_};
    if (!works) ended_.emplace(made.kept.told.expiry_millis(), id);
    tasks_.emplace(id, std::move(made));
    make_room();
  }
  if (works) step(id);
}

/// What ends a working task whatever it waits for.
std::optional<tool_result> mcp_tasks::fault_of(const entry& task, bool goes_on) const {
  if (const auto& revoked = task.as->shown.who.revoked; revoked && revoked->begun())
    return tool_failure("whoever began this task may not do so any more");
  if (goes_on && task.kept.told.expiry_millis() < now())
    return tool_failure("the task's time is over");
  return std::nullopt;
}

void mcp_tasks::step(const std::string& id) {
  std::string arguments;
  tool_caller with;
  std::optional<tool_result> fault;
  {
    const std::lock_guard guard{mutex_};
    const auto found = tasks_.find(id);
    if (found == tasks_.end() || stopped_) return;
    auto& task = found->second;
    if (task.over || !task.as) return;
    arguments = task.kept.arguments;
    task.needless = std::make_shared<std::atomic<bool>>(false);
    with = alone(*task.as, task.needless);
    fault = fault_of(task, true);
  }
  if (fault) return end(id, task_status::failed, std::move(fault));
  const auto tree = core::parse_json(arguments);
  if (!tree) return end(id, task_status::failed, tool_failure(tree.error()));
  // The server's end is none of its tasks: they go on at the next one.
  if (with.when_ending)
    with.when_ending = [self = shared_from_this(),
                        told = with.when_ending](std::function<void()> then) {
      return told([self, then = std::move(then)] {
        self->stopped_ = true;
        then();
      });
    };
  waiting_tool().run(
      with, tree->root(),
      [self = shared_from_this(), id](const tool_result& result) { self->stepped(id, result); });
}

void mcp_tasks::stepped(const std::string& id, const tool_result& result) {
  const auto cursor = cursor_in(result);
  std::optional<tool_result> fault;
  {
    const std::lock_guard guard{mutex_};
    const auto found = tasks_.find(id);
    if (found == tasks_.end() || found->second.cancelling || !found->second.as) return;
    fault = fault_of(found->second, cursor.has_value());
    auto& arguments = found->second.kept.arguments;
    if (cursor) arguments = going_on(arguments, *cursor);
  }
  if (fault) return end(id, task_status::failed, std::move(fault));
  if (!cursor) return end(id, result.failed ? task_status::failed : task_status::completed, result);
  // It may have been ended by another process on the store.
  read_task(all_, id,
            [self = shared_from_this(), id](const core::outcome<std::optional<kept_task>>& row) {
              if (row && *row) self->ended(id, (*row)->told);
              self->step(id);
            });
}

/// Ends it once the store has that, so that it never works again.
void mcp_tasks::end(const std::string& id, task_status status, std::optional<tool_result> result) {
  {
    const std::lock_guard guard{mutex_};
    const auto found = tasks_.find(id);
    if (found == tasks_.end() || found->second.over || found->second.ending) return;
    auto& ending = found->second.ending.emplace(found->second.kept.told);
    ending.status = status;
    ending.updated_millis = now();
    ending.result = std::move(result);
  }
  write_end(id);
}

void mcp_tasks::write_end(const std::string& id) {
  kept_task wanted;
  {
    const std::lock_guard guard{mutex_};
    const auto found = tasks_.find(id);
    if (found == tasks_.end() || !found->second.ending || found->second.writing) return;
    found->second.writing = true;
    wanted = found->second.kept;
    wanted.told = *found->second.ending;
  }
  write_task(all_, wanted,
             [self = shared_from_this(), id,
              wanted](const core::outcome<core::registry_written>& written) {
               if (!written) return self->not_ended(id);
               if (*written) return self->ended(id, wanted.told);
               // Another process ended it before; or nobody may ask for it any more.
               read_task(self->all_, id,
                         [self, id, wanted](const core::outcome<std::optional<kept_task>>& row) {
                           const bool other = row && *row;
                           self->ended(id, other ? (*row)->told : wanted.told);
                         });
             });
}

void mcp_tasks::ended(const std::string& id, const task_told& told) {
  if (told.status == task_status::working) return;
  std::vector<awaiting> waiting;
  std::string owner;
  {
    const std::lock_guard guard{mutex_};
    const auto found = tasks_.find(id);
    if (found == tasks_.end() || std::exchange(found->second.over, true)) return;
    if (const auto& needless = found->second.needless) *needless = true;
    found->second.kept.told = told;
    found->second.ending.reset();
    owner = found->second.kept.owner;
    waiting = std::exchange(found->second.waiting, {});
    ended_.emplace(told.expiry_millis(), id);
  }
  leave_place(owner);
  tell(waiting, told);
}

/// The store did not take its end: it is tried again when somebody asks for the task.
void mcp_tasks::not_ended(const std::string& id) {
  std::vector<awaiting> waiting;
  std::optional<task_told> told;
  {
    const std::lock_guard guard{mutex_};
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) return;
    found->second.writing = false;
    waiting = std::exchange(found->second.waiting, {});
    told = found->second.kept.told;
  }
  tell(waiting, told);
}

}  // namespace agentpool::tools
