#include <algorithm>
#include <caf/send.hpp>
#include <utility>

#include "actors/remote/standin.hpp"
#include "agentpool/core/placement.hpp"

namespace agentpool::actors::remote {

// ---- seats ------------------------------------------------------------------------------------

void standin_desk::on_seated(const messages::run_seated& seated) {
  auto asked = take(seated.number);
  if (!asked) return seated_late(seated);
  if (const auto* call = std::get_if<pool_call_ptr>(&asked->what)) {
    const auto* joining = std::get_if<core::join_run>(&(*call)->ask);
    if (joining == nullptr) return;
    if (seated.error) return answered(*call, *seated.error);
    unconfirmed_.erase(joining->member.run_id);
    became_seated(joining->member.run_id, runs_[joining->member.run_id]);
    return answered(*call, core::answer{seated.joined.value_or(core::run_joined{})});
  }
  const auto* wanted = std::get_if<seat_wanted>(&asked->what);
  if (wanted == nullptr) return;
  const auto run = wanted->run;
  auto& local = runs_[run];
  local.asked = false;
  if (!seated.error) {
    became_seated(run, local);
  } else if (seated.error->retry == core::retry_classification::retryable) {
    seat_later(run);
  } else {
    seat_refused(run, *seated.error);
  }
  if (phase_ == phase::seating && --seats_awaited_ == 0) return resume();
  let_through();
}

/// Before all may act it is attached with the others. A run that joins and had its seat all the
/// time is attached already; one that had left goes on, and its inbox begins anew.
void standin_desk::became_seated(const core::run_id& run, local_run& local) {
  const bool is_new = !std::exchange(local.seated, true);
  const bool had_left = std::exchange(local.left, false);
  if (is_new) ++gauge_->runs;
  unseated_.erase(run);
  if (phase_ != phase::ready || !(is_new || had_left)) return;
  attach(run, local);
  for (const auto number : std::exchange(local.held, {})) transmit(number);
}

void standin_desk::on_seat_ended(const messages::seat_ended& ended) {
  if (runs_.contains(ended.run_id)) seat_refused(ended.run_id, ended.why);
}

/// The join was done after its caller had been told that nobody answered. Unless somebody joins the
/// run again, it is a member whom nobody runs: it leaves.
void standin_desk::seated_late(const messages::run_seated& seated) {
  const auto late = given_up_.extract(seated.number);
  if (!late || seated.error) return;
  const auto& run = late.mapped();
  const auto known = runs_.find(run);
  const bool lives = known != runs_.end() && known->second.actor && !known->second.left;
  const bool wanted =
      lives || std::any_of(requests_.begin(), requests_.end(), [&](const auto& each) {
        const auto* call = std::get_if<pool_call_ptr>(&each.second.what);
        const auto* joining = call ? std::get_if<core::join_run>(&(*call)->ask) : nullptr;
        return joining != nullptr && joining->member.run_id == run;
      });
  if (wanted) return;
  self_->send(peer_, messages::ask_pool{++last_request_, 0, core::leave_run{run}});
  around_->forget_token(pool_, run);
}

/// This run alone: a node that has too much to do at once gets on with the others meanwhile.
void standin_desk::seat_later(const core::run_id& run) {
  const auto& limits = around_->limits();
  unseated_.insert(run);
  if (!seat_at_)
    seat_at_ = self_->clock().now() + core::backoff(limits.backoff_least, limits.backoff_most,
                                                    ++seat_tries_, around_->chance());
  arm();
}

void standin_desk::seat_unseated() {
  seat_at_.reset();
  std::erase_if(unseated_, [this](const auto& run) { return !runs_.contains(run); });
  for (const auto& run : unseated_) want_seat(run);
}

/// The run is no more what this program thinks: it was away too long, or another took it over. Its
/// agent is ended, what it asked is answered.
void standin_desk::seat_refused(const core::run_id& run, const core::agent_error& why) {
  auto gone = runs_.extract(run);
  if (gone.mapped().seated) --gauge_->runs;
  unseated_.erase(run);
  unconfirmed_.erase(run);
  around_->forget_token(pool_, run);
  for (const auto number : gone.mapped().held) fail(number, why);
  if (gone.mapped().actor) caf::anon_send(gone.mapped().actor, messages::cancel_run{});
}

void standin_desk::released(const core::run_id& run) {
  around_->forget_token(pool_, run);
  const auto found = runs_.find(run);
  if (found == runs_.end()) return;
  if (found->second.seated) --gauge_->runs;
  if (!found->second.actor) return static_cast<void>(runs_.erase(found));
  // It may join again, as the same actor.
  found->second.seated = false;
  found->second.left = true;
}

// ---- inboxes ----------------------------------------------------------------------------------

void standin_desk::on_run_ready(const messages::run_ready& ready) {
  if (closing_) return;
  auto& local = runs_[ready.run_id];
  const auto actor = caf::actor_cast<caf::actor>(ready.run);
  const bool is_new = local.actor != actor;
  if (is_new) {
    local.actor = actor;
    local.upto = ready.after;
    local.credit = 0;
    local.waits_for.clear();
    local.told.clear();
  }
  local.credit += ready.credit;
  if (phase_ != phase::ready || !local.seated) return;
  if (is_new) return attach(ready.run_id, local);
  self_->send(peer_, messages::seat_ready{ready.run_id, local.upto, ready.credit});
}

void standin_desk::on_run_gone(const core::run_id& run) {
  const auto found = runs_.find(run);
  if (found == runs_.end()) return;
  found->second.actor = {};
  found->second.waits_for.clear();
  if (found->second.seated && in_channel()) self_->send(peer_, messages::seat_quiet{run});
}

/// On a channel that does not know the run: from where it was handed entries last. What it waits
/// for may have come while it could not be told.
void standin_desk::attach(const core::run_id& run, local_run& local) {
  if (!local.actor || !local.seated) return;
  self_->send(peer_, messages::seat_ready{run, local.upto, local.credit});
  for (const auto& condition : local.waits_for) {
    const auto number = add(request{wake_looked{run, condition}, {}, {}});
    if (phase_ == phase::ready) transmit(number);
  }
}

/// Entries that a run has already, from a channel before, are left out.
void standin_desk::on_entries(messages::seats_handed& handed) {
  if (handed.entries.empty()) return;
  const auto first = handed.entries.front().sequence;
  const auto last = handed.entries.back().sequence;
  caf::message shared;
  for (const auto& run : handed.runs) {
    const auto found = runs_.find(run);
    if (found == runs_.end() || !found->second.actor) continue;
    auto& local = found->second;
    if (local.upto && *local.upto >= last) continue;
    const bool all = !local.upto || *local.upto < first;
    if (all && shared.empty()) shared = caf::make_message(messages::entries_handed{handed.entries});
    if (all) {
      caf::anon_send(local.actor, shared);
    } else {
      messages::entries_handed rest;
      for (const auto& entry : handed.entries)
        if (entry.sequence > *local.upto) rest.entries.push_back(entry);
      caf::anon_send(local.actor, std::move(rest));
    }
    local.upto = last;
    local.credit -= std::min<std::uint64_t>(local.credit, handed.entries.size());
  }
}

// ---- wakes ------------------------------------------------------------------------------------

void standin_desk::note_suspend(const core::suspend_until& ask) {
  const auto found = runs_.find(ask.run_id);
  if (found != runs_.end() && found->second.actor)
    found->second.waits_for.insert(ask.condition->condition_id);
}

/// A run looks itself at what was final when it suspended, unless it was told before: what the node
/// tells of it comes another way than the answer, and later is one time too many.
void standin_desk::note_suspended(const core::suspend_until& ask,
                                  const core::outcome<core::answer>& what) {
  const bool open = what && !core::is_final(std::get<core::wake_registration>(*what).status);
  const auto found = runs_.find(ask.run_id);
  if (open || found == runs_.end()) return;
  auto& local = found->second;
  local.waits_for.erase(ask.condition->condition_id);
  if (what) static_cast<void>(is_news(local, ask.condition->condition_id));
}

/// A node that lags behind the one before tells again of what was final there. It does not lag for
/// long, so that the latest are enough to know.
bool standin_desk::is_news(local_run& local, const core::wake_condition_id& condition) {
  constexpr std::size_t known_max = 64;
  if (std::find(local.told.begin(), local.told.end(), condition) != local.told.end()) return false;
  if (local.told.size() == known_max) local.told.pop_front();
  local.told.push_back(condition);
  return true;
}

void standin_desk::on_woken(const messages::seat_woken& woken) {
  const auto found = runs_.find(woken.notice.run_id);
  if (found == runs_.end() || !found->second.actor) return;
  auto& local = found->second;
  local.waits_for.erase(woken.notice.condition_id);
  if (!is_news(local, woken.notice.condition_id)) return;
  caf::anon_send(local.actor, messages::wake_handed{woken.notice});
}

void standin_desk::wake_told(const wake_looked& looked, const core::outcome<core::answer>& what) {
  const auto found = runs_.find(looked.run);
  if (found == runs_.end() || !found->second.actor || !what) return;
  const auto& report = std::get<core::wake_report>(*what);
  if (!report.notice || found->second.waits_for.erase(looked.condition) == 0) return;
  if (!is_news(found->second, looked.condition)) return;
  caf::anon_send(found->second.actor, messages::wake_handed{*report.notice});
}

}  // namespace agentpool::actors::remote
