#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agentpool/core/registry.hpp"
#include "tool_call.hpp"

/// Tasks as the store's registry keeps them, each sealed by its id: only who has that reads it.
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

  [[nodiscard]] std::uint64_t expiry_millis() const { return created_millis + ttl_millis; }
};

/// All that is kept of a task: how to go on with it, or how it ended.
struct kept_task {
  task_told told;
  std::string owner;
  std::string arguments;      ///< JSON, of the tool's next call.
  std::uint64_t version = 0;  ///< Of its row; 0: it has none.
};

/// Writes the task's row, should that still have the task's version. Gives the new one; nothing
/// when another process wrote or removed the row. With pools at nodes there is no registry here:
/// then it gives 0.
void write_task(const std::shared_ptr<const service>& all, const kept_task& task,
                actors::callback<core::registry_written> then);

/// Reads the task; nothing when there is no row of it. With pools at nodes there is none.
void read_task(const std::shared_ptr<const service>& all, const std::string& id,
               actors::callback<std::optional<kept_task>> then);

/// Removes the rows of tasks that nobody may ask for any more, after that key ("" for all).
void sweep_tasks(const std::shared_ptr<const service>& all, const std::string& after = {});

}  // namespace agentpool::tools

template <>
struct agentpool::core::enum_text<agentpool::tools::task_status> {
  static constexpr std::string_view type = "TaskStatus";
  static constexpr std::array<std::string_view, 4> values{"working", "completed", "failed",
                                                          "cancelled"};
};
