#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "actors/remote/cluster.hpp"
#include "agentpool/core/addressing.hpp"
#include "support/catch.hpp"

namespace agentpool::testing {

[[nodiscard]] inline core::run_id run(const std::string& name) {
  return core::run_id{"run." + name};
}

[[nodiscard]] inline core::pool_member member(const std::string& name) {
  return {run(name), core::agent_id{"agent." + name}, {}, {}};
}

/// A message `message.ID` from `run.FROM` to `run.TO`.
[[nodiscard]] inline core::send_message message(const std::string& id, const std::string& from,
                                                const std::string& to) {
  core::run_message sent;
  sent.message_id = core::message_id{"message." + id};
  sent.from = run(from);
  sent.to = core::address_of(core::to_run{run(to)});
  sent.content_ref = core::content_ref{"content." + id};
  sent.idempotency_key = core::idempotency_key{"key." + id};
  return {std::move(sent)};
}

/// A condition `condition.ID` of `run.OF` that waits for an event of that kind.
[[nodiscard]] inline core::suspend_until suspend(const std::string& id, const std::string& of,
                                                 core::event_kind kind) {
  core::wake_condition condition;
  condition.condition_id = core::wake_condition_id{"condition." + id};
  condition.idempotency_key = core::idempotency_key{"key.condition." + id};
  condition.run_id = run(of);
  condition.filter.kinds.include = std::vector<core::event_kind>{kind};
  condition.resume_with = core::resume_input_policy::matching_event_refs;
  return {run(of), std::move(condition)};
}

/// What an agent was given, and what it is to do.
struct diary {
  std::vector<std::string> messages;
  std::vector<std::uint64_t> sequences;
  std::vector<std::string> wakes;
  bool acknowledges = true;
  bool suspends = false;  ///< On starting, until a run leaves.
};

/// An agent that keeps a diary.
class diarist final : public actors::agent {
 public:
  explicit diarist(diary& into) : diary_{into} {}

  void on_start(actors::run_context& context) override {
    if (!diary_.suspends) return;
    actors::condition_draft draft;
    draft.name = "left";
    draft.filter.kinds.include =
        std::vector<core::event_kind>{core::event_kind::agent_pool_run_left};
    context.suspend(std::move(draft));
  }
  void on_message(actors::run_context& context, const core::inbox_entry& entry) override {
    diary_.messages.push_back(entry.message.message_id.text());
    diary_.sequences.push_back(entry.sequence);
    if (diary_.acknowledges) context.acknowledge(entry.sequence);
  }
  void on_wake(actors::run_context&, const core::wake_notice& notice) override {
    diary_.wakes.push_back(std::string{core::to_text(notice.status)});
  }

 private:
  diary& diary_;
};

/// Starts `run.NAME` in the program; its handle comes once it has started.
inline std::shared_ptr<std::vector<core::outcome<actors::run_handle>>> start_run(
    cluster& at, const std::string& program, const std::string& name, diary& into) {
  auto& engine = at.client(program).pools();
  const core::agent_id agent{"agent." + name};
  engine.register_agent(agent,
                        [&into](const core::run_id&) { return std::make_unique<diarist>(into); });
  auto started = std::make_shared<std::vector<core::outcome<actors::run_handle>>>();
  engine.start_run({core::pool_id{"pool.test"}, run(name), agent, {}, {}},
                   [started](auto what) { started->push_back(std::move(what)); });
  at.settle();
  return started;
}

/// A pool with `run.one` of the program "p", which asks the nodes a and b.
inline void open(cluster& at) {
  at.start_node("a");
  at.start_node("b");
  at.start_client("p", {"a", "b"});
  at.ask<core::pool_snapshot>("p", core::open_pool{});
  at.ask<core::run_joined>("p", core::join_run{member("one")});
}

/// The node that has the pool, and another one.
inline std::pair<std::string, std::string> holder(cluster& at) {
  std::string found;
  at.client("p").status("a:7000", [&](const core::outcome<messages::status_told>& told) {
    REQUIRE(told);
    found = told->pools.empty() ? "b" : "a";
  });
  at.settle();
  return {found, found == "a" ? "b" : "a"};
}

inline std::vector<core::run_id> members(cluster& at) {
  std::vector<core::run_id> all;
  for (const auto& known : at.ask<core::member_list>("p", core::list_members{}).members)
    all.push_back(known.run_id);
  return all;
}

}  // namespace agentpool::testing
