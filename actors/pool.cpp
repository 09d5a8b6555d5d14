#include "actors/pool.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "actors/last_act.hpp"
#include "agentpool/core/addressing.hpp"

namespace agentpool::actors {

void pool_desk::start(pool_setup setup) {
  setup_ = std::move(setup);
  pool_ = std::make_unique<core::pool>(setup_.id, setup_.pool_limits);
  if (setup_.watch) setup_.watch->on_pool(setup_.id, [this] { return pool_->fingerprint(); });
  self_->set_down_handler([this](const caf::down_msg&) { on_journal_gone(); });
  self_->monitor(setup_.journal);
  self_->send(setup_.store, messages::watch_changes{setup_.id, messages::pool_actor{self_}});
  restore();
}

void pool_desk::on_asked(const pool_call_ptr& call) {
  if (phase_ == phase::closing) return;
  stash_.emplace_back(call);
  go_on();
}

/// By another actor, which nobody counts at a door.
void pool_desk::on_requested(const pool_call_ptr& call) {
  if (stash_.size() < setup_.limits.stash_max) return on_asked(call);
  call->back.give(
      core::overloaded("too many requests wait for this pool (stash_max " +
                           std::to_string(setup_.limits.stash_max) + "): repeat later",
                       {core::entity(core::entity_kind::agent_pool, setup_.id.text())}));
}

void pool_desk::on_journal_asked(const messages::journal_asked& ask) {
  if (phase_ == phase::closing) return;
  stash_.emplace_back(ask);
  go_on();
}

void pool_desk::on_changed() {
  changed_ = true;
  go_on();
}

/// Decides what can be decided, settles what is durable. Called after everything that happens.
void pool_desk::go_on() {
  if (phase_ == phase::astray && !stash_.empty()) retry();
  do {
    settle();
    if (phase_ == phase::ready && changed_) phase_ = phase::draining;
    if (phase_ == phase::draining && flights_.empty()) read_on();
    decide_searched();
    while (phase_ == phase::ready && !stash_.empty() &&
           flights_.size() < setup_.limits.in_flight_max && !journal_lags())
      decide_next();
    append_gathered();
    make_checkpoint();
  } while (flights_.empty() ? phase_ == phase::draining : flights_.front().durable);
  if (is_unused() && setup_.may_end && setup_.may_end()) return end_unused();
  if (phase_ != phase::closing) return arm_timer();
  if (unanswered_ > 0 || !flights_.empty()) return;
  self_->send(setup_.journal, messages::closing{});
  self_->quit();
}

/// Nothing is in flight: reads what that was waited for.
void pool_desk::read_on() {
  if (unread_) return read_evidence();
  if (std::exchange(forget_due_, false)) return forget_old();
  catch_up();
}

pool_desk::attached_run* pool_desk::attached(const handover& next) {
  const auto found = runs_.find(next.run_id);
  const bool same = found != runs_.end() && found->second.attachment == next.attachment;
  return same ? &found->second : nullptr;
}

core::pool::verdict pool_desk::decide(const messages::pool_call& call,
                                      const core::evidence& known) const {
  if (call.as && pool_->joined(call.as->run_id) != call.as->joined)
    return core::policy_denied(
        "the run has left this pool, or was joined anew, since it was joined for this caller");
  auto verdict = pool_->decide(call.ask, now(), known);
  const auto* look = std::get_if<core::read_snapshot>(&call.ask);
  auto* decided = std::get_if<core::decision>(&verdict);
  if (look != nullptr && look->open && decided != nullptr)
    for (const auto& [run, waiting] : inbox_waiters_)
      std::get<core::pool_snapshot>(decided->reply).inbox_waits.push_back(run);
  return verdict;
}

core::pool::verdict pool_desk::decide(const task& what) {
  if (const auto* call = std::get_if<pool_call_ptr>(&what)) return decide(**call, evidence_);
  if (const auto* next = std::get_if<handover>(&what)) {
    // What was acknowledged before the horizon is not handed out again.
    auto after = attached(*next)->upto;
    if (after)
      after =
          std::max(*after, std::min(pool_->acked(next->run_id), pool_->begins().position.sequence));
    return pool_->decide(core::read_inbox{next->run_id, after, next->max}, now(), evidence_);
  }
  return pool_->decide(core::expire_due{}, now(), evidence_);
}

/// Decides the first task of the stash.
void pool_desk::decide_next() {
  const auto* next = std::get_if<handover>(&stash_.front());
  if (next != nullptr && attached(*next) == nullptr) return stash_.pop_front();
  if (std::holds_alternative<messages::journal_asked>(stash_.front())) return pass_on_first();
  auto verdict = decide(stash_.front());
  if (auto* unread = std::get_if<core::missing>(&verdict)) return look_for(std::move(*unread));
  if (const auto* refused = std::get_if<core::agent_error>(&verdict)) return refuse_first(*refused);
  evidence_ = {};
  evidence_rounds_ = 0;
  auto first = std::move(stash_.front());
  stash_.pop_front();
  take_off(std::move(first), std::get<core::decision>(std::move(verdict)));
}

/// A question to the journal; like everything else refused when the pool was never opened.
void pool_desk::pass_on_first() {
  const auto verdict = pool_->decide(core::list_members{}, now());
  if (const auto* refused = std::get_if<core::agent_error>(&verdict)) return refuse_first(*refused);
  flights_.push_back({.what = std::move(stash_.front()), .durable = true});
  stash_.pop_front();
}

void pool_desk::refuse_first(const core::agent_error& why) {
  evidence_ = {};
  evidence_rounds_ = 0;
  auto first = std::move(stash_.front());
  stash_.pop_front();
  refuse(std::move(first), why);
}

/// Answered with everything that was decided before it, and not earlier.
void pool_desk::refuse(task what, const core::agent_error& why) {
  flight refused{.what = std::move(what), .durable = true};
  refused.reply = why;
  flights_.push_back(std::move(refused));
}

/// Tries the decision out and has it appended.
void pool_desk::take_off(task what, core::decision decided) {
  flight next{.what = std::move(what)};
  next.stores = !decided.stores_nothing();
  next.durable = !next.stores;
  const auto before = pool_->position();
  if (next.stores || decided.live) {
    next.events = pool_->try_out(decided);
    next.tried = true;
  }
  next.reply = std::move(decided.reply);
  next.entries = std::move(decided.entries);
  if (next.stores) {
    next.append = next_append_;
    gather(before, next, std::move(decided.acks));
  }
  flights_.push_back(std::move(next));
}

void pool_desk::gather(core::log_position before, const flight& next,
                       std::vector<core::inbox_ack> acks) {
  if (gathered_.entries.empty()) gathered_.expected = before;
  gathered_.entries.insert(gathered_.entries.end(), next.entries.begin(), next.entries.end());
  gathered_.acks.insert(gathered_.acks.end(), std::make_move_iterator(acks.begin()),
                        std::make_move_iterator(acks.end()));
  ++gathered_requests_;
  if (gathered_requests_ >= setup_.limits.batch_requests_max) append_gathered();
}

/// One append is made durable while the next is gathered: alone, a request is appended at once,
/// under load those that come meanwhile share one.
void pool_desk::append_gathered(bool at_once) {
  if (gathered_requests_ == 0 || append_failed_) return;
  const bool full = gathered_requests_ >= setup_.limits.batch_requests_max;
  if (unanswered_ >= setup_.limits.appends_max && !full && !at_once) return;
  ++unanswered_;
  const last_act ends{!at_once && rests_next()};
  gathered_.pool_id = setup_.id;
  self_->send(setup_.store,
              messages::append_records{next_append_++, epoch_, std::exchange(gathered_requests_, 0),
                                       std::exchange(gathered_, {}), messages::pool_actor{self_}});
}

/// Whether nothing is left to do but to wait.
bool pool_desk::rests_next() const {
  return phase_ == phase::ready && stash_.empty() && nothing_waits(*self_) && !checkpoint_due();
}

/// Nobody ever opened the pool, and everybody who asked has been told so.
bool pool_desk::is_unused() const {
  return phase_ == phase::ready && stash_.empty() && flights_.empty() && unanswered_ == 0 &&
         !pool_->is_opened();
}

void pool_desk::end_unused() {
  self_->send(setup_.store, messages::ignore_changes{setup_.id, messages::pool_actor{self_}});
  if (setup_.watch) setup_.watch->on_pool(setup_.id, nullptr);
  on_closing();
}

void pool_desk::on_closing() {
  if (phase_ == phase::closing) return;
  leave_checkpoint();
  phase_ = phase::closing;
  read_number_ = 0;
  search_number_ = 0;
  searches_.clear();
  stash_.clear();
  waiters_.clear();
  go_on();
}

}  // namespace agentpool::actors
