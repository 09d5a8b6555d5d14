#include <algorithm>
#include <utility>

#include "actors/remote/attendance.hpp"
#include "actors/remote/directory.hpp"
#include "agentpool/actors/watched.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors::remote {

namespace {

/// So often the same pool may be taken by somebody else in between.
constexpr std::uint32_t tries_max = 8;

core::agent_error stopping() { return core::store_unavailable("the node stops: ask another"); }

}  // namespace

void directory_desk::on_asked(const call_ptr& call) {
  if (closing_) return call->back.give(stopping());
  const auto& pool = call->ask.pool_id;
  if (const auto found = held_.find(pool); found != held_.end()) {
    found->second.idle_since.reset();
    return call->back.give(messages::whereabouts{found->second.attendance});
  }
  auto& calls = looking_[pool];
  calls.push_back(call);
  if (calls.size() == 1) look_up(pool, 1);
}

void directory_desk::look_up(const core::pool_id& pool, std::uint32_t tries) {
  around_->host.read_registry(
      {std::string{core::pool_space}, pool.text()},
      on_turn<rows>(me(), [this, pool, tries](const core::outcome<rows>& row) {
        if (!closing_) on_row(pool, tries, row);
      }));
}

void directory_desk::on_row(const core::pool_id& pool, std::uint32_t tries,
                            const core::outcome<rows>& row) {
  if (!row) return answer_all(pool, row.error());
  core::pool_lease before;
  std::uint64_t version = 0;
  if (!row->empty()) {
    version = row->front().version;
    // What cannot be read is written anew.
    if (auto lease = core::pool_of(row->front())) before = *std::move(lease);
  }
  place(pool, tries, before, version);
}

/// The node that took it has it; else it belongs where its id says among those that are there. Is
/// that another node, it is looked whether it is still there: what was seen last may be as old as a
/// third of a lease.
void directory_desk::place(const core::pool_id& pool, std::uint32_t tries,
                           const core::pool_lease& before, std::uint64_t version) {
  const auto live = around_->live();
  const auto* best = core::preferred(live, pool);
  std::string other = before.node;
  if (other.empty() && best != nullptr) other = best->node;
  const bool insists = most_hops(pool) >= around_->limits.hops_max;
  if (insists || other.empty() || other == around_->node) return take(pool, tries, before, version);
  around_->host.read_registry({std::string{core::node_space}, other},
                              on_turn<rows>(me(), [this, pool, tries, before, version,
                                                   other](const core::outcome<rows>& row) {
                                if (closing_) return;
                                if (!row) return answer_all(pool, row.error());
                                const auto lease = row->empty() ? std::nullopt : seen(row->front());
                                if (lease)
                                  return answer_all(pool, messages::whereabouts{lease->endpoint});
                                around_->gone(other);
                                place(pool, tries, {{}, before.epoch}, version);
                              }));
}

/// The lease of another node if it is good; noted either way.
std::optional<core::node_lease> directory_desk::seen(const core::registry_row& row) {
  auto lease = core::node_of(row);
  if (!lease) return std::nullopt;
  around_->seen(*lease);
  if (lease->expires_at_millis <= core::to_millis(now())) return std::nullopt;
  return *std::move(lease);
}

void directory_desk::take(const core::pool_id& pool, std::uint32_t tries,
                          const core::pool_lease& before, std::uint64_t version) {
  if (held_.size() >= around_->limits.pools_max)
    return answer_all(pool,
                      core::overloaded("this node has as many pools as it takes (pools_max)"));
  const core::pool_lease lease{around_->node, before.epoch + 1};
  around_->host.write_registry(
      {{std::string{core::pool_space}, pool.text(), core::to_value(lease), version}},
      on_turn<std::vector<core::registry_written>>(me(), [this, pool, tries,
                                                          lease](const auto& what) {
        if (closing_) return;
        if (!what) return answer_all(pool, what.error());
        if (!what->front()) {
          if (tries < tries_max) return look_up(pool, tries + 1);
          return answer_all(pool, core::overloaded("nodes quarrel about the pool: try later"));
        }
        auto account = std::make_shared<pool_account>();
        auto made = spawn_watched(self_->system(), around_->watch, {actor_role::attendance, pool},
                                  attendance, attendance_setup{around_, pool, account, me()});
        self_->monitor(made);
        held_.insert_or_assign(pool, held_pool{made, account, lease.epoch, *what->front()});
        answer_all(pool, messages::whereabouts{made});
      }));
}

void directory_desk::answer_all(const core::pool_id& pool,
                                const core::outcome<messages::whereabouts>& where) {
  auto calls = looking_.extract(pool);
  if (!calls) return;
  for (const auto& call : calls.mapped()) call->back.give(where);
}

std::uint32_t directory_desk::most_hops(const core::pool_id& pool) const {
  std::uint32_t most = 0;
  if (const auto calls = looking_.find(pool); calls != looking_.end())
    for (const auto& call : calls->second) most = std::max(most, call->ask.hops);
  return most;
}

}  // namespace agentpool::actors::remote
