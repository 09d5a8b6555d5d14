// A world for one check, in which anything can be claimed.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/core/addressing.hpp"
#include "agentpool/sim/check.hpp"

namespace agentpool::testing {

class fake_view : public sim::world_view {
 public:
  explicit fake_view(std::unique_ptr<sim::check> checked) : check{std::move(checked)} {
    check->attach(
        *this, [this](const sim::check&, std::string what) { found.push_back(std::move(what)); });
  }

  std::unique_ptr<sim::check> check;
  std::vector<std::string> found;

  sim::ledger logs;
  std::vector<sim::run_view> asked_for;
  std::optional<std::string> state;
  std::vector<sim::forgetting> forgotten;
  std::size_t waiting = 0;
  std::array<std::size_t, actors::actor_roles> longest{};

  [[nodiscard]] static core::pool_id pool() { return core::pool_id{"pool.test"}; }

  /// The log gets the next record, and the check sees it.
  core::entry_ptr record(core::store_payload payload, std::uint64_t at = 1'000,
                         std::optional<core::trigger> by = {}) {
    auto entry = std::make_shared<core::log_entry>();
    const auto sequence = logs[pool()].position().sequence + 1;
    entry->what = core::store_record{pool(), {sequence}, std::move(payload)};
    entry->recorded_at_millis = at;
    entry->triggered_by = std::move(by);
    const auto published = logs[pool()].add(entry);
    check->on_recorded(pool(), entry, published);
    return entry;
  }

  void open_with(const std::vector<std::string>& names) {
    record(core::pool_opened{});
    record(core::pool_created{});
    for (const auto& name : names) record(core::member_joined{member(name)});
  }

  [[nodiscard]] static core::pool_member member(const std::string& name) {
    return {core::run_id{"run." + name}, core::agent_id{"agent." + name}, {}, {}};
  }

  /// A record of the message `message.ID` from run.a to `run.TO`.
  [[nodiscard]] static core::message_recorded message(const std::string& id, const std::string& to,
                                                      core::message_status status) {
    core::run_message sent;
    sent.message_id = core::message_id{"message." + id};
    sent.from = core::run_id{"run.a"};
    sent.to = core::address_of(core::to_run{core::run_id{"run." + to}});
    sent.content_ref = core::content_ref{"content"};
    sent.idempotency_key = core::idempotency_key{"key." + id};
    core::message_recorded told;
    told.stored.receipt = {sent.message_id, status, {core::run_id{"run." + to}}, {}};
    told.stored.message = std::move(sent);
    return told;
  }

  /// A record of the wake `wake.ID` of run.b for checkpoints of run.a.
  [[nodiscard]] static core::wake_recorded wake(const std::string& id,
                                                core::wake_registration_status status) {
    core::stored_wake told;
    told.condition.condition_id = core::wake_condition_id{"wake." + id};
    told.condition.run_id = core::run_id{"run.b"};
    told.condition.filter.kinds.include = {core::event_kind::agent_pool_run_joined};
    told.condition.idempotency_key = core::idempotency_key{"key.wake." + id};
    told.registration = {told.condition.condition_id, told.condition.run_id, status, {}};
    core::wake_recorded made;
    made.stored = std::move(told);
    return made;
  }

  /// Delivers `message.ID`: two records.
  std::uint64_t deliver(const std::string& id, const std::string& to) {
    record(message(id, to, core::message_status::accepted));
    record(message(id, to, core::message_status::delivered));
    return logs[pool()].position().sequence;
  }

  [[nodiscard]] static sim::run_life life(const std::string& name) {
    return {0, 1, {0, 1}, pool(), core::run_id{"run." + name}};
  }
  [[nodiscard]] static core::inbox_entry entry(std::uint64_t sequence, const std::string& id,
                                               const std::string& to) {
    return {sequence, *message(id, to, core::message_status::delivered).stored.message};
  }

  /// A run that is there and whose agent acts.
  void run(const std::string& name) {
    sim::run_view seen;
    seen.request = {pool(), core::run_id{"run." + name}, core::agent_id{"agent." + name}, {}, {}};
    seen.life = life(name);
    seen.status = actors::run_status::running;
    seen.has_agent = true;
    asked_for.push_back(seen);
  }

  void answer(core::command ask, core::answer what) {
    const sim::request_seen asked{1, {0, 1}, pool(), std::move(ask), 1};
    check->on_answered(asked, what);
  }

  [[nodiscard]] const sim::ledger& ledgers() const override { return logs; }
  [[nodiscard]] std::uint64_t step() const override { return 1; }
  [[nodiscard]] std::chrono::microseconds elapsed() const override { return {}; }
  [[nodiscard]] std::size_t engines() const override { return 1; }
  [[nodiscard]] std::optional<sim::engine_life> life_of(std::size_t) const override {
    return sim::engine_life{0, 1};
  }
  [[nodiscard]] core::instant wall(std::size_t) const override { return {}; }
  [[nodiscard]] bool clocks_jumped() const override { return false; }
  [[nodiscard]] std::optional<std::string> state_of(std::size_t,
                                                    const core::pool_id&) const override {
    return state;
  }
  [[nodiscard]] const std::vector<sim::forgetting>& forgot(std::size_t,
                                                           const core::pool_id&) const override {
    return forgotten;
  }
  [[nodiscard]] std::vector<sim::run_view> runs() const override { return asked_for; }
  [[nodiscard]] std::size_t count_runs() const override { return asked_for.size(); }
  [[nodiscard]] bool reads(std::size_t, const core::pool_id&) const override { return true; }
  [[nodiscard]] const actors::engine_limits& limits() const override { return limits_; }
  [[nodiscard]] const core::pool_limits& pool_limits() const override { return pool_limits_; }
  [[nodiscard]] std::size_t entries_waiting(const core::run_id&) const override { return waiting; }
  [[nodiscard]] std::size_t longest_mailbox(std::size_t, actors::actor_role role) const override {
    return longest[static_cast<std::size_t>(role)];
  }

 private:
  actors::engine_limits limits_;
  core::pool_limits pool_limits_;
};

}  // namespace agentpool::testing
