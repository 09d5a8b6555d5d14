#include "actors/journal.hpp"

#include <string>
#include <utility>

#include "agentpool/messages/error.hpp"

namespace agentpool::actors {

namespace {

core::agent_error no_such_stream() {
  return core::contract_violation("no such stream, or it has ended: open one");
}

core::agent_error asked_already() {
  return core::contract_violation("one request a stream at a time: wait for its answer");
}

core::agent_error too_many() {
  return core::overloaded("too many streams and reads of this pool: close one");
}

}  // namespace

core::agent_error too_old(const core::horizon& begins) {
  return core::contract_violation(
      "older than this pool's horizon (sequence " + std::to_string(begins.at.sequence) +
      ", event " + std::to_string(begins.event_seq) + "): what was before it is gone");
}

void journal_desk::on_asked(messages::journal_call& call) {
  std::visit([&](const auto& ask) { take(ask, std::move(call.back)); }, call.ask);
}

/// The sequence after which a reader of records begins: without a cursor where the log begins.
core::outcome<std::uint64_t> journal_desk::record_start(const core::store_cursor& cursor) const {
  if (!begins_ || cursor.sequence >= begins_->at.sequence) return cursor.sequence;
  if (cursor.sequence > 0) return too_old(*begins_);
  return begins_->at.sequence;
}

bool journal_desk::full() const {
  return events_.size() + records_.size() + reads_.size() >= setup_.limits.streams_max;
}

void journal_desk::take(const messages::open_subscription& ask, answer_reply back) {
  if (full()) return back.give(too_many());
  auto made = make_stream(ask.filter, ask.cursor);
  if (!made) return back.give(made.error());
  events_.emplace(++last_stream_, std::move(*made));
  back.give(messages::journal_answer{messages::stream_opened{last_stream_}});
}

void journal_desk::take(const messages::open_watch& ask, answer_reply back) {
  if (full()) return back.give(too_many());
  const auto after = record_start(ask.cursor);
  if (!after) return back.give(after.error());
  records_[++last_stream_].sequence = *after;
  back.give(messages::journal_answer{messages::stream_opened{last_stream_}});
}

void journal_desk::take(const messages::next_frames& ask, answer_reply back) {
  const auto found = events_.find(ask.stream);
  if (found == events_.end() || ask.max == 0) return back.give(no_such_stream());
  if (found->second.wanted > 0) return back.give(asked_already());
  found->second.wanted = ask.max;
  found->second.back = std::move(back);
  serve(ask.stream);
}

void journal_desk::take(const messages::next_records& ask, answer_reply back) {
  const auto found = records_.find(ask.stream);
  if (found == records_.end() || ask.max == 0) return back.give(no_such_stream());
  if (found->second.wanted > 0) return back.give(asked_already());
  found->second.wanted = ask.max;
  found->second.back = std::move(back);
  serve_records(ask.stream);
}

void journal_desk::take(const messages::read_events& ask, answer_reply back) {
  if (full()) return back.give(too_many());
  auto made = make_stream(ask.filter, ask.cursor);
  if (!made) return back.give(made.error());
  made->follow = false;
  made->wanted = UINT64_MAX;
  made->back = std::move(back);
  events_.emplace(++last_stream_, std::move(*made));
  serve(last_stream_);
}

void journal_desk::take(const messages::read_records& ask, answer_reply back) {
  if (full()) return back.give(too_many());
  const auto after = record_start(ask.cursor);
  if (!after) return back.give(after.error());
  auto& stream = records_[++last_stream_];
  stream.sequence = *after;
  stream.follow = false;
  stream.wanted = UINT64_MAX;
  stream.back = std::move(back);
  serve_records(last_stream_);
}

void journal_desk::take(const messages::read_journal& ask, answer_reply back) {
  if (full()) return back.give(too_many());
  const auto after = ask.after == 0 && begins_ ? begins_->number : ask.after;
  auto walk = walk_from([&](const core::roll& roll) { return roll.number() <= after; });
  if (!walk) return back.give(walk.error());
  read_on(std::make_shared<journal_read>(journal_read{ask, std::move(*walk), {}, std::move(back)}));
}

void journal_desk::on_close(std::uint64_t stream) {
  events_.erase(stream);
  records_.erase(stream);
}

void journal_desk::on_published(messages::log_published news) {
  for (const auto& what : news.events) push_live(what);
  const auto pool = news.back;
  const auto events = news.events.size();
  window_.take(std::move(news), setup_.limits.journal_window);
  for (auto next = events_.begin(); next != events_.end();)
    if (const auto stream = next++; stream->second.wanted > 0) serve(stream->first);
  for (auto next = records_.begin(); next != records_.end();)
    if (const auto stream = next++; stream->second.wanted > 0) serve_records(stream->first);
  give_back(pool, events);
}

/// Tells the pool that it was taken, half a window at a time.
void journal_desk::give_back(const messages::publisher& pool, std::size_t events) {
  taken_ += events;
  if (taken_ == 0 || taken_ * 2 < setup_.limits.journal_window) return;
  self_->send(pool, messages::news_taken{std::exchange(taken_, 0)});
}

// ---- reading the log --------------------------------------------------------------------------

void journal_desk::read_page(core::log_position after, page_taker take) {
  reads_.emplace(++last_read_, std::move(take));
  self_->send(setup_.store,
              messages::read_log{last_read_, setup_.id,
                                 messages::page_wanted{after, setup_.limits.page_entries},
                                 messages::journal_actor{self_}});
}

void journal_desk::on_log(messages::log_told& answer) {
  auto found = reads_.extract(answer.number);
  if (!found) return;
  if (!answer.content) return found.mapped()(answer.content.error());
  found.mapped()(std::get<core::log_page>(std::move(*answer.content)));
}

/// The walk that was kept if it is not too far, else one from where the log begins.
core::outcome<std::unique_ptr<log_walk>> journal_desk::walk_from(
    const std::function<bool(const core::roll&)>& is_before) {
  if (kept_walk_ && is_before(kept_walk_->roll)) return std::move(kept_walk_);
  auto walk = std::make_unique<log_walk>();
  if (!begins_) return walk;
  auto roll = core::roll::unpacked(begins_->roll);
  if (!roll) return roll.error();
  if (!is_before(*roll)) return too_old(*begins_);
  walk->roll = std::move(*roll);
  walk->position = begins_->at;
  return walk;
}

/// What is in the window can still be read; a walk that was kept may be too old now.
void journal_desk::on_horizon(const messages::horizon_moved& moved) {
  begins_ = moved.begins;
  kept_walk_.reset();
}

void journal_desk::on_closing() {
  events_.clear();
  records_.clear();
  reads_.clear();
  self_->quit();
}

}  // namespace agentpool::actors
