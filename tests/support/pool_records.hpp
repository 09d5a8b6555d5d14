// Makes the records that tests ask pools with, each as short as the test needs it.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "agentpool/core/commands.hpp"
#include "agentpool/core/error.hpp"
#include "agentpool/core/log.hpp"

namespace agentpool::support {

/// The permission label with that id.
[[nodiscard]] core::policy_ref permission(const std::string& id);

/// Permission labels with these ids.
[[nodiscard]] std::vector<core::policy_ref> permissions(std::initializer_list<const char*> ids);

/// A member; its agent is "agent.x" for "run.x" unless named.
[[nodiscard]] core::pool_member member(const std::string& run,
                                       std::initializer_list<const char*> topics = {},
                                       std::initializer_list<const char*> policies = {});
[[nodiscard]] core::pool_member member_of(const std::string& agent, const std::string& run);

/// A request to join as `member(…)` says.
[[nodiscard]] core::join_run join(const std::string& run,
                                  std::initializer_list<const char*> topics = {},
                                  std::initializer_list<const char*> policies = {});

/// A message with idempotency key "key.<id>" and content "content.<id>".
[[nodiscard]] core::run_message message(const std::string& id, const std::string& from,
                                        const core::run_address_target& to);
/// The same, to one run.
[[nodiscard]] core::run_message message(const std::string& id, const std::string& from,
                                        const std::string& to);
[[nodiscard]] core::run_message reply(const std::string& id, const std::string& from,
                                      const std::string& to, const std::string& reply_to);
/// A message that waits for `expected` replies.
[[nodiscard]] core::run_message question(const std::string& id, const std::string& from,
                                         const core::run_address_target& to,
                                         std::uint32_t expected);

[[nodiscard]] core::event_filter any_event();
[[nodiscard]] core::event_filter of_kinds(std::vector<core::event_kind> kinds);

/// A condition with idempotency key "key.<id>"; resumes with the event's refs.
[[nodiscard]] core::wake_condition condition(const std::string& id, const std::string& run,
                                             core::event_filter filter);
[[nodiscard]] core::suspend_until suspend(core::wake_condition condition);
[[nodiscard]] core::suspend_until suspend(const std::string& id, const std::string& run,
                                          core::event_filter filter);

/// An event of family `tool` (kind `tool_completed` unless said), about the run.
[[nodiscard]] core::agent_event stored_event(
    const std::string& id, const std::string& run,
    core::event_kind kind = core::event_kind::tool_completed);
/// The same, live only.
[[nodiscard]] core::agent_event live_event(
    const std::string& id, const std::string& run,
    core::event_kind kind = core::event_kind::tool_completed);

/// What an entry says, in a few words: "message m delivered to run.a run.b".
[[nodiscard]] std::string in_words(const core::log_entry& entry);

/// "InvalidStateTransition/NotRetryable".
[[nodiscard]] std::string kind_of(const core::agent_error& error);

}  // namespace agentpool::support
