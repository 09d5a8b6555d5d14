#include <utility>

#include "actors/remote/standin.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors::remote {

namespace {

/// The stream whose next items are asked for; none for other questions.
std::uint64_t* stream_number(messages::journal_question& ask) {
  if (auto* frames = std::get_if<messages::next_frames>(&ask)) return &frames->stream;
  if (auto* records = std::get_if<messages::next_records>(&ask)) return &records->stream;
  return nullptr;
}

bool opens(const messages::journal_question& ask) {
  return std::holds_alternative<messages::open_subscription>(ask) ||
         std::holds_alternative<messages::open_watch>(ask);
}

}  // namespace

/// A stream waits for as long as nothing comes; everything else has its time.
void standin_desk::on_journal_asked(const journal_call_ptr& call) {
  if (closing_) return;
  auto* const number = stream_number(call->ask);
  std::optional<tick> due;
  if (number == nullptr) due = self_->clock().now() + around_->limits().request_wait;
  if (number != nullptr) {
    const auto found = streams_.find(*number);
    if (found == streams_.end())
      return call->back.give(core::contract_violation("no such stream, or it has ended"));
    if (found->second.unanswered)
      return call->back.give(core::contract_violation("asked for already"));
    found->second.unanswered = last_request_ + 1;
  }
  const auto asked = add(request{call, due, {}});
  arm();
  if (phase_ == phase::ready) return number == nullptr ? offer(asked) : transmit(asked);
  if (phase_ == phase::resting && !rest_until_) look();
}

void standin_desk::transmit(std::uint64_t number, const journal_call_ptr& call) {
  auto ask = call->ask;
  if (auto* stream = stream_number(ask)) {
    const auto found = streams_.find(*stream);
    if (found == streams_.end()) return fail(number, messages::closed());
    // Asked once the stream is open again.
    if (!found->second.at_node) return;
    *stream = *found->second.at_node;
  }
  self_->send(peer_, messages::ask_journal{number, std::move(ask)});
}

void standin_desk::transmit(std::uint64_t number, const stream_reopened& stream) {
  const auto found = streams_.find(stream.stream);
  if (found == streams_.end()) return;
  std::visit(
      [&](const auto& what) {
        self_->send(peer_, messages::ask_journal{number, {what}});
      },
      found->second.what);
}

void standin_desk::on_journal_told(messages::journal_told& told) {
  auto asked = take(told.number);
  if (!asked) return;
  core::outcome<messages::journal_answer> what = core::agent_error{};
  if (auto* why = std::get_if<core::agent_error>(&told.what)) {
    what = std::move(*why);
  } else {
    what = std::get<messages::journal_answer>(std::move(told.what));
  }
  if (const auto* call = std::get_if<journal_call_ptr>(&asked->what))
    return journal_answered(told.number, *call, std::move(what));
  if (const auto* stream = std::get_if<stream_reopened>(&asked->what))
    reopened(stream->stream, what);
}

/// Streams have numbers of their own here, good for as long as they are open, wherever their node.
void standin_desk::journal_answered(std::uint64_t number, const journal_call_ptr& call,
                                    core::outcome<messages::journal_answer> what) {
  learn(what);
  if (what && opens(call->ask)) {
    auto& stream = streams_[++last_stream_];
    if (const auto* subscription = std::get_if<messages::open_subscription>(&call->ask))
      stream.what = *subscription;
    else
      stream.what = std::get<messages::open_watch>(call->ask);
    stream.at_node = std::get<messages::stream_opened>(*what).stream;
    what = messages::journal_answer{messages::stream_opened{last_stream_}};
  }
  if (const auto* asked = stream_number(call->ask)) {
    const auto found = streams_.find(*asked);
    if (found != streams_.end() && found->second.unanswered == number) {
      auto& stream = found->second;
      stream.unanswered.reset();
      if (what) {
        const auto* frames = std::get_if<messages::frame_page>(&*what);
        if (frames != nullptr && !frames->frames.empty())
          std::get<messages::open_subscription>(stream.what).cursor = frames->frames.back().cursor;
        const auto* records = std::get_if<messages::record_page>(&*what);
        if (records != nullptr && !records->records.empty())
          std::get<messages::open_watch>(stream.what).cursor = records->records.back().cursor;
      }
    }
  }
  call->back.give(std::move(what));
}

void standin_desk::reopened(std::uint64_t stream,
                            const core::outcome<messages::journal_answer>& what) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) {
    if (what)
      self_->send(peer_, messages::close_stream{std::get<messages::stream_opened>(*what).stream});
    return;
  }
  const auto next = found->second.unanswered;
  if (what) {
    found->second.at_node = std::get<messages::stream_opened>(*what).stream;
    if (next) transmit(*next);
    return;
  }
  streams_.erase(found);
  if (next) fail(*next, what.error());
}

/// What comes next in a stream is asked when that is open again, and then only: asked twice it is
/// answered twice, and what the second answer has is lost.
bool standin_desk::goes_with_stream(const request& asked) {
  const auto* call = std::get_if<journal_call_ptr>(&asked.what);
  return call != nullptr && stream_number((*call)->ask) != nullptr;
}

void standin_desk::streams_lost() {
  for (auto& [number, stream] : streams_) stream.at_node.reset();
}

void standin_desk::on_close_stream(std::uint64_t stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  const auto next = found->second.unanswered;
  if (found->second.at_node && in_channel())
    self_->send(peer_, messages::close_stream{*found->second.at_node});
  streams_.erase(found);
  if (next) fail(*next, messages::closed());
}

}  // namespace agentpool::actors::remote
