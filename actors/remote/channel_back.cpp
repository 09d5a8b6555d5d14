// What is on its way to a program, and what it waits for.
#include "actors/remote/channel_back.hpp"

#include <algorithm>
#include <caf/detail/serialized_size.hpp>

namespace agentpool::actors::remote {

namespace {

/// Answers that grow with the pool and change nothing: to be asked again they may be refused.
constexpr bool only_reads(const core::answer& answer) {
  return std::holds_alternative<core::pool_snapshot>(answer) ||
         std::holds_alternative<core::member_list>(answer) ||
         std::holds_alternative<core::inbox_page>(answer);
}

/// Of those, and of what was done: a message has a bound between nodes.
constexpr bool may_be_large(const core::answer& answer) {
  return only_reads(answer) || std::holds_alternative<core::message_receipt>(answer) ||
         std::holds_alternative<core::wake_registration>(answer);
}

core::agent_error too_large(std::size_t most) {
  return core::overloaded("the answer is larger than a message between nodes may be (" +
                          std::to_string(most) + " bytes): ask for less");
}

core::agent_error no_room(std::size_t most) {
  return core::overloaded("too much is on its way to this program (untaken_bytes_max " +
                          std::to_string(most) + "): repeat later");
}

}  // namespace

void channel_desk::back::tell_pool(std::uint64_t number, core::outcome<core::answer> what) {
  const bool measured = what && may_be_large(*what);
  const bool refusable = what && only_reads(*what);
  tell_answer(messages::pool_told{channel, number, core::agent_error{}}, std::move(what),
              measured ? 0 : usual_bytes, refusable);
}

void channel_desk::back::tell_journal(std::uint64_t number,
                                      core::outcome<messages::journal_answer> what,
                                      std::size_t bytes) {
  tell_answer(messages::journal_told{channel, number, core::agent_error{}}, std::move(what), bytes,
              true);
}

/// `bytes` 0: not measured yet. What was done is told whatever is under way: said to be refused, it
/// would be done again.
template <class Told, class Answer>
void channel_desk::back::tell_answer(Told told, core::outcome<Answer> what, std::size_t bytes,
                                     bool refusable) {
  answered();
  if (!what) {
    told.what = what.error();
    return tell(std::move(told));
  }
  told.what = *std::move(what);
  if (bytes == 0) bytes = caf::detail::serialized_size(*system, told);
  if (bytes <= answer_bytes_max && (!refusable || has_room(bytes)))
    return tell(std::move(told), bytes);
  told.what = bytes > answer_bytes_max ? too_large(answer_bytes_max) : no_room(untaken_bytes_max);
  tell(std::move(told));
}

std::uint64_t channel_desk::back::begin() {
  const std::lock_guard guard{lock_};
  ++unanswered_;
  return ++account->unanswered;
}

void channel_desk::back::answered() {
  const std::lock_guard guard{lock_};
  if (ended_ || unanswered_ == 0) return;
  --unanswered_;
  --account->unanswered;
}

void channel_desk::back::note(std::size_t bytes) {
  const std::lock_guard guard{lock_};
  if (ended_) return;
  untaken_.push_back(bytes);
  untaken_bytes_ += bytes;
  ++account->untaken;
}

void channel_desk::back::taken(std::uint64_t messages) {
  const std::lock_guard guard{lock_};
  for (; messages > 0 && !untaken_.empty(); --messages) {
    untaken_bytes_ -= untaken_.front();
    untaken_.pop_front();
    --account->untaken;
  }
}

bool channel_desk::back::keeps_up() const {
  const std::lock_guard guard{lock_};
  return untaken_.size() <= untaken_max && untaken_bytes_ <= untaken_bytes_max;
}

/// A single answer has room always: else it never had.
bool channel_desk::back::has_room(std::size_t bytes) const {
  const std::lock_guard guard{lock_};
  return untaken_bytes_ == 0 || untaken_bytes_ + bytes <= untaken_bytes_max;
}

void channel_desk::back::end() {
  const std::lock_guard guard{lock_};
  ended_ = true;
  account->untaken -= untaken_.size();
  account->unanswered -= unanswered_;
  untaken_.clear();
  untaken_bytes_ = 0;
}

}  // namespace agentpool::actors::remote
