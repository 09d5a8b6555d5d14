// What may be asked of a task: how it is, to be told of its end, to end it.
#include <algorithm>
#include <atomic>
#include <iterator>
#include <utility>

#include "kept_waits.hpp"
#include "mcp_tasks.hpp"
#include "task_arguments.hpp"

namespace agentpool::tools {

std::optional<task_told> mcp_tasks::known(const std::string& id) {
  const std::lock_guard guard{mutex_};
  make_room();
  const auto found = tasks_.find(id);
  if (found == tasks_.end()) return std::nullopt;
  return found->second.kept.told;
}

/// What the store says of a task: one of an earlier life of the server is gone on with, and one
/// that another process ended has ended. Gives it as it is.
std::optional<task_told> mcp_tasks::take_row(kept_task row, const tool_caller& caller) {
  const auto told = row.told;
  if (told.expiry_millis() < now()) return std::nullopt;
  if (told.status != task_status::working) {
    ended(told.id, told);
    return told;
  }
  {
    const std::lock_guard guard{mutex_};
    entry made;
    made.kept = std::move(row);
    const auto [at, is_new] = tasks_.emplace(told.id, std::move(made));
    auto& task = at->second;
    if (is_new) {
      ++working_;
      ++working_each_[task.kept.owner];
    }
    // It goes on as nobody else, whoever has its id.
    if (task.as || task.kept.owner != caller.shown.who.name) return task.kept.told;
    task.as = alone(caller, nullptr);
  }
  step(told.id);
  return told;
}

void mcp_tasks::get(const std::string& id, const tool_caller& caller, told_callback then) {
  auto told = known(id);
  if (told && told->status != task_status::working) return then(std::move(told));
  write_end(id);
  read_task(all_, id,
            [self = shared_from_this(), id, caller,
             then = std::move(then)](core::outcome<std::optional<kept_task>> row) {
              if (row && *row) return then(self->take_row(**std::move(row), caller));
              then(self->known(id));
            });
}

void mcp_tasks::await_known(const std::string& id, const tool_caller& caller, told_callback then) {
  std::optional<task_told> told;
  std::vector<awaiting> gone;
  {
    const std::lock_guard guard{mutex_};
    const auto found = tasks_.find(id);
    if (found != tasks_.end()) {
      auto& task = found->second;
      const bool not_taken = task.ending && !task.writing;  // by the store, which is told
      told = task.kept.told;
      if (told->status == task_status::working && !not_taken) {
        const auto left =
            std::stable_partition(task.waiting.begin(), task.waiting.end(),
                                  [](const awaiting& each) { return !each.gone || !*each.gone; });
        gone.assign(std::make_move_iterator(left), std::make_move_iterator(task.waiting.end()));
        task.waiting.erase(left, task.waiting.end());
        task.waiting.push_back({std::exchange(then, nullptr), caller.shown.gone});
      }
    }
  }
  tell(gone, told);
  if (then) then(std::move(told));
}

void mcp_tasks::tell(const std::vector<awaiting>& waiting, const std::optional<task_told>& told) {
  for (const auto& each : waiting) each.then(told);
}

void mcp_tasks::await(const std::string& id, const tool_caller& caller, told_callback then) {
  get(id, caller,
      [self = shared_from_this(), id, caller,
       then = std::move(then)](std::optional<task_told> told) {
        if (!told || told->status != task_status::working) return then(std::move(told));
        self->await_known(id, caller, then);
      });
}

/// A wake condition that lived on would be woken in place of the next wait for the same. Its row
/// goes first: equal waits of the run see by that that it is not they who are cancelled.
void mcp_tasks::cancel_wait(const kept_task& task, const tool_caller& as,
                            const std::function<void(bool)>& then) {
  const auto wake = wake_of(task.arguments);
  if (!wake) return then(false);
  const auto desk = desk_of(as, wake->pool, wake->run, wake->token);
  const auto cancel = [desk, wake, then] {
    desk->submit(wake->pool, core::cancel_wake{wake->id}, {},
                 [desk, then](const core::outcome<core::answer>& answered) {
                   if (!answered) return then(false);
                   const auto status = std::get<core::wake_registration>(*answered).status;
                   then(status != core::wake_registration_status::cancelled);
                 });
  };
  const auto forget = [all = all_, desk, wake, then,
                       cancel](const core::outcome<core::answer>& report) {
    // A cursor may be made up.
    if (!report || std::get<core::wake_report>(*report).registration.run_id != wake->run)
      return then(false);
    if (wake->kept_key.empty()) return cancel();
    forget_wait(all->engine, wake->kept_key, wake->id, cancel);
  };
  desk->check_acting(wake->pool, wake->run, false,
                     [desk, wake, then, forget](const core::outcome<run_sender>& may) {
                       if (!may) return then(false);
                       desk->submit(wake->pool, core::read_wake{wake->id}, {}, forget);
                     });
}

void mcp_tasks::cancelled(const std::string& id, bool too_late) {
  if (!too_late) return end(id, task_status::cancelled, std::nullopt);
  {
    const std::lock_guard guard{mutex_};
    const auto found = tasks_.find(id);
    if (found != tasks_.end()) found->second.cancelling = false;
  }
  step(id);
}

void mcp_tasks::cancel(const std::string& id, const tool_caller& caller, told_callback then) {
  get(id, caller,
      [self = shared_from_this(), id, caller,
       then = std::move(then)](std::optional<task_told> told) {
        if (!told || told->status != task_status::working) return then(std::move(told));
        kept_task task;
        auto as = alone(caller, nullptr);
        {
          const std::lock_guard guard{self->mutex_};
          const auto found = self->tasks_.find(id);
          if (found != self->tasks_.end()) {
            found->second.cancelling = true;
            if (const auto& needless = found->second.needless) *needless = true;
            task = found->second.kept;
            if (found->second.as) as = *found->second.as;
          }
        }
        self->cancel_wait(task, as, [self, id, caller, then](bool too_late) {
          self->cancelled(id, too_late);
          self->await_known(id, caller, then);
        });
      });
}

std::vector<task_told> mcp_tasks::list(const tool_caller& caller) {
  const auto& who = caller.shown.who;
  std::vector<task_told> all;
  const std::lock_guard guard{mutex_};
  make_room();
  for (const auto& [id, each] : tasks_) {
    const bool at_home = caller.kept && each.home.lock() == caller.kept;
    if (each.kept.owner == who.name && (who.proven || at_home)) all.push_back(each.kept.told);
  }
  return all;
}

}  // namespace agentpool::tools
