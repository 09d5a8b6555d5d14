#include "agentpool/core/subscriber_queue.hpp"

#include <algorithm>
#include <utility>

#include "agentpool/core/addressing.hpp"
#include "agentpool/core/enums.hpp"

namespace agentpool::core {

namespace {

/// How grave a reason is: the gravest of a notice's losses is what it tells.
int gravity(event_overflow_reason reason) {
  switch (reason) {
    case event_overflow_reason::policy_dropped_progress: return 0;
    case event_overflow_reason::policy_dropped_non_terminal: return 1;
    case event_overflow_reason::subscriber_lagged: return 2;
    case event_overflow_reason::live_buffer_expired: return 3;
    case event_overflow_reason::subscriber_queue_full: return 4;
  }
  return 4;
}

event_overflow_reason reason_for(subscriber_overflow_policy policy, event_kind dropped) {
  if (is_terminal(dropped) || policy == subscriber_overflow_policy::fail_subscriber)
    return event_overflow_reason::subscriber_queue_full;
  if (policy == subscriber_overflow_policy::summarize_and_continue)
    return event_overflow_reason::subscriber_lagged;
  if (policy == subscriber_overflow_policy::drop_progress && is_progress(dropped))
    return event_overflow_reason::policy_dropped_progress;
  return event_overflow_reason::policy_dropped_non_terminal;
}

/// The journal cursor right before that of `dropped`; none when it has no journal number.
std::optional<journal_cursor> right_before(const event_frame& dropped) {
  if (!dropped.cursor.journal_cursor) return std::nullopt;
  const std::uint64_t seq = journal_seq_of(*dropped.cursor.journal_cursor);
  if (seq == 0) return std::nullopt;
  return journal_cursor_at(seq - 1);
}

}  // namespace

outcome<subscriber_queue> subscriber_queue::make(const queue_config& config) {
  if (config.capacity == 0) return contract_violation("queue.capacity: must be at least 1");
  if (config.terminal_reserve == 0)
    return contract_violation("queue.terminal_reserve: must be at least 1");
  if (config.overflow == subscriber_overflow_policy::backpressure_caller)
    return contract_violation(
        "queue.overflow: a live stream never holds its publisher up; choose another policy than "
        "backpressure_caller");
  return subscriber_queue{config};
}

subscriber_queue::subscriber_queue(const queue_config& config) : config_{config} {
  config_.terminal_reserve = std::min(config.terminal_reserve, config.capacity - 1);
}

void subscriber_queue::push(event_frame frame) {
  const place at = pushed_++;
  const event_kind kind = frame.event->envelope.event_kind;
  if (failed_ || (!has_place_for(kind) && !make_room(kind))) return note_loss(at, frame);
  if (auto* places = places_of(kind)) places->push_back(at);
  frames_.emplace_hint(frames_.end(), at, std::move(frame));
}

std::optional<event_frame> subscriber_queue::take() {
  if (frames_.empty()) return std::nullopt;
  event_frame frame = std::move(frames_.extract(frames_.begin()).mapped());
  if (auto* places = places_of(frame.event->envelope.event_kind)) places->pop_front();
  if (untold_) frame.overflow = std::move(untold_->notice);
  untold_.reset();
  return frame;
}

bool subscriber_queue::has_place_for(event_kind kind) const noexcept {
  if (frames_.size() >= config_.capacity) return false;
  return is_terminal(kind) ||
         plain_.size() + progress_.size() < config_.capacity - config_.terminal_reserve;
}

std::deque<subscriber_queue::place>* subscriber_queue::places_of(event_kind kind) noexcept {
  if (is_terminal(kind)) return nullptr;
  return is_progress(kind) ? &progress_ : &plain_;
}

bool subscriber_queue::make_room(event_kind kind) {
  switch (config_.overflow) {
    case subscriber_overflow_policy::drop_non_terminal: return drop_newest(kind);
    case subscriber_overflow_policy::drop_progress: return drop_progress_first(kind);
    case subscriber_overflow_policy::summarize_and_continue: return summarize();
    case subscriber_overflow_policy::fail_subscriber:
    case subscriber_overflow_policy::backpressure_caller: failed_ = true; return false;
  }
  return false;
}

bool subscriber_queue::drop_progress_first(event_kind kind) {
  if (is_progress(kind) || progress_.empty()) return drop_newest(kind);
  evict(progress_);
  return true;
}

bool subscriber_queue::drop_newest(event_kind kind) {
  if (!is_terminal(kind) || (plain_.empty() && progress_.empty())) return false;
  const bool progress_is_newer =
      !progress_.empty() && (plain_.empty() || progress_.back() > plain_.back());
  evict(progress_is_newer ? progress_ : plain_);
  return true;
}

bool subscriber_queue::summarize() {
  if (plain_.empty() && progress_.empty()) return false;
  while (!plain_.empty()) evict(plain_);
  while (!progress_.empty()) evict(progress_);
  return true;
}

void subscriber_queue::evict(std::deque<place>& places) {
  const auto newest = frames_.find(places.back());
  places.pop_back();
  note_loss(newest->first, newest->second);
  frames_.erase(newest);
}

void subscriber_queue::note_loss(place at, const event_frame& dropped) {
  const event_kind kind = dropped.event->envelope.event_kind;
  const auto reason = reason_for(config_.overflow, kind);
  if (!untold_) {
    untold_ = loss{};
    untold_->notice.policy = config_.overflow;
    untold_->notice.terminal_preserved = true;
    untold_->notice.reason = reason;
  }
  auto& notice = untold_->notice;
  if (notice.dropped_count == 0 || at < untold_->first) {
    notice.gap_start = dropped.cursor;
    untold_->first = at;
  }
  if (notice.dropped_count == 0 || at > untold_->last) {
    notice.gap_end = dropped.cursor;
    untold_->last = at;
  }
  if (!notice.repair_from || at < untold_->repair) {
    if (auto from = right_before(dropped)) {
      notice.repair_from = std::move(from);
      untold_->repair = at;
    }
  }
  ++notice.dropped_count;
  if (is_terminal(kind)) notice.terminal_preserved = false;
  if (gravity(reason) > gravity(notice.reason)) notice.reason = reason;
}

}  // namespace agentpool::core
