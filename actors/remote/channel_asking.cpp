#include <spdlog/spdlog.h>

#include <algorithm>
#include <caf/detail/serialized_size.hpp>
#include <iterator>
#include <type_traits>
#include <utility>

#include "actors/remote/attendance.hpp"
#include "actors/remote/channel.hpp"
#include "actors/remote/channel_back.hpp"
#include "agentpool/actors/log.hpp"
#include "agentpool/core/acting_run.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors::remote {

namespace {

constexpr std::chrono::hours wait_max{24};

/// What was waited for has not come.
bool came_to_nothing(const core::answer& answer) {
  if (const auto* page = std::get_if<core::inbox_page>(&answer)) return page->entries.empty();
  const auto* report = std::get_if<core::wake_report>(&answer);
  return report != nullptr && !report->notice;
}

core::agent_error no_stream() { return core::contract_violation("no such stream on this channel"); }

template <class Stream>
using page_of = std::conditional_t<std::is_same_v<Stream, subscription>, messages::frame_page,
                                   messages::record_page>;

std::vector<core::event_frame>& items_of(messages::frame_page& page) { return page.frames; }
std::vector<core::store_record>& items_of(messages::record_page& page) { return page.records; }

core::agent_error too_many(const char* what, std::size_t most) {
  return core::overloaded(std::string{what} + " " + std::to_string(most) + "): repeat later");
}

}  // namespace

/// Whether the request may be passed on; else it is answered.
bool channel_desk::begin(std::uint64_t number, bool journal) {
  if (ended_ || !keeps_up()) return false;
  if (back_->begin() <= around_->limits.requests_max) return true;
  const auto why = too_many("too many requests of this program are not answered yet (requests_max",
                            around_->limits.requests_max);
  journal ? back_->tell_journal(number, why) : back_->tell_pool(number, why);
  return false;
}

void channel_desk::on_ask(messages::ask_pool& ask) {
  if (!begin(ask.number, false)) return;
  const auto* run = core::acting_run(ask.ask);
  if (run != nullptr && !seats_.contains(*run)) return deny(ask.number, *run);
  if (auto* left = std::get_if<core::leave_run>(&ask.ask)) return leave(ask.number, *left);
  if (const auto* wake = std::get_if<core::cancel_wake>(&ask.ask))
    return cancel_wake(ask.number, *wake);
  if (std::holds_alternative<core::expire_due>(ask.ask) ||
      std::holds_alternative<core::join_run>(ask.ask))
    return back_->tell_pool(ask.number,
                            core::contract_violation("no request that a program may make"));
  if (ask.wait_millis == 0) return submit(ask.number, std::move(ask.ask), {});
  const auto longest = static_cast<std::uint64_t>(std::chrono::milliseconds{wait_max}.count());
  wait_on(ask.number, std::move(ask.ask),
          std::chrono::milliseconds{std::min(ask.wait_millis, longest)});
}

/// A little at a time: what a program waits for that is gone would stay in the pool for as long as
/// it said.
void channel_desk::wait_on(std::uint64_t number, core::command ask,
                           std::chrono::milliseconds left) {
  const auto slice = std::min(left, around_->limits.wait_slice);
  if (slice == left) return submit(number, std::move(ask), left);
  auto again = ask;
  pool_->submit(
      std::move(ask), slice,
      on_turn<core::answer>(messages::channel_actor{self_},
                            [this, number, again, left, slice](core::outcome<core::answer> what) {
                              if (ended_ || !what || !came_to_nothing(*what))
                                return back_->tell_pool(number, std::move(what));
                              wait_on(number, again, left - slice);
                            }));
}

void channel_desk::submit(std::uint64_t number, core::command ask, std::chrono::milliseconds wait) {
  pool_->submit(std::move(ask), wait, [back = back_, number](core::outcome<core::answer> what) {
    back->tell_pool(number, std::move(what));
  });
}

/// A run that left by itself needs its seat no more.
void channel_desk::leave(std::uint64_t number, core::leave_run ask) {
  const auto run = ask.run_id;
  pool_->submit(std::move(ask), [back = back_, number, run,
                                 attendance = attendance_](core::outcome<core::answer> what) {
    if (what) caf::anon_send(attendance, messages::seat_given_up{run});
    back->tell_pool(number, std::move(what));
  });
}

/// The request names no run, so the wake has to.
void channel_desk::cancel_wake(std::uint64_t number, const core::cancel_wake& ask) {
  pool_->submit(core::poll_wake{ask.condition_id},
                on_turn<core::answer>(messages::channel_actor{self_},
                                      [this, number, ask](const core::outcome<core::answer>& what) {
                                        if (ended_ || !what) return back_->tell_pool(number, what);
                                        const auto& wake = std::get<core::wake_registration>(*what);
                                        if (!seats_.contains(wake.run_id))
                                          return deny(number, wake.run_id);
                                        submit(number, ask, {});
                                      }));
}

/// Told to the program each time; logged, and an event of the pool, once a run.
void channel_desk::deny(std::uint64_t number, const core::run_id& run) {
  const auto count = ++around_->refused;
  if (denied_.size() < around_->limits.denied_max && denied_.insert(run).second) {
    logger().warn("a program acted for a run without its token");
    publish_denial(*pool_, run, around_->clock->now(), count);
  }
  back_->tell_pool(number, core::policy_denied("only who has the run's token may act as the run",
                                               {core::entity(core::entity_kind::run, run.text())}));
}

// ---- the journal --------------------------------------------------------------------------------

void channel_desk::on_journal(messages::ask_journal& ask) {
  if (!begin(ask.number, true)) return;
  std::visit([&](auto& question) { this->question(ask.number, question); }, ask.ask);
}

template <class T>
void channel_desk::opened(std::uint64_t number, core::outcome<T>&& stream) {
  if (ended_) return back_->tell_journal(number, messages::closed());
  if (!stream) return back_->tell_journal(number, stream.error());
  if (streams_.size() >= around_->limits.streams_max)
    return back_->tell_journal(number, too_many("too many streams on one channel (streams_max",
                                                around_->limits.streams_max));
  streams_.emplace(++last_stream_, paged<T, page_of<T>>{*std::move(stream), {}});
  back_->tell_journal(number, messages::journal_answer{messages::stream_opened{last_stream_}});
}

void channel_desk::question(std::uint64_t number, messages::open_subscription& ask) {
  pool_->subscribe(std::move(ask.filter), std::move(ask.cursor),
                   on_turn<subscription>(messages::channel_actor{self_},
                                         [this, number](core::outcome<subscription>&& stream) {
                                           opened(number, std::move(stream));
                                         }));
}

void channel_desk::question(std::uint64_t number, messages::open_watch& ask) {
  pool_->watch(ask.cursor,
               on_turn<record_stream>(messages::channel_actor{self_},
                                      [this, number](core::outcome<record_stream>&& stream) {
                                        opened(number, std::move(stream));
                                      }));
}

template <class Source>
void channel_desk::next(std::uint64_t number, std::uint64_t stream, std::uint64_t most) {
  auto* source = source_of<Source>(stream);
  if (source == nullptr) return back_->tell_journal(number, no_stream());
  if (!items_of(source->kept).empty()) return tell_page<Source>(number, stream, most);
  if (std::exchange(source->reading, true))
    return back_->tell_journal(
        number, core::contract_violation("the stream was asked already: one request at a time"));
  using items = std::decay_t<decltype(items_of(source->kept))>;
  source->from.pull(most, on_turn<items>(messages::channel_actor{self_},
                                         [this, number, stream, most](core::outcome<items> read) {
                                           auto* now = source_of<Source>(stream);
                                           if (now == nullptr)
                                             return back_->tell_journal(number, no_stream());
                                           now->reading = false;
                                           if (!read)
                                             return back_->tell_journal(number, read.error());
                                           items_of(now->kept) = *std::move(read);
                                           tell_page<Source>(number, stream, most);
                                         }));
}

template <class Source>
Source* channel_desk::source_of(std::uint64_t stream) {
  const auto found = streams_.find(stream);
  return found == streams_.end() ? nullptr : std::get_if<Source>(&found->second);
}

/// As much of what was read as was asked for and a message may hold; the rest is for the next time.
template <class Source>
void channel_desk::tell_page(std::uint64_t number, std::uint64_t stream, std::uint64_t most) {
  auto& source = *source_of<Source>(stream);
  auto page = std::exchange(source.kept, {});
  auto& items = items_of(page);
  auto& rest = items_of(source.kept);
  const auto cut = [&](std::size_t count) {
    const auto at = items.begin() + static_cast<std::ptrdiff_t>(count);
    rest.insert(rest.begin(), std::make_move_iterator(at), std::make_move_iterator(items.end()));
    items.erase(at, items.end());
  };
  if (items.size() > most) cut(std::max<std::uint64_t>(most, 1));
  auto bytes = caf::detail::serialized_size(self_->system(), page);
  while (items.size() > 1 && bytes > back_->answer_bytes_max) {
    cut(items.size() / 2);
    bytes = caf::detail::serialized_size(self_->system(), page);
  }
  // What the stream has given it does not give again: the program's next channel begins before it.
  if (bytes <= back_->answer_bytes_max && !back_->has_room(bytes))
    return end(too_slow(around_->limits));
  // An error ends a stream; nobody is to go on behind what is missing.
  if (bytes > back_->answer_bytes_max) streams_.erase(stream);
  back_->tell_journal(number, messages::journal_answer{std::move(page)}, bytes);
}

void channel_desk::question(std::uint64_t number, messages::next_frames& ask) {
  next<frame_source>(number, ask.stream, ask.max);
}

void channel_desk::question(std::uint64_t number, messages::next_records& ask) {
  next<record_source>(number, ask.stream, ask.max);
}

void channel_desk::question(std::uint64_t number, messages::read_events& ask) {
  pool_->read_events(std::move(ask.filter), std::move(ask.cursor),
                     [back = back_, number](core::outcome<std::vector<core::event_frame>> frames) {
                       if (!frames) return back->tell_journal(number, frames.error());
                       back->tell_journal(number, messages::journal_answer{
                                                      messages::frame_page{*std::move(frames)}});
                     });
}

void channel_desk::question(std::uint64_t number, messages::read_records& ask) {
  pool_->records(
      ask.cursor, [back = back_, number](core::outcome<std::vector<core::store_record>> records) {
        if (!records) return back->tell_journal(number, records.error());
        back->tell_journal(number,
                           messages::journal_answer{messages::record_page{*std::move(records)}});
      });
}

void channel_desk::question(std::uint64_t number, messages::read_journal& ask) {
  pool_->journal(std::move(ask.run_id), ask.after, ask.max,
                 [back = back_, number](core::outcome<std::vector<core::journal_record>> records) {
                   if (!records) return back->tell_journal(number, records.error());
                   back->tell_journal(number, messages::journal_answer{
                                                  messages::journal_page{*std::move(records)}});
                 });
}

void channel_desk::on_close_stream(const messages::close_stream& ask) {
  streams_.erase(ask.stream);
}

}  // namespace agentpool::actors::remote
