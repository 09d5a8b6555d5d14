#include "mcp_server.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "once.hpp"
#include "tools/version.hpp"

namespace agentpool::tools {

namespace {

constexpr std::uint64_t catalogue_ttl = 300'000;  ///< Milliseconds; tools come with the program.

constexpr std::string_view instructions =
    "agentpool lets agents find each other in a pool, send each other messages and wait for each "
    "other. Call pool_join first and keep the run_id and session_token that it gives you: every "
    "other call needs them. Send with pool_send, wait with pool_wait (never poll), read with "
    "pool_inbox, acknowledge with pool_ack once you have dealt with a message, and call pool_leave "
    "when you are done. When something does not come, ask pool_why.";

void field(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty() && out.back() != '{') out += ',';
  core::write_json_string(out, name);
  out += ':';
  core::write_json_string(out, value);
}

mcp_fault invalid_params(std::string message) {
  return {mcp_code::invalid_params, std::move(message)};
}

mcp_fault fault_of(const core::agent_error& error) {
  return {mcp_code::internal_error, to_text(error)};
}

/// Tools know of tasks since that revision.
bool has_tasks(const mcp_call& call) {
  if (call.message.era == mcp_era::modern) return false;
  return call.connection && call.connection->version() == mcp_legacy_versions.front();
}

std::string tool_answer(const tool_result& result) {
  std::string out = R"("content":[{"type":"text","text":)";
  core::write_json_string(out, result.failed ? result.text : result.structured);
  out += "}]";
  if (!result.structured.empty()) out += ",\"structuredContent\":" + result.structured;
  out += result.failed ? ",\"isError\":true" : ",\"isError\":false";
  return out;
}

// ---- tasks ----------------------------------------------------------------------------------

/// A tool that failed makes its task failed in the era of handshakes, and completed in the other.
std::string task_fields(const task_told& task, mcp_era era) {
  const bool modern = era == mcp_era::modern;
  auto status = task.status;
  if (modern && status == task_status::failed) status = task_status::completed;
  std::string out;
  field(out, "taskId", task.id);
  field(out, "status", core::to_text(status));
  field(out, "createdAt", core::rfc3339(task.created_millis));
  field(out, "lastUpdatedAt", core::rfc3339(task.updated_millis));
  out += std::string{modern ? ",\"ttlMs\":" : ",\"ttl\":"} + std::to_string(task.ttl_millis);
  out += modern ? ",\"pollIntervalMs\":1000" : ",\"pollInterval\":1000";
  return out;
}

std::optional<std::uint64_t> number_in(const std::optional<core::json_value>& object,
                                       std::string_view name) {
  const auto found = object ? object->find(name) : std::nullopt;
  if (!found || !found->is(core::json_kind::number)) return std::nullopt;
  const auto read = core::read_json<std::uint64_t>(*found);
  if (!read) return std::nullopt;
  return *read;
}

mcp_fault no_task() { return invalid_params("taskId: nobody knows this task (any more)"); }

/// Why a resource is not read or watched; a pool that was never opened has none.
mcp_fault resource_fault(mcp_era era, const std::string& uri,
                         const std::optional<core::agent_error>& error) {
  if (error && error->kind != core::agent_error_kind::host_configuration_needed)
    return fault_of(*error);
  std::string data = "{";
  field(data, "uri", uri);
  const bool modern = era == mcp_era::modern;
  return {modern ? mcp_code::invalid_params : mcp_code::resource_not_found, "no such resource",
          data + '}'};
}

/// Of a task that is to have ended and works.
mcp_fault end_not_stored() {
  return {mcp_code::internal_error, "the store did not take the task's end: ask again"};
}

}  // namespace

std::string mcp_server_info() {
  std::string out = "{";
  field(out, "name", "agentpool");
  field(out, "title", "agentpool");
  field(out, "version", version_number);
  return out + '}';
}

mcp_server::mcp_server(std::shared_ptr<const service> all)
    : all_{std::move(all)}, tasks_{std::make_shared<mcp_tasks>(all_)} {
  tasks_->sweep();
}

void mcp_server::take(const mcp_message& message,
                      const std::shared_ptr<mcp_connection>& connection) {
  if (message.method != "notifications/cancelled" || !connection) return;
  if (const auto id = mcp_param(message, "requestId")) connection->cancel(id->compact());
}

std::string mcp_server::line(const mcp_message& message, const mcp_outcome& outcome) {
  if (const auto* fault = std::get_if<mcp_fault>(&outcome))
    return mcp_error_line(message.id, *fault);
  const auto& result = std::get<mcp_result>(outcome);
  if (message.era == mcp_era::legacy) return mcp_result_line(message.id, result.fields);
  std::string all = result.is_task ? R"("resultType":"task")" : R"("resultType":"complete")";
  if (!result.fields.empty()) all += ',' + result.fields;
  if (result.ttl_millis)
    all += ",\"ttlMs\":" + std::to_string(*result.ttl_millis) + ",\"cacheScope\":\"" +
           (result.is_public ? "public" : "private") + '"';
  all += R"(,"_meta":{"io.modelcontextprotocol/serverInfo":)" + mcp_server_info() + '}';
  return mcp_result_line(message.id, all);
}

// ---- methods --------------------------------------------------------------------------------

/// A row of the method table.
struct mcp_server::method_row {
  std::string_view name;
  bool legacy = false;
  bool modern = false;
  void (*run)(mcp_server&, const std::shared_ptr<const mcp_call>&, const mcp_callback&);
};

namespace {

void initialize(const mcp_call& call, const mcp_callback& then) {
  const auto wanted = mcp_text(call.message, "protocolVersion");
  if (!wanted) return then(invalid_params("protocolVersion is missing"));
  const auto version = mcp_legacy_version_for(*wanted);
  const auto client = text_in(mcp_param(call.message, "clientInfo"), "name").value_or("");
  if (call.connection) call.connection->greet(std::string{client}, std::string{version});
  std::string out;
  field(out, "protocolVersion", version);
  out += R"(,"capabilities":{"tools":{"listChanged":false},)"
         R"("resources":{"subscribe":true,"listChanged":false})";
  if (version == mcp_legacy_versions.front())
    out += R"(,"tasks":{"list":{},"cancel":{},"requests":{"tools":{"call":{}}}})";
  out += "},\"serverInfo\":" + mcp_server_info();
  field(out, "instructions", instructions);
  then(mcp_result{std::move(out)});
}

void discover(const mcp_callback& then) {
  std::string out = "\"supportedVersions\":[\"" + std::string{mcp_modern_version} +
                    R"("],"capabilities":{"tools":{},"resources":{"subscribe":true},)"
                    R"("extensions":{"io.modelcontextprotocol/tasks":{}}})";
  field(out, "instructions", instructions);
  then(mcp_result{std::move(out), catalogue_ttl, true});
}

}  // namespace

void mcp_server::run(const std::shared_ptr<const mcp_call>& call, const mcp_callback& then) {
  using self = mcp_server&;
  using call_ptr = const std::shared_ptr<const mcp_call>&;
  using back = const mcp_callback&;
  static constexpr std::array methods{
      method_row{"initialize", true, false,
                 [](self, call_ptr what, back to) { initialize(*what, to); }},
      method_row{"ping", true, false, [](self, call_ptr, back to) { to(mcp_result{}); }},
      method_row{"server/discover", false, true, [](self, call_ptr, back to) { discover(to); }},
      method_row{"tools/list", true, true,
                 [](self, call_ptr what, back to) {
                   to(mcp_result{mcp_tools_listed(has_tasks(*what)), catalogue_ttl, true});
                 }},
      method_row{"tools/call", true, true,
                 [](self at, call_ptr what, back to) { at.call_tool(what, to); }},
      method_row{"resources/list", true, true,
                 [](self at, call_ptr what, back to) { at.list_resources(what, to); }},
      method_row{"resources/templates/list", true, true,
                 [](self, call_ptr, back to) {
                   to(mcp_result{resource_templates(), catalogue_ttl, true});
                 }},
      method_row{"resources/read", true, true,
                 [](self at, call_ptr what, back to) { at.read_resource(what, to); }},
      method_row{"resources/subscribe", true, false,
                 [](self at, call_ptr what, back to) { at.subscribe(what, to); }},
      method_row{"resources/unsubscribe", true, false,
                 [](self at, call_ptr what, back to) { at.subscribe(what, to); }},
      method_row{"tasks/get", true, true,
                 [](self at, call_ptr what, back to) { at.run_task_method(what, to); }},
      method_row{"tasks/result", true, false,
                 [](self at, call_ptr what, back to) { at.run_task_method(what, to); }},
      method_row{"tasks/list", true, false,
                 [](self at, call_ptr what, back to) { at.run_task_method(what, to); }},
      method_row{"tasks/update", false, true,
                 [](self at, call_ptr what, back to) { at.run_task_method(what, to); }},
      method_row{"tasks/cancel", true, true,
                 [](self at, call_ptr what, back to) { at.run_task_method(what, to); }},
  };
  const bool modern = call->message.era == mcp_era::modern;
  const auto* const row = std::find_if(methods.begin(), methods.end(), [&](const auto& each) {
    return each.name == call->message.method && (modern ? each.modern : each.legacy);
  });
  if (row == methods.end())
    return then(mcp_fault{mcp_code::method_not_found,
                          "no such method: " + call->message.method,
                          {},
                          modern ? 404U : 200U});
  row->run(*this, call, then);
}

void mcp_server::call_tool(const std::shared_ptr<const mcp_call>& call, const mcp_callback& then) {
  const auto name = mcp_text(call->message, "name");
  if (!name) return then(invalid_params("name: must name a tool"));
  const auto all = mcp_tools();
  const auto tool = std::find_if(all.begin(), all.end(),
                                 [&](const mcp_tool& each) { return each.name == *name; });
  if (tool == all.end()) return then(invalid_params("no such tool: " + *name));
  static const auto nothing = core::parse_json("{}");
  const auto arguments = mcp_param(call->message, "arguments").value_or(nothing->root());
  if (!arguments.is(core::json_kind::object))
    return then(invalid_params("arguments: must be an object"));
  const auto wanted = mcp_param(call->message, "task");
  const bool legacy_task = has_tasks(*call) && wanted && wanted->is(core::json_kind::object);
  if (legacy_task && !tool->waits)
    return then(mcp_fault{mcp_code::method_not_found, *name + " cannot be a task"});
  if (!legacy_task && !(call->message.knows_tasks && tool->waits))
    return tool->run(call->caller, arguments, [call, then](const tool_result& result) {
      then(mcp_result{tool_answer(result)});
    });
  std::optional<mcp_tasks::asked_for> as_asked;
  if (legacy_task) as_asked = {number_in(wanted, "ttl")};
  tasks_->start(*tool, call->caller, arguments, as_asked,
                [call, then, legacy_task](const core::outcome<task_begun>& begun) {
                  if (!begun) return then(fault_of(begun.error()));
                  const auto* result = std::get_if<tool_result>(&*begun);
                  if (result != nullptr && legacy_task) return then(invalid_params(result->text));
                  if (result != nullptr) return then(mcp_result{tool_answer(*result)});
                  const auto& task = std::get<task_told>(*begun);
                  const auto fields = task_fields(task, call->message.era);
                  if (legacy_task) return then(mcp_result{"\"task\":{" + fields + '}'});
                  then(mcp_result{fields, {}, false, true});
                });
}

// ---- resources ------------------------------------------------------------------------------

void mcp_server::list_resources(const std::shared_ptr<const mcp_call>& call,
                                const mcp_callback& then) {
  tools::list_resources(desk_of(call->caller), mcp_text(call->message, "cursor").value_or(""),
                        [then](core::outcome<std::string> fields) {
                          if (!fields) return then(fault_of(fields.error()));
                          then(mcp_result{std::move(*fields), 0});
                        });
}

void mcp_server::read_resource(const std::shared_ptr<const mcp_call>& call,
                               const mcp_callback& then) {
  const auto uri = mcp_text(call->message, "uri");
  if (!uri) return then(invalid_params("uri is missing"));
  const auto resource = resource_at(*uri);
  const auto era = call->message.era;
  if (!resource) return then(resource_fault(era, *uri, {}));
  tools::read_resource(desk_of(call->caller), *resource, *uri,
                       [then, era, uri](core::outcome<std::string> fields) {
                         if (fields) return then(mcp_result{std::move(*fields), 0});
                         then(resource_fault(era, *uri, fields.error()));
                       });
}

void mcp_server::subscribe(const std::shared_ptr<const mcp_call>& call, const mcp_callback& then) {
  const auto uri = mcp_text(call->message, "uri");
  if (!uri) return then(invalid_params("uri is missing"));
  const auto& connection = call->connection;
  if (!connection) return then(invalid_params("only a session can be told of changes"));
  if (call->message.method == "resources/unsubscribe") {
    connection->unwatch(*uri);
    return then(mcp_result{});
  }
  const auto resource = resource_at(*uri);
  if (!resource) return then(invalid_params("no such resource"));
  std::string fields;
  field(fields, "uri", *uri);
  watch_resource(
      desk_of(call->caller), *resource,
      [weak = std::weak_ptr{connection},
       line = mcp_notification_line("notifications/resources/updated", fields)] {
        if (const auto to = weak.lock()) to->notify(line);
      },
      [connection, uri = *uri, then](core::outcome<std::shared_ptr<void>> watch) {
        if (!watch) return then(resource_fault(mcp_era::legacy, uri, watch.error()));
        if (connection->watch(uri, std::move(*watch))) return then(mcp_result{});
        then(invalid_params("at most " + std::to_string(mcp_connection::watched_max) +
                            " resources can be watched at a time"));
      });
}

// ---- tasks ----------------------------------------------------------------------------------

namespace {

/// What a task is, with its result where the era puts it there.
mcp_result task_result(const mcp_call& call, const task_told& task) {
  auto fields = task_fields(task, call.message.era);
  if (call.message.era == mcp_era::modern && task.result)
    fields += ",\"result\":{" + tool_answer(*task.result) + '}';
  return {std::move(fields)};
}

/// What the call would have answered.
mcp_outcome late_answer(const task_told& task) {
  if (task.status == task_status::working) return end_not_stored();
  if (!task.result) return invalid_params("the task was cancelled: it has no result");
  std::string related = "{";
  field(related, "taskId", task.id);
  return mcp_result{tool_answer(*task.result) +
                    R"(,"_meta":{"io.modelcontextprotocol/related-task":)" + related + "}}"};
}

}  // namespace

/// Who still waits when the server ends is told to ask again: the task goes on.
void mcp_server::await_task(const std::shared_ptr<const mcp_call>& call, const std::string& id,
                            const mcp_callback& then) {
  const auto& [message, caller, at] = *call;
  const auto room = caller.room ? caller.room() : nullptr;
  if (caller.room && !room)
    return then(fault_of(core::overloaded("too many requests wait here: repeat later")));
  const auto answer = once<mcp_outcome>(then);
  const auto fails = [answer](const char* why) {
    return [answer, why] { answer(mcp_fault{mcp_code::internal_error, why}); };
  };
  const auto ending = caller.when_ending
                          ? caller.when_ending(fails("the server is about to end: ask again"))
                          : nullptr;
  if (at) at->when_cancelled(message.id, caller.shown.gone, fails("the request was taken back"));
  tasks_->await(id, caller, [answer, room, ending](const std::optional<task_told>& task) {
    answer(task ? late_answer(*task) : no_task());
  });
}

void mcp_server::run_task_method(const std::shared_ptr<const mcp_call>& call,
                                 const mcp_callback& then) {
  const auto& method = call->message.method;
  const bool modern = call->message.era == mcp_era::modern;
  if (modern && !call->message.knows_tasks)
    return then(mcp_fault{
        mcp_code::missing_capability, "the client does not say that it knows tasks",
        R"({"requiredCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})", 400});
  if (method == "tasks/list") {
    std::string out = "\"tasks\":[";
    for (const auto& task : tasks_->list(call->caller))
      out += (out.back() == '[' ? "{" : ",{") + task_fields(task, mcp_era::legacy) + '}';
    return then(mcp_result{out + ']'});
  }
  const auto id = mcp_text(call->message, "taskId");
  if (!id) return then(invalid_params("taskId is missing"));
  if (method == "tasks/result") return await_task(call, *id, then);
  if (method != "tasks/cancel")
    return tasks_->get(*id, call->caller, [call, then](const std::optional<task_told>& task) {
      if (!task) return then(no_task());
      const bool bare = call->message.method == "tasks/update";
      then(bare ? mcp_result{} : task_result(*call, *task));
    });
  cancel_task(call, *id, then);
}

/// The era of handshakes is told when it was too late, the other one never.
void mcp_server::cancel_task(const std::shared_ptr<const mcp_call>& call, const std::string& id,
                             const mcp_callback& then) {
  const bool modern = call->message.era == mcp_era::modern;
  const auto too_late = [](const task_told& task) {
    return invalid_params("the task is " + std::string{core::to_text(task.status)} +
                          " already: it cannot be cancelled");
  };
  tasks_->get(id, call->caller, [=, tasks = tasks_](const std::optional<task_told>& before) {
    if (!before) return then(no_task());
    if (before->status != task_status::working)
      return then(modern ? mcp_outcome{mcp_result{}} : too_late(*before));
    tasks->cancel(id, call->caller, [=](const std::optional<task_told>& task) {
      if (!task) return then(no_task());
      if (task->status == task_status::working) return then(end_not_stored());
      if (modern) return then(mcp_result{});
      if (task->status != task_status::cancelled) return then(too_late(*task));
      then(task_result(*call, *task));
    });
  });
}

}  // namespace agentpool::tools
