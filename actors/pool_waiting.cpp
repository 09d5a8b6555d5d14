#include <algorithm>
#include <utility>

#include "actors/pool.hpp"

namespace agentpool::actors {

namespace {

using std::chrono::milliseconds;

template <class Index, class Key>
void drop(Index& index, const Key& key, std::uint64_t number) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  found->second.erase(number);
  if (found->second.empty()) index.erase(found);
}

template <class Index, class Key>
std::vector<std::uint64_t> waiting_for(const Index& index, const Key& key) {
  const auto found = index.find(key);
  if (found == index.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace

/// The caller asked to wait, and what it waits for is not there yet.
bool pool_desk::waits(const messages::pool_call& call, const core::answer& reply) const {
  if (call.wait.count() <= 0) return false;
  if (const auto* page = std::get_if<core::inbox_page>(&reply)) return page->entries.empty();
  const auto* report = std::get_if<core::wake_report>(&reply);
  return report != nullptr && !core::is_final(report->registration.status);
}

/// What settles from now on may be what it waits for: everything before was in its answer.
void pool_desk::park(const pool_call_ptr& call) {
  if (waiters_.size() >= setup_.limits.waiters_max)
    return call->back.give(core::overloaded("too many requests wait in this pool: repeat later"));
  const auto number = ++last_waiter_;
  const auto due = self_->clock().now() + call->wait;
  if (const auto* inbox = std::get_if<core::read_inbox>(&call->ask)) {
    inbox_waiters_[inbox->run_id].insert(number);
  } else {
    wake_waiters_[std::get<core::read_wake>(call->ask).condition_id].insert(number);
  }
  waiter_dues_.emplace(due, number);
  waiters_.emplace(number, waiter{call, due});
}

/// Decides a waiting request again, with the time that is left.
void pool_desk::stir(std::uint64_t waiter_number) {
  const auto found = waiters_.find(waiter_number);
  if (found == waiters_.end()) return;
  const auto [call, due] = std::move(found->second);
  waiters_.erase(found);
  waiter_dues_.erase({due, waiter_number});
  if (const auto* inbox = std::get_if<core::read_inbox>(&call->ask)) {
    drop(inbox_waiters_, inbox->run_id, waiter_number);
  } else {
    drop(wake_waiters_, std::get<core::read_wake>(call->ask).condition_id, waiter_number);
  }
  const auto left = std::chrono::ceil<milliseconds>(due - self_->clock().now());
  call->wait = std::max(left, milliseconds{0});
  stash_.emplace_back(call);
}

void pool_desk::stir_all(const core::log_entry& entry) {
  if (waiters_.empty() || entry.record() == nullptr) return;
  const auto& payload = entry.record()->payload;
  if (const auto* message = std::get_if<core::message_recorded>(&payload)) {
    if (message->stored.receipt.status != core::message_status::delivered) return;
    for (const auto& run : message->stored.receipt.delivered_to)
      for (const auto number : waiting_for(inbox_waiters_, run)) stir(number);
  } else if (const auto* wake = std::get_if<core::wake_recorded>(&payload)) {
    if (!core::is_final(wake->stored->registration.status)) return;
    const auto& condition = wake->stored->condition.condition_id;
    for (const auto number : waiting_for(wake_waiters_, condition)) stir(number);
  }
}

// ---- time -------------------------------------------------------------------------------------

/// One armed clock entry, for whatever is due first.
void pool_desk::arm_timer() {
  const auto tick_now = self_->clock().now();
  tick next = tick::max();
  if (!waiter_dues_.empty()) next = waiter_dues_.begin()->first;
  if (reread_at_) next = std::min(next, std::max(*reread_at_, tick_now));
  if (phase_ == phase::astray) next = std::min(next, std::max(retry_at_, tick_now));
  if (opened_ && !expiring_ && phase_ != phase::astray)
    if (const auto due = pool_->next_due())
      next = std::min(next, std::max(retry_at_, tick_of(*due, now(), tick_now)));
  if (next != tick::max()) timer_.arm<messages::pool_actor>(self_, next);
}

void pool_desk::on_timer(const messages::timer_due& due) {
  if (!timer_.came(due) || phase_ == phase::closing) return;
  const auto tick_now = self_->clock().now();
  while (!waiter_dues_.empty() && waiter_dues_.begin()->first <= tick_now)
    stir(waiter_dues_.begin()->second);
  if (reread_at_ && *reread_at_ <= tick_now) read_inboxes_again();
  if (tick_now >= retry_at_) {
    if (phase_ == phase::astray) retry();
    const auto next = pool_->next_due();
    if (opened_ && !expiring_ && next && *next <= now()) {
      expiring_ = true;
      stash_.emplace_back(expiry{});
    }
  }
  go_on();
}

}  // namespace agentpool::actors
