#include "actors/remote/channel.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <caf/detail/serialized_size.hpp>
#include <iterator>
#include <utility>

#include "actors/remote/channel_back.hpp"
#include "agentpool/actors/log.hpp"
#include "agentpool/core/addressing.hpp"

namespace agentpool::actors::remote {

namespace {

core::agent_error taken_over(const core::run_id& run) {
  return core::invalid_transition("another program that has the run's token has taken it over",
                                  {core::entity(core::entity_kind::run, run.text())});
}

core::agent_error moved() {
  return core::store_unavailable("the pool is at another node now: ask where it is");
}

}  // namespace

void channel_desk::start(channel_setup setup) {
  around_ = std::move(setup.around);
  attendance_ = std::move(setup.attendance);
  pool_ = around_->host.pool(setup.pool);
  back_ = std::make_shared<back>();
  back_->peer = std::move(setup.peer);
  back_->channel = setup.channel;
  back_->system = &self_->system();
  back_->answer_bytes_max = around_->limits.answer_bytes_max;
  back_->untaken_max = around_->limits.untaken_max;
  back_->untaken_bytes_max = around_->limits.untaken_bytes_max;
  back_->account = std::move(setup.account);
  ++back_->account->channels;
  // What a peer sends that fits no handler: CAF would print each.
  self_->set_default_handler(caf::drop);
  self_->set_down_handler([this](const caf::down_msg&) { on_moved(); });
  self_->monitor(attendance_);
  // The program may come from a node that did more than this one has seen yet.
  pool_->catch_up();
  self_->send(attendance_, messages::channel_enters{messages::seat_holder{self_}});
  // By name: from now on the program may speak to this actor.
  back_->note();
  self_->send(back_->peer, messages::channel_opened{back_->channel});
}

channel_desk::~channel_desk() {
  if (!back_) return;
  --back_->account->channels;
  back_->account->runs -= seats_.size();
  back_->end();
}

core::agent_error channel_desk::too_slow(const node_limits& limits) {
  return core::overloaded("the program takes what it is sent too slowly (untaken_max " +
                          std::to_string(limits.untaken_max) + " messages, untaken_bytes_max " +
                          std::to_string(limits.untaken_bytes_max) + "): connect again");
}

/// A program that does not take what it is sent must not fill this process's memory.
bool channel_desk::keeps_up() {
  if (back_->keeps_up()) return true;
  logger().warn("a program is too slow: its channel is closed");
  end(too_slow(around_->limits));
  return false;
}

void channel_desk::end(core::agent_error why) {
  if (std::exchange(ended_, true)) return;
  back_->tell(messages::channel_closed{back_->channel, std::move(why)});
  on_close();
}

void channel_desk::on_close() {
  ended_ = true;
  for (const auto& [run, attached] : seats_) release(run);
  self_->send(attendance_, messages::channel_leaves{messages::seat_holder{self_}});
  self_->quit();
}

void channel_desk::on_moved() { end(moved()); }

void channel_desk::on_taken(const messages::channel_taken& taken) { back_->taken(taken.messages); }

// ---- seats ------------------------------------------------------------------------------------

void channel_desk::on_seat(messages::seat_run& ask) {
  if (ended_ || !keeps_up()) return;
  if (back_->account->unanswered >= around_->limits.requests_max)
    return back_->tell(messages::run_seated{
        back_->channel,
        ask.number,
        core::overloaded("too many requests of this program are not answered yet"),
        {}});
  if (seats_.size() >= around_->limits.runs_max && !seats_.contains(ask.run_id))
    return back_->tell(
        messages::run_seated{back_->channel,
                             ask.number,
                             core::overloaded("too many runs on one channel (runs_max " +
                                              std::to_string(around_->limits.runs_max) + ")"),
                             {}});
  ++seats_asked_;
  back_->begin();
  self_->send(attendance_, messages::seat_asked{messages::seat_holder{self_}, std::move(ask)});
}

void channel_desk::on_seat_answered(const messages::seat_answered& answer) {
  if (seats_asked_ > 0) {
    --seats_asked_;
    back_->answered();
  }
  if (ended_) return;
  if (!answer.error && seats_.try_emplace(answer.run_id, false).second) ++back_->account->runs;
  back_->tell(messages::run_seated{back_->channel, answer.number, answer.error, answer.joined});
}

void channel_desk::on_seat_lost(const messages::seat_lost& lost) {
  const auto& run = lost.run_id;
  const auto found = seats_.find(run);
  if (found == seats_.end()) return;
  release(run);
  seats_.erase(found);
  --back_->account->runs;
  if (!lost.left && !ended_)
    back_->tell(messages::seat_ended{back_->channel, run, taken_over(run)});
}

/// Nothing more of the run's inbox comes this way.
void channel_desk::release(const core::run_id& run) {
  if (std::exchange(seats_.at(run), false))
    pool_->host(messages::hosted_run_gone{run, self_->id()});
}

void channel_desk::on_seat_ready(const messages::seat_ready& ready) {
  const auto found = seats_.find(ready.run_id);
  if (found == seats_.end() || ended_) return;
  found->second = true;
  pool_->host(messages::hosted_run_ready{ready.run_id, ready.after, ready.credit, self_->id(),
                                         messages::run_host{self_}});
}

void channel_desk::on_seat_quiet(const messages::seat_quiet& quiet) {
  if (seats_.contains(quiet.run_id)) release(quiet.run_id);
}

/// What is in the mailbox already for the same runs goes as one message: alone an entry is told at
/// once, many share the cost of one.
void channel_desk::on_entries(messages::run_entries& handed) {
  if (ended_ || !keeps_up()) return;
  if (gathered_.runs != handed.runs || gathered_.entries.size() >= around_->limits.entries_max) {
    tell_entries();
    gathered_ = std::move(handed);
  } else {
    gathered_.entries.insert(gathered_.entries.end(),
                             std::make_move_iterator(handed.entries.begin()),
                             std::make_move_iterator(handed.entries.end()));
  }
  if (!std::exchange(flushing_, true))
    self_->send(messages::channel_actor{self_}, messages::flush_entries{});
}

void channel_desk::on_flush() {
  flushing_ = false;
  if (!ended_) tell_entries();
}

void channel_desk::tell_entries() {
  if (gathered_.entries.empty()) return;
  tell_entries({back_->channel, std::move(gathered_.runs), std::move(gathered_.entries)});
  gathered_ = {};
}

/// As many messages as it takes: what is larger than one may be would never arrive, and what comes
/// after it would.
void channel_desk::tell_entries(messages::seats_handed handed) {
  if (ended_) return;
  const auto bytes = caf::detail::serialized_size(self_->system(), handed);
  if (bytes <= back_->answer_bytes_max) return back_->tell(std::move(handed), bytes);
  messages::seats_handed rest{handed.channel, handed.runs, handed.entries};
  const auto cut = [](auto& first, auto& second) {
    const auto middle = static_cast<std::ptrdiff_t>(first.size() / 2);
    first.erase(first.begin() + middle, first.end());
    second.erase(second.begin(), second.begin() + middle);
  };
  if (handed.entries.size() > 1) {
    cut(handed.entries, rest.entries);
  } else if (handed.runs.size() > 1) {
    cut(handed.runs, rest.runs);
  } else {
    return end(core::host_configuration_needed(
        "a message of an inbox is larger than a message between nodes may be"));
  }
  tell_entries(std::move(handed));
  tell_entries(std::move(rest));
}

void channel_desk::on_wake(const messages::wake_handed& handed) {
  if (ended_ || !keeps_up()) return;
  tell_entries();
  back_->tell(messages::seat_woken{back_->channel, handed.notice});
}

messages::channel_actor::behavior_type channel(
    messages::channel_actor::stateful_pointer<channel_desk> self, channel_setup setup) {
  auto& desk = self->state;
  desk.start(std::move(setup));
  return {
      [&desk](messages::seat_run& ask) { desk.on_seat(ask); },
      [&desk](messages::ask_pool& ask) { desk.on_ask(ask); },
      [&desk](messages::ask_journal& ask) { desk.on_journal(ask); },
      [&desk](const messages::close_stream& ask) { desk.on_close_stream(ask); },
      [&desk](const messages::seat_ready& ready) { desk.on_seat_ready(ready); },
      [&desk](const messages::seat_quiet& quiet) { desk.on_seat_quiet(quiet); },
      [&desk](const messages::channel_taken& taken) { desk.on_taken(taken); },
      [&desk](messages::close_channel) { desk.on_close(); },
      [&desk](messages::run_entries& handed) { desk.on_entries(handed); },
      [&desk](messages::flush_entries) { desk.on_flush(); },
      [&desk](const messages::wake_handed& handed) { desk.on_wake(handed); },
      [&desk](const messages::seat_answered& answer) { desk.on_seat_answered(answer); },
      [&desk](const messages::seat_lost& lost) { desk.on_seat_lost(lost); },
      [&desk](messages::pool_moved) { desk.on_moved(); },
      [](const messages::come_back& back) { back.work(); },
      [&desk](messages::closing) { desk.on_close(); },
  };
}

}  // namespace agentpool::actors::remote
