#include "actors/journal.hpp"

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

void journal_desk::on_asked(messages::journal_call& call) {
  std::visit([&](const auto& ask) { take(ask, std::move(call.back)); }, call.ask);
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
  records_[++last_stream_].sequence = ask.cursor.sequence;
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
  auto& stream = records_[++last_stream_];
  stream.sequence = ask.cursor.sequence;
  stream.follow = false;
  stream.wanted = UINT64_MAX;
  stream.back = std::move(back);
  serve_records(last_stream_);
}

void journal_desk::take(const messages::read_journal& ask, answer_reply back) {
  if (full()) return back.give(too_many());
  auto walk = walk_from([&](const core::roll& roll) { return roll.number() <= ask.after; });
  read_on(std::make_shared<journal_read>(journal_read{ask, std::move(walk), {}, std::move(back)}));
}

void journal_desk::on_close(std::uint64_t stream) {
  events_.erase(stream);
  records_.erase(stream);
}

void journal_desk::on_published(const messages::log_published& news) {
  for (const auto& what : news.events) push_live(what);
  window_.take(news, setup_.limits.journal_window);
  for (auto next = events_.begin(); next != events_.end();)
    if (const auto stream = next++; stream->second.wanted > 0) serve(stream->first);
  for (auto next = records_.begin(); next != records_.end();)
    if (const auto stream = next++; stream->second.wanted > 0) serve_records(stream->first);
  give_back(news);
}

/// Tells the pool that it was taken, half a window at a time.
void journal_desk::give_back(const messages::log_published& news) {
  taken_ += news.events.size();
  if (taken_ == 0 || taken_ * 2 < setup_.limits.journal_window) return;
  self_->send(news.back, messages::news_taken{std::exchange(taken_, 0)});
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

/// The walk that was kept if it is not too far, else one from the log's start.
std::unique_ptr<log_walk> journal_desk::walk_from(
    const std::function<bool(const core::roll&)>& is_before) {
  if (kept_walk_ && is_before(kept_walk_->roll)) return std::move(kept_walk_);
  return std::make_unique<log_walk>();
}

void journal_desk::on_closing() {
  events_.clear();
  records_.clear();
  reads_.clear();
  self_->quit();
}

}  // namespace agentpool::actors
