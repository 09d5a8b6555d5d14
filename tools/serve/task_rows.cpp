#include "task_rows.hpp"

#include <charconv>
#include <utility>
#include <vector>

#include "agentpool/core/digest.hpp"
#include "agentpool/core/json_fields.hpp"
#include "sealed_text.hpp"

namespace agentpool::tools {

namespace {

constexpr std::string_view space = "serve.task";
constexpr std::size_t rows_a_sweep = 1'000;

/// What is sealed of a task. Its result has one of the two texts.
struct task_row {
  std::string owner;
  std::string arguments;
  task_status status{};
  std::uint64_t created_millis = 0;
  std::uint64_t updated_millis = 0;
  std::uint64_t ttl_millis = 0;
  std::optional<std::string> structured;
  std::optional<std::string> failure;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("owner", self.owner);
    visit("arguments", self.arguments);
    visit("status", self.status);
    visit("created_millis", self.created_millis);
    visit("updated_millis", self.updated_millis);
    visit("ttl_millis", self.ttl_millis);
    visit("structured", self.structured);
    visit("failure", self.failure);
  }
};

std::string written(const kept_task& task) {
  const auto& told = task.told;
  task_row row{task.owner,          task.arguments,  told.status, told.created_millis,
               told.updated_millis, told.ttl_millis, {},          {}};
  if (told.result && told.result->failed) row.failure = told.result->text;
  if (told.result && !told.result->failed) row.structured = told.result->structured;
  return core::written(row);
}

std::optional<kept_task> read(const std::string& id, const core::registry_row& from) {
  const std::string_view value = from.value;
  const auto text = unsealed(value.substr(value.find(':') + 1), id);
  if (!text) return std::nullopt;
  const auto tree = core::parse_json(*text);
  if (!tree) return std::nullopt;
  auto row = core::read_json<task_row>(tree->root());
  if (!row) return std::nullopt;
  kept_task task{{id, row->status, row->created_millis, row->updated_millis, row->ttl_millis},
                 std::move(row->owner),
                 std::move(row->arguments),
                 from.version};
  if (row->structured) task.told.result = tool_result{*std::move(row->structured)};
  if (row->failure) task.told.result = tool_failure(*std::move(row->failure));
  return task;
}

/// A row's value says in front of what is sealed when it may go: "1795824046280:…".
std::optional<std::uint64_t> expiry_of(std::string_view value) {
  std::uint64_t millis = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), millis);
  if (fault != std::errc{} || end == value.data() + value.size() || *end != ':')
    return std::nullopt;
  return millis;
}

}  // namespace

void write_task(const std::shared_ptr<const service>& all, const kept_task& task,
                actors::callback<core::registry_written> then) {
  const auto value = sealed(written(task), task.told.id);
  if (!value) return then(core::host_configuration_needed("the system has no random bytes"));
  all->engine.write_registry(
      {{std::string{space}, core::sha256_hex(task.told.id),
        std::to_string(task.told.expiry_millis()) + ":" + *value, task.version}},
      [then = std::move(then)](const core::outcome<std::vector<core::registry_written>>& rows) {
        if (rows) return then(rows->front());
        const bool at_nodes =
            rows.error().kind == core::agent_error_kind::host_configuration_needed;
        if (at_nodes) return then(core::registry_written{0});
        then(rows.error());
      });
}

void read_task(const std::shared_ptr<const service>& all, const std::string& id,
               actors::callback<std::optional<kept_task>> then) {
  all->engine.read_registry(
      {std::string{space}, core::sha256_hex(id)},
      [id, then = std::move(then)](const core::outcome<std::vector<core::registry_row>>& rows) {
        if (rows) return then(rows->empty() ? std::nullopt : read(id, rows->front()));
        const bool at_nodes =
            rows.error().kind == core::agent_error_kind::host_configuration_needed;
        if (at_nodes) return then(std::optional<kept_task>{});
        then(rows.error());
      });
}

void sweep_tasks(const std::shared_ptr<const service>& all, const std::string& after) {
  all->engine.read_registry(
      {.space = std::string{space}, .after = after, .rows_max = rows_a_sweep},
      [all](const core::outcome<std::vector<core::registry_row>>& rows) {
        if (!rows || rows->empty()) return;
        const auto now = core::to_millis(all->clock->now());
        std::vector<core::registry_write> removals;
        for (const auto& row : *rows)
          if (const auto expiry = expiry_of(row.value); !expiry || *expiry < now)
            removals.push_back({row.space, row.key, std::nullopt, row.version});
        if (!removals.empty()) all->engine.write_registry(std::move(removals), [](const auto&) {});
        if (rows->size() == rows_a_sweep) sweep_tasks(all, rows->back().key);
      });
}

}  // namespace agentpool::tools
