#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "actors/remote/attendance.hpp"
#include "agentpool/actors/log.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/core/digest.hpp"
#include "agentpool/core/run_event.hpp"

namespace agentpool::actors::remote {

namespace {

/// So often the same row may be written by somebody else in between.
constexpr std::uint32_t tries_max = 8;

constexpr std::size_t token_bytes_min = 32;
constexpr std::size_t token_bytes_max = 512;

core::agent_error has_left(const core::run_id& run) {
  return core::invalid_transition(
      "the run is no member of the pool: it has left, or was away for "
      "longer than its time of grace; join again",
      {core::entity(core::entity_kind::run, run.text())});
}

core::agent_error crowded(const core::run_id& run) {
  return core::overloaded("others want the same run at the same moment: repeat later",
                          {core::entity(core::entity_kind::run, run.text())});
}

}  // namespace

void publish_denial(const pool_handle& pool, const core::run_id& run, core::instant now,
                    std::uint64_t number) {
  pool.submit(core::list_members{run}, [pool, now,
                                        number](const core::outcome<core::answer>& what) {
    if (!what) return;
    for (const auto& member : std::get<core::member_list>(*what).members)
      pool.submit(core::publish_event{core::denial_event(member, "source.sdk.node", now, number)},
                  [](const auto&) {});
  });
}

void attendance_desk::on_asked(const messages::seat_asked& asked) {
  if (closing_) return;
  if (!loaded_) {
    if (early_.size() >= setup_.around->limits.requests_max)
      return answer(asked, crowded(asked.ask.run_id));
    early_.push_back(asked);
    return;
  }
  if (asked.ask.joining && asked.ask.joining->run_id != asked.ask.run_id)
    return answer(asked, core::contract_violation("the member is another run than the seat's"));
  const auto bytes = asked.ask.token.size();
  if (bytes < token_bytes_min || bytes > token_bytes_max)
    return answer(asked, core::policy_denied("a run's token has 32 to 512 bytes"));
  auto& of = seats_[asked.ask.run_id];
  if (!of.busy) {
    of.busy = true;
    of.tries = 0;
    return decide(asked);
  }
  if (of.waiting.size() < setup_.around->limits.waiting_seats_max)
    return of.waiting.push_back(asked);
  answer(asked, crowded(asked.ask.run_id));
}

void attendance_desk::answer(const messages::seat_asked& asked, core::agent_error why) {
  self_->send(asked.channel,
              messages::seat_answered{asked.ask.number, asked.ask.run_id, std::move(why), {}});
}

/// A run is its secret's holder's: who has the row's secret may take it over, and who joins a run
/// that is no member makes its secret.
void attendance_desk::decide(const messages::seat_asked& asked) {
  const auto& of = seats_.at(asked.ask.run_id);
  if (of.row && of.row->leaving) return end_leaving(asked);
  const bool proven = of.row && of.row->token_sha256 == core::sha256_hex(asked.ask.token);
  if (proven && asked.ask.joining) return claim(asked);
  check_member(asked, proven);
}

void attendance_desk::check_member(const messages::seat_asked& asked, bool proven) {
  pool_->submit(core::list_members{asked.ask.run_id},
                on_turn<core::answer>(me(), [this, asked, proven](const auto& what) {
                  if (closing_) return;
                  if (!what) return refuse(asked, what.error());
                  on_member_known(asked, proven, std::get<core::member_list>(*what));
                }));
}

/// Before anybody is denied the row is read again: another node may have written it.
void attendance_desk::on_member_known(const messages::seat_asked& asked, bool proven,
                                      const core::member_list& list) {
  if (list.members.empty())
    return asked.ask.joining ? claim(asked) : refuse(asked, has_left(asked.ask.run_id));
  if (proven) return claim(asked);
  auto& of = seats_.at(asked.ask.run_id);
  if (std::exchange(of.reread, true)) return deny(asked);
  reread(asked.ask.run_id, [this, asked](const core::outcome<bool>& read) {
    if (closing_) return;
    if (!read) return refuse(asked, read.error());
    decide(asked);
  });
}

/// Another node may be about to have the run leave, or died when it was. The row is written anew
/// before: so that the run has not come back under another row meanwhile.
void attendance_desk::end_leaving(const messages::seat_asked& asked) {
  if (++seats_.at(asked.ask.run_id).tries >= tries_max)
    return refuse(asked, crowded(asked.ask.run_id));
  mark_leaving(asked.ask.run_id, [this, asked](const core::outcome<bool>& gone) {
    if (!gone) return refuse(asked, gone.error());
    decide(asked);
  });
}

/// Writes the row: from now on no other node thinks that it may send the run away.
void attendance_desk::claim(const messages::seat_asked& asked) {
  const auto& run = asked.ask.run_id;
  auto& of = seats_.at(run);
  const core::run_seat row{core::sha256_hex(asked.ask.token), setup_.around->node, false};
  write({space_, run.text(), core::to_value(row), of.version},
        [this, asked, row](const core::outcome<core::registry_written>& version) {
          if (closing_) return;
          auto& mine = seats_.at(asked.ask.run_id);
          if (version && *version) {
            mine.row = row;
            mine.version = **version;
            return asked.ask.joining ? join(asked) : seated(asked, {});
          }
          if (version && ++mine.tries >= tries_max) return refuse(asked, crowded(asked.ask.run_id));
          const auto why = version ? std::optional<core::agent_error>{} : version.error();
          reread(asked.ask.run_id, [this, asked, why](const core::outcome<bool>& read) {
            if (closing_) return;
            if (!read) return refuse(asked, read.error());
            if (why) return refuse(asked, *why);
            decide(asked);
          });
        });
}

void attendance_desk::join(const messages::seat_asked& asked) {
  pool_->submit(core::join_run{*asked.ask.joining},
                on_turn<core::answer>(me(), [this, asked](const auto& what) {
                  if (closing_) return;
                  if (!what) return refuse(asked, what.error());
                  seated(asked, std::get<core::run_joined>(*what));
                }));
}

void attendance_desk::seated(const messages::seat_asked& asked,
                             std::optional<core::run_joined> joined) {
  const auto& run = asked.ask.run_id;
  hold(run, seats_.at(run), asked.channel);
  self_->send(asked.channel, messages::seat_answered{asked.ask.number, run, {}, joined});
  done_with(run);
}

void attendance_desk::refuse(const messages::seat_asked& asked, core::agent_error why) {
  answer(asked, std::move(why));
  done_with(asked.ask.run_id);
}

void attendance_desk::deny(const messages::seat_asked& asked) {
  const auto& run = asked.ask.run_id;
  const auto number = ++setup_.around->refused;
  if (denied_.size() >= setup_.around->limits.denied_max) denied_.clear();
  const auto now = self_->clock().now();
  const auto [last, is_new] = denied_.try_emplace(run, now);
  if (is_new || last->second + setup_.around->limits.denial_pause <= now) {
    last->second = now;
    logger().warn("a program wanted to act as a run without its token");
    publish_denial(*pool_, run, setup_.around->clock->now(), number);
  }
  refuse(asked, core::policy_denied("only who has the run's token may act as the run",
                                    {core::entity(core::entity_kind::run, run.text())}));
}

/// The next one that waits for the run; a run that is nothing to us is forgotten. One that nobody
/// holds has its time, also if we know of it only because somebody asked.
void attendance_desk::done_with(const core::run_id& run) {
  auto& of = seats_.at(run);
  of.busy = false;
  of.reread = false;
  of.tries = 0;
  if (of.row && !holds(of) && !of.due) detach(run, of, setup_.around->limits.grace);
  count();
  arm();
  if (!of.waiting.empty()) {
    const auto next = std::move(of.waiting.front());
    of.waiting.pop_front();
    of.busy = true;
    return decide(next);
  }
  if (!of.row && !holds(of) && !of.due) seats_.erase(run);
}

// ---- leaving ----------------------------------------------------------------------------------

void attendance_desk::on_given_up(const messages::seat_given_up& given_up) {
  const auto found = seats_.find(given_up.run_id);
  if (found == seats_.end() || closing_) return;
  auto& of = found->second;
  if (of.due) dues_.erase({*std::exchange(of.due, std::nullopt), given_up.run_id});
  if (const auto channel = channels_.find(of.holder); channel != channels_.end())
    channel->second.erase(given_up.run_id);
  // Who joins the run next has a secret of its own.
  if (holds(of)) self_->send(of.holder, messages::seat_lost{given_up.run_id, true});
  of.holder = messages::seat_holder{};
  // Somebody joins it again already: the row is the next one's.
  if (of.busy) return count();
  of.busy = true;
  remove_row(given_up.run_id, [this, run = given_up.run_id](const core::outcome<bool>& gone) {
    if (!gone || !*gone) expire_later(run, setup_.around->limits.grace);
    done_with(run);
  });
}

/// How much longer a run may have been at another node, whose row it has, than we know of.
std::chrono::milliseconds attendance_desk::spare_for(seat& of) {
  using std::chrono::milliseconds;
  const auto& around = *setup_.around;
  if (of.row->leaving || of.row->node == around.node) return {};
  // Once: clocks that differ must not make it for ever.
  if (std::exchange(of.spared, of.version) == of.version) return {};
  if (around.is_live(of.row->node)) return around.limits.grace;
  // It was there until that node's lease ran out, at the latest.
  const auto expiry = around.expiry_of(of.row->node);
  if (!expiry) return {};
  const auto until = *expiry + around.limits.grace - around.clock->now();
  return std::clamp<milliseconds>(until, milliseconds{0}, around.limits.grace);
}

/// The run's time of grace is over. It leaves if nobody has seated it since, here or elsewhere. A
/// node that lives and had the run last may have it still, but not for long: it finds out that the
/// pool is here. Living alone is no reason to wait for good: it may have lived anew since.
void attendance_desk::expire(const core::run_id& run) {
  auto& of = seats_.at(run);
  if (of.busy) return expire_later(run, setup_.around->limits.retry_after);
  if (holds(of) || !of.row) return;
  if (const auto spare = spare_for(of); spare.count() > 0) return expire_later(run, spare);
  of.busy = true;
  mark_leaving(run, [this, run](const core::outcome<bool>& gone) {
    // Another node has seated it, or the store failed: look again later.
    const auto& limits = setup_.around->limits;
    if (!gone || !*gone) expire_later(run, gone ? limits.grace : limits.retry_after);
    done_with(run);
  });
}

/// Gives whether the run has no row any more; false: it is another's.
void attendance_desk::mark_leaving(const core::run_id& run, const left_callback& then) {
  auto& of = seats_.at(run);
  auto row = *of.row;
  row.leaving = true;
  write({space_, run.text(), core::to_value(row), of.version},
        [this, run, row, then](const core::outcome<core::registry_written>& version) {
          if (closing_) return;
          auto& mine = seats_.at(run);
          if (!version || !*version) return look_again(run, version, then);
          mine.row = row;
          mine.version = **version;
          leave(run, then);
        });
}

void attendance_desk::leave(const core::run_id& run, const left_callback& then) {
  pool_->catch_up();
  pool_->submit(core::leave_run{run},
                on_turn<core::answer>(me(), [this, run, then](const auto& what) {
                  if (closing_) return;
                  const bool gone =
                      what || what.error().kind == core::agent_error_kind::invalid_state_transition;
                  gone ? remove_row(run, then) : then(what.error());
                }));
}

/// Busy until the row is gone, so that who joins the run now begins after that.
void attendance_desk::remove_row(const core::run_id& run, const left_callback& then) {
  write({space_, run.text(), {}, seats_.at(run).version},
        [this, run, then](const core::outcome<core::registry_written>& removed) {
          if (closing_) return;
          auto& of = seats_.at(run);
          if (!removed || !*removed) return look_again(run, removed, then);
          of.row.reset();
          of.version = 0;
          then(true);
        });
}

/// A row could not be written: is it there still, and whose?
void attendance_desk::look_again(const core::run_id& run,
                                 const core::outcome<core::registry_written>& why,
                                 const left_callback& then) {
  reread(run, [this, why, then](const core::outcome<bool>& there) {
    if (closing_) return;
    if (!there) return then(there.error());
    if (*there && !why) return then(why.error());
    then(!*there);
  });
}

void attendance_desk::expire_later(const core::run_id& run, std::chrono::milliseconds after) {
  detach(run, seats_.at(run), after);
  arm();
}

}  // namespace agentpool::actors::remote
