#include <spdlog/spdlog.h>

#include <iterator>
#include <utility>

#include "actors/last_act.hpp"
#include "actors/pool.hpp"
#include "agentpool/actors/log.hpp"

namespace agentpool::actors {

void pool_desk::on_appended(const messages::records_appended& answer) {
  --unanswered_;
  using kind = core::append_result::kind;
  if (answer.result && answer.result->what == kind::appended) {
    for (auto& next : flights_) {
      if (next.stores && next.append > answer.number) break;
      if (next.stores) next.durable = true;
    }
  } else {
    append_failed_ = true;
    if (!answer.result && !append_error_) append_error_ = answer.result.error();
    if (phase_ != phase::closing) phase_ = phase::recovering;
  }
  settle();
  if (append_failed_ && unanswered_ == 0) recover();
  go_on();
}

/// Settles the flights that are durable, up to the first that is not.
void pool_desk::settle() {
  while (!flights_.empty() && flights_.front().durable) {
    auto done = std::move(flights_.front());
    flights_.pop_front();
    settle_one(std::move(done));
  }
  tell_journal();
}

void pool_desk::settle_one(flight done) {
  if (done.tried) pool_->settle();
  announce(std::move(done.entries), std::move(done.events));
  if (std::holds_alternative<expiry>(done.what)) {
    expiring_ = false;
  } else if (const auto* next = std::get_if<handover>(&done.what)) {
    hand_page(*next, done.reply);
  } else if (const auto* ask = std::get_if<messages::journal_asked>(&done.what)) {
    if (!done.reply) return ask->request->back.give(done.reply.error());
    tell_journal();
    self_->send(setup_.journal, *ask);
  } else {
    const auto& call = std::get<pool_call_ptr>(done.what);
    if (done.reply && waits(*call, *done.reply)) return park(call);
    call->back.give(std::move(done.reply));
  }
}

/// What became durable goes to the journal, to attached runs and to those who wait for it.
void pool_desk::announce(std::vector<core::entry_ptr> entries,
                         std::vector<core::published> events) {
  for (const auto& entry : entries) {
    if (const auto* record = entry->record()) durable_sequence_ = record->cursor.sequence;
    hand_over(*entry);
    stir_all(*entry);
  }
  const auto add = [](auto& all, auto more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  };
  add(unpublished_.entries, std::move(entries));
  add(unpublished_.events, std::move(events));
}

void pool_desk::tell_journal() {
  if (!unpublished_.entries.empty() || !unpublished_.events.empty()) publish();
}

void pool_desk::publish() {
  untaken_ += unpublished_.events.size();
  unpublished_.back = messages::pool_actor{self_};
  const last_act ends{flights_.empty() && rests_next()};
  self_->send(setup_.journal, std::exchange(unpublished_, {}));
}

/// It has enough to do: nothing more is decided or read until it has caught up.
bool pool_desk::journal_lags() const {
  return !journal_gone_ && untaken_ > setup_.limits.journal_window;
}

void pool_desk::on_news_taken(const messages::news_taken& taken) {
  untaken_ -= taken.events;
  go_on_publishing();
}

void pool_desk::on_journal_gone() {
  logger().error("a pool's journal has ended: nobody can subscribe any more");
  journal_gone_ = true;
  go_on_publishing();
}

void pool_desk::go_on_publishing() {
  if (phase_ == phase::catching_up && read_number_ == 0 && !journal_lags()) catch_up();
  go_on();
}

/// Every append is answered and at least one did not succeed: nothing that is left in flight can
/// be relied on. Forget it, read the log again, then decide again or fail.
void pool_desk::recover() {
  settle();
  pool_->take_back();
  ++epoch_;
  read_number_ = 0;
  evidence_ = {};
  unread_.reset();
  auto lost = std::exchange(flights_, {});
  gathered_ = {};
  gathered_requests_ = 0;
  forget_due_ = false;
  forget_marks();
  append_failed_ = false;
  for (auto last = lost.rbegin(); last != lost.rend(); ++last) redecide_or_fail(std::move(*last));
  if (append_error_) logger().warn("requests failed with their append: {}", brief(*append_error_));
  if (append_error_) retry_at_ = self_->clock().now() + setup_.limits.retry_after;
  append_error_.reset();
  if (phase_ != phase::closing) catch_up();
}

/// Called from the last to the first, so that what is decided again keeps its order.
void pool_desk::redecide_or_fail(flight lost) {
  const auto* call = std::get_if<pool_call_ptr>(&lost.what);
  if (std::holds_alternative<expiry>(lost.what)) {
    expiring_ = false;
  } else if (call != nullptr && lost.stores && lost.append < next_append_ && append_error_) {
    (*call)->back.give(*append_error_);
  } else if (phase_ != phase::closing) {
    stash_.push_front(std::move(lost.what));
  }
}

void pool_desk::fail_stash(const core::agent_error& why) {
  for (auto& waiting : std::exchange(stash_, {})) {
    if (const auto* call = std::get_if<pool_call_ptr>(&waiting)) {
      (*call)->back.give(why);
    } else if (const auto* ask = std::get_if<messages::journal_asked>(&waiting)) {
      ask->request->back.give(why);
    } else if (const auto* next = std::get_if<handover>(&waiting)) {
      if (auto* reader = attached(*next)) reader->reading = false;
      read_inboxes_later();
    } else {
      expiring_ = false;
    }
  }
}

}  // namespace agentpool::actors
