#include "mcp_tasks.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "agentpool/core/digest.hpp"
#include "agentpool/core/json_fields.hpp"
#include "sealed_text.hpp"
#include "token_book.hpp"

namespace agentpool::tools {

namespace {

constexpr std::string_view space = "serve.task";
constexpr std::size_t rows_a_sweep = 1'000;
constexpr std::uint64_t ttl_default = 3'600'000;
constexpr std::uint64_t ttl_most = 7 * 86'400'000ULL;

/// What stands in the registry, sealed by the task's id.
struct task_row {
  std::string tool;
  std::string arguments;
  std::string owner;
  std::uint64_t created_millis = 0;
  std::uint64_t ttl_millis = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("tool", self.tool);
    visit("arguments", self.arguments);
    visit("owner", self.owner);
    visit("created_millis", self.created_millis);
    visit("ttl_millis", self.ttl_millis);
  }
};

/// The arguments as an object, with one of them set.
std::string with(const core::json_value& arguments, std::string_view name, std::string_view value) {
  std::string out = "{";
  for (const auto argument : arguments) {
    if (argument.key() == name) continue;
    core::write_json_string(out, argument.key());
    out += ':' + argument.compact() + ',';
  }
  core::write_json_string(out, name);
  out += ':';
  core::write_json_string(out, value);
  return out + '}';
}

/// A row's value says in front of what is sealed when it may go: "1795824046280:…".
std::optional<std::uint64_t> expiry_of(std::string_view value) {
  std::uint64_t millis = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), millis);
  if (fault != std::errc{} || end == value.data() + value.size() || *end != ':')
    return std::nullopt;
  return millis;
}

const mcp_tool& waiting_tool() { return waiting_tools().front(); }

}  // namespace

std::uint64_t mcp_tasks::now() const { return core::to_millis(all_->clock->now()); }

void mcp_tasks::start(const mcp_tool& tool, tool_caller caller, const core::json_value& arguments,
                      std::optional<std::uint64_t> ttl_millis, actors::callback<task_told> then) {
  const auto id = make_token();
  if (!id) return then(id.error());
  entry made;
  made.owner = caller.shown.who.name;
  made.home = caller.kept;
  made.told = {*id, task_status::working, now(), now(),
               std::clamp<std::uint64_t>(ttl_millis.value_or(ttl_default), 1'000, ttl_most)};
  // Started anew, it is the same wait by the same key.
  const bool keyed = arguments.find("idempotency_key") || arguments.find("cursor");
  made.arguments = keyed ? arguments.compact() : with(arguments, "idempotency_key", "task." + *id);
  if (!arguments.find("session_token") && caller.kept) {
    const auto tree = core::parse_json(made.arguments);
    const auto pool = arguments.find("pool_id");
    const auto run = arguments.find("run_id");
    if (tree && pool && run && pool->is(core::json_kind::string) &&
        run->is(core::json_kind::string) && core::identifier_fault(pool->text()).empty() &&
        core::identifier_fault(run->text()).empty())
      if (const auto token =
              caller.kept->find(core::pool_id{pool->text()}, core::run_id{run->text()}))
        made.arguments = with(tree->root(), "session_token", *token);
  }
  forget_old();
  {
    const std::lock_guard guard{mutex_};
    if (tasks_.size() >= tasks_max)
      return then(core::overloaded("too many tasks are under way: repeat later"));
  }
  const task_row row{std::string{tool.name}, made.arguments, made.owner, made.told.created_millis,
                     made.told.ttl_millis};
  auto value = sealed(core::written(row), *id);
  if (!value) return then(core::host_configuration_needed("the system has no random bytes"));
  all_->engine.write_registry(
      {{std::string{space}, core::sha256_hex(*id),
        std::to_string(row.created_millis + row.ttl_millis) + ":" + *value, 0}},
      [self = shared_from_this(), made = std::move(made), caller = std::move(caller),
       then = std::move(then)](const auto& written) {
        // With pools at nodes there is no registry here: then the task ends with the server.
        if (!written && written.error().kind != core::agent_error_kind::host_configuration_needed)
          return then(written.error());
        self->add(made, caller);
        then(made.told);
      });
}

void mcp_tasks::add(entry made, tool_caller caller) {
  const auto id = made.told.id;
  // It is nobody's call that could be told to come again, and tasks have a bound of their own.
  caller.when_ending = nullptr;
  caller.room = nullptr;
  caller.shown.gone = nullptr;
  {
    const std::lock_guard guard{mutex_};
    if (!tasks_.emplace(id, std::move(made)).second) return;
  }
  step(id, caller);
}

void mcp_tasks::step(const std::string& id, const tool_caller& caller) {
  std::string arguments;
  {
    const std::lock_guard guard{mutex_};
    const auto found = tasks_.find(id);
    if (found == tasks_.end() || found->second.told.status != task_status::working) return;
    arguments = found->second.arguments;
  }
  const auto tree = core::parse_json(arguments);
  if (!tree) return end(id, task_status::failed, tool_failure(tree.error()));
  waiting_tool().run(caller, tree->root(),
                     [self = shared_from_this(), id, caller](const tool_result& result) {
                       self->stepped(id, caller, result);
                     });
}

void mcp_tasks::stepped(const std::string& id, const tool_caller& caller,
                        const tool_result& result) {
  if (result.failed) return end(id, task_status::failed, result);
  const auto tree = core::parse_json(result.structured);
  const auto status = tree ? tree->root().find("status") : std::nullopt;
  if (!status || status->text() != "waiting") return end(id, task_status::completed, result);
  const auto cursor = tree->root().find("cursor");
  if (!cursor) return end(id, task_status::failed, result);
  {
    const std::lock_guard guard{mutex_};
    const auto found = tasks_.find(id);
    if (found == tasks_.end()) return;
    const auto before = core::parse_json(found->second.arguments);
    if (before) found->second.arguments = with(before->root(), "cursor", cursor->text());
  }
  step(id, caller);
}

void mcp_tasks::end(const std::string& id, task_status status, std::optional<tool_result> result) {
  std::vector<std::function<void(std::optional<task_told>)>> waiting;
  task_told told;
  {
    const std::lock_guard guard{mutex_};
    const auto found = tasks_.find(id);
    if (found == tasks_.end() || found->second.told.status != task_status::working) return;
    found->second.told.status = status;
    found->second.told.updated_millis = now();
    found->second.told.result = std::move(result);
    waiting = std::exchange(found->second.waiting, {});
    told = found->second.told;
  }
  for (const auto& then : waiting) then(told);
}

/// The task; one of an earlier life of the server is gone on with.
void mcp_tasks::find(const std::string& id, tool_caller caller,
                     std::function<void(std::optional<task_told>)> then) {
  std::optional<task_told> known;
  forget_old();
  {
    const std::lock_guard guard{mutex_};
    if (const auto found = tasks_.find(id); found != tasks_.end()) known = found->second.told;
  }
  if (known) return then(std::move(known));
  all_->engine.read_registry(
      {std::string{space}, core::sha256_hex(id)},
      [self = shared_from_this(), id, caller = std::move(caller),
       then = std::move(then)](const core::outcome<std::vector<core::registry_row>>& rows) {
        if (!rows || rows->empty()) return then(std::nullopt);
        const std::string_view value = rows->front().value;
        const auto text = unsealed(value.substr(value.find(':') + 1), id);
        const auto tree = text ? core::parse_json(*text) : core::store_corrupt("not sealed so");
        const auto row = tree ? core::read_json<task_row>(tree->root()) : tree.error();
        if (!row || self->now() > row->created_millis + row->ttl_millis) return then(std::nullopt);
        entry made;
        made.owner = row->owner;
        made.arguments = row->arguments;
        made.told = {id, task_status::working, row->created_millis, self->now(), row->ttl_millis};
        const auto told = made.told;
        self->add(std::move(made), caller);
        then(told);
      });
}

void mcp_tasks::get(const std::string& id, tool_caller caller,
                    std::function<void(std::optional<task_told>)> then) {
  find(id, std::move(caller), std::move(then));
}

void mcp_tasks::await(const std::string& id, tool_caller caller,
                      std::function<void(std::optional<task_told>)> then) {
  find(id, std::move(caller),
       [self = shared_from_this(), id, then = std::move(then)](std::optional<task_told> told) {
         if (!told || told->status != task_status::working) return then(std::move(told));
         {
           const std::lock_guard guard{self->mutex_};
           const auto found = self->tasks_.find(id);
           if (found != self->tasks_.end() && found->second.told.status == task_status::working) {
             found->second.waiting.push_back(then);
             return;
           }
           if (found != self->tasks_.end()) told = found->second.told;
         }
         then(std::move(told));
       });
}

void mcp_tasks::cancel(const std::string& id, tool_caller caller,
                       std::function<void(std::optional<task_told>)> then) {
  find(id, std::move(caller),
       [self = shared_from_this(), id, then = std::move(then)](std::optional<task_told> told) {
         if (!told) return then(std::move(told));
         self->end(id, task_status::cancelled, std::nullopt);
         {
           const std::lock_guard guard{self->mutex_};
           const auto found = self->tasks_.find(id);
           if (found != self->tasks_.end()) told = found->second.told;
         }
         then(std::move(told));
       });
}

/// Rows of tasks that nobody may ask for any more, perhaps of earlier lives of the server.
void mcp_tasks::sweep(const std::string& after) {
  all_->engine.read_registry(
      {.space = std::string{space}, .after = after, .rows_max = rows_a_sweep},
      [self = shared_from_this()](const core::outcome<std::vector<core::registry_row>>& rows) {
        if (!rows || rows->empty()) return;
        std::vector<core::registry_write> removals;
        for (const auto& row : *rows)
          if (const auto expiry = expiry_of(row.value); !expiry || *expiry < self->now())
            removals.push_back({row.space, row.key, std::nullopt, row.version});
        if (!removals.empty())
          self->all_->engine.write_registry(std::move(removals), [](const auto&) {});
        if (rows->size() == rows_a_sweep) self->sweep(rows->back().key);
      });
}

std::vector<task_told> mcp_tasks::list(const tool_caller& caller) const {
  const auto& who = caller.shown.who;
  std::vector<task_told> all;
  const std::lock_guard guard{mutex_};
  for (const auto& [id, each] : tasks_) {
    const bool at_home = caller.kept && each.home.lock() == caller.kept;
    if (each.owner == who.name && (who.proven || at_home)) all.push_back(each.told);
  }
  return all;
}

/// Those, too, that still work: whoever waits for one is told that it is gone.
void mcp_tasks::forget_old() {
  std::vector<std::function<void(std::optional<task_told>)>> waiting;
  {
    const std::lock_guard guard{mutex_};
    const auto now = this->now();
    for (auto each = tasks_.begin(); each != tasks_.end();) {
      auto& task = each->second;
      const bool old = now > task.told.created_millis + task.told.ttl_millis;
      if (old) std::move(task.waiting.begin(), task.waiting.end(), std::back_inserter(waiting));
      each = old ? tasks_.erase(each) : std::next(each);
    }
  }
  for (const auto& then : waiting) then(std::nullopt);
}

}  // namespace agentpool::tools
