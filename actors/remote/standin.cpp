#include "actors/remote/standin.hpp"

#include <algorithm>
#include <utility>

#include "agentpool/core/placement.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors::remote {

namespace {

/// A node knows by then what was taken, where too little comes to tell it by number.
constexpr std::chrono::milliseconds taken_pause{50};

}  // namespace

void standin_desk::start(std::shared_ptr<dialing> around, core::pool_id pool,
                         std::function<bool()> may_end) {
  around_ = std::move(around);
  pool_ = std::move(pool);
  may_end_ = std::move(may_end);
  gauge_ = around_->gauge(pool_);
  if (around_->with().watch) around_->with().watch->on_standin(pool_, [this] { return view(); });
  const auto& seeds = around_->with().seeds;
  seed_ = static_cast<std::size_t>(around_->chance() * static_cast<double>(seeds.size()));
  // What a peer sends that fits no handler: CAF would print each.
  self_->set_default_handler(caf::drop);
  self_->set_down_handler([this](const caf::down_msg& down) {
    if (!peer_ || down.source != peer_.address()) return;
    count_failure();
    lose_channel();
    // Not at once: it may be something of ours that ends each.
    const auto& limits = around_->limits();
    look(core::backoff(limits.backoff_least, limits.backoff_most, tries_, around_->chance()));
  });
  next_seed();
}

standin_view standin_desk::view() const {
  standin_view seen;
  if (!in_channel()) return seen;
  seen.endpoint = endpoint_;
  for (const auto& [run, local] : runs_)
    if (local.seated) seen.seated.push_back(run);
  std::sort(seen.seated.begin(), seen.seated.end());
  return seen;
}

// ---- reaching the node ------------------------------------------------------------------------

void standin_desk::enter(phase next) {
  phase_ = next;
  gauge_->enter(next, endpoint_);
  gauge_->requests = requests_.size();
}

void standin_desk::next_seed() {
  const auto& seeds = around_->with().seeds;
  endpoint_ = seeds[seed_++ % seeds.size()];
  is_seed_ = true;
}

/// Asks for the connection to where the pool may be, once something is asked of it.
void standin_desk::look(std::chrono::milliseconds after) {
  if (closing_) return;
  enter(phase::resting);
  if (after.count() > 0) {
    rest_until_ = self_->clock().now() + after;
    return arm();
  }
  rest_until_.reset();
  if (requests_.empty() && runs_.empty() && streams_.empty()) return;
  enter(phase::linking);
  link_ = around_->to(endpoint_);
  if (link_) self_->send(link_, messages::link_wanted{messages::link_user{self_}});
}

void standin_desk::on_link_up(const messages::link_up& up) {
  if (phase_ != phase::linking || up.endpoint != endpoint_) return;
  if (!is_seed_) unreached_ = 0;
  enter(phase::opening);
  self_->send(up.session, messages::open_channel{++channel_, pool_, hops_});
  rest_until_ = self_->clock().now() + around_->limits().greeting_max;
  arm();
}

/// The next seed is asked at once: the connection itself sees to the waits. Who was said to have
/// the pool and is not to be reached is soon given up: a node that is reached then takes it.
void standin_desk::on_link_down(const messages::link_down& down) {
  if (down.endpoint != endpoint_ || closing_) return;
  const bool was_linked = phase_ > phase::linking;
  if (phase_ == phase::resting) return;
  lose_channel();
  const bool may_help = down.why.retry == core::retry_classification::retryable;
  if (!was_linked && !is_seed_ && ++unreached_ >= around_->limits().insist_after)
    hops_ = around_->limits().hops_max;
  next_seed();
  if (may_help) return look();
  // A refusal that another try does not change: no use in haste.
  fail_all(down.why);
  look(around_->limits().backoff_most);
}

/// Everything of the channel that is no more is asked again on the next.
void standin_desk::lose_channel() {
  if (peer_) {
    self_->demonitor(peer_.address());
    // Should it still be there.
    self_->send(peer_, messages::close_channel{});
  }
  peer_ = messages::channel_peer{};
  ++channel_;
  opened_at_.reset();
  taken_ = 0;
  taken_at_.reset();
  seats_awaited_ = 0;
  slow_.clear();
  alone_.clear();
  behind_.clear();
  given_up_.clear();
  unseated_.clear();
  seat_at_.reset();
  seat_tries_ = 0;
  std::erase_if(requests_, [&](const auto& known) {
    const bool own = known.second.what.index() >= 2;
    if (own && known.second.due) dues_.erase({*known.second.due, known.first});
    return own;
  });
  gauge_->runs = 0;
  for (auto& [run, local] : runs_) {
    local.seated = false;
    local.asked = false;
    local.held.clear();
  }
  streams_lost();
}

bool standin_desk::takes(std::uint64_t channel) {
  if (channel != channel_ || closing_) return false;
  if (++taken_ >= around_->limits().taken_each) {
    tell_taken();
  } else if (taken_ == 1) {
    taken_at_ = self_->clock().now() + taken_pause;
    arm();
  }
  return true;
}

/// By number where many come, else soon: what the node does not know as taken counts as under way,
/// however large it was.
void standin_desk::tell_taken() {
  taken_at_.reset();
  if (const auto taken = std::exchange(taken_, 0); peer_ && taken > 0)
    self_->send(peer_, messages::channel_taken{taken});
}

/// One that had lasted is no sign that the next does not.
void standin_desk::count_failure() {
  const bool lasted =
      opened_at_ && self_->clock().now() - *opened_at_ >= around_->limits().backoff_most;
  tries_ = lasted ? 1 : tries_ + 1;
}

void standin_desk::on_opened(const messages::channel_peer& peer) {
  if (phase_ != phase::opening || !peer) return;
  peer_ = peer;
  self_->monitor(peer_);
  opened_at_ = self_->clock().now();
  rest_until_.reset();
  hops_ = 0;
  unreached_ = 0;
  enter(phase::seating);
  rest_until_ = self_->clock().now() + around_->limits().seating_max;
  arm();
  seat_all();
}

void standin_desk::on_elsewhere(const std::string& endpoint) {
  if (phase_ != phase::opening) return;
  if (link_) self_->send(link_, messages::link_unwanted{messages::link_user{self_}});
  ++hops_;
  endpoint_ = endpoint;
  is_seed_ = false;
  look();
}

void standin_desk::on_closed(const core::agent_error& why) {
  if (phase_ < phase::opening) return;
  count_failure();
  lose_channel();
  const auto& limits = around_->limits();
  hops_ = 0;
  if (why.retry != core::retry_classification::retryable) fail_all(why);
  look(core::backoff(limits.backoff_least, limits.backoff_most, tries_, around_->chance()));
}

/// Proves anew that this program may act as its runs, before it does.
void standin_desk::seat_all() {
  std::vector<core::run_id> runs;
  for (const auto& [run, local] : runs_)
    if (!local.left) runs.push_back(run);
  std::sort(runs.begin(), runs.end());
  seats_awaited_ = runs.size();
  for (const auto& run : runs) want_seat(run);
  if (seats_awaited_ == 0) resume();
}

void standin_desk::resume() {
  enter(phase::ready);
  rest_until_.reset();
  std::vector<core::run_id> runs;
  for (const auto& [run, local] : runs_) runs.push_back(run);
  std::sort(runs.begin(), runs.end());
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, asked] : requests_)
    if (!goes_with_stream(asked)) numbers.push_back(number);
  for (const auto& run : runs) attach(run, runs_.at(run));
  for (const auto& [stream, local] : streams_)
    transmit(add(request{stream_reopened{stream}, {}, {}}));
  for (const auto number : numbers) offer(number);
  arm();
}

// ---- time and end -----------------------------------------------------------------------------

void standin_desk::on_timer(const messages::timer_due& due) {
  if (!timer_.came(due) || closing_) return;
  fail_due();
  const auto now = self_->clock().now();
  if (taken_at_ && *taken_at_ <= now) tell_taken();
  if (phase_ == phase::ready && seat_at_ && *seat_at_ <= now) seat_unseated();
  if (rest_until_ && *rest_until_ <= self_->clock().now()) {
    if (phase_ == phase::opening || phase_ == phase::seating) {
      on_closed(core::store_unavailable("the node did not open the pool in time"));
    } else {
      look();
    }
  }
  arm();
}

void standin_desk::arm() {
  std::optional<tick> next = rest_until_;
  const auto sooner = [&next](const std::optional<tick>& other) {
    if (other && (!next || *other < *next)) next = other;
  };
  sooner(taken_at_);
  if (phase_ == phase::ready) sooner(seat_at_);
  if (!dues_.empty() && (!next || dues_.begin()->first < *next)) next = dues_.begin()->first;
  if (next && !closing_) timer_.arm<messages::standin_actor>(self_, *next);
}

/// Nobody ever opened the pool, as far as the node knows, and everybody who asked was told so; or
/// it is not known whether anybody did, since no node was reached.
void standin_desk::end_unused() {
  if (closing_ || !requests_.empty() || !runs_.empty() || !streams_.empty()) return;
  const bool unreached = phase_ < phase::opening && unconfirmed_.empty();
  if (!never_opened_ && !unreached) return;
  if (!may_end_()) return;
  if (around_->with().watch) around_->with().watch->on_standin(pool_, nullptr);
  if (link_) self_->send(link_, messages::link_unwanted{messages::link_user{self_}});
  around_->forget(gauge_);
  on_closing();
}

void standin_desk::on_closing() {
  if (std::exchange(closing_, true)) return;
  if (peer_) self_->send(peer_, messages::close_channel{});
  requests_.clear();
  self_->quit();
}

messages::standin_actor::behavior_type standin(
    messages::standin_actor::stateful_pointer<standin_desk> self, std::shared_ptr<dialing> around,
    core::pool_id pool, std::function<bool()> may_end) {
  using namespace messages;
  auto& desk = self->state;
  desk.start(std::move(around), std::move(pool), std::move(may_end));
  return {
      [self](const channel_opened& opened) {
        if (self->state.takes(opened.channel))
          self->state.on_opened(caf::actor_cast<channel_peer>(self->current_sender()));
      },
      [&desk](const channel_elsewhere& there) {
        if (desk.takes(there.channel)) desk.on_elsewhere(there.endpoint);
      },
      [&desk](const channel_closed& closed) {
        if (desk.takes(closed.channel)) desk.on_closed(closed.why);
      },
      [&desk](const run_seated& seated) {
        if (desk.takes(seated.channel)) desk.on_seated(seated);
        desk.end_unused();
      },
      [&desk](pool_told& told) {
        if (desk.takes(told.channel)) desk.on_told(told);
        desk.end_unused();
      },
      [&desk](journal_told& told) {
        if (desk.takes(told.channel)) desk.on_journal_told(told);
        desk.end_unused();
      },
      [&desk](seats_handed& handed) {
        if (desk.takes(handed.channel)) desk.on_entries(handed);
      },
      [&desk](const seat_woken& woken) {
        if (desk.takes(woken.channel)) desk.on_woken(woken);
      },
      [&desk](const seat_ended& ended) {
        if (desk.takes(ended.channel)) desk.on_seat_ended(ended);
      },
      [&desk](const link_up& up) { desk.on_link_up(up); },
      [&desk](const link_down& down) { desk.on_link_down(down); },
      [&desk](const pool_asked& ask) { desk.on_asked(ask.request); },
      [&desk](const journal_asked& ask) { desk.on_journal_asked(ask.request); },
      [&desk](const close_stream& close) { desk.on_close_stream(close.stream); },
      [&desk](const run_ready& ready) { desk.on_run_ready(ready); },
      [&desk](const run_gone& gone) { desk.on_run_gone(gone.run_id); },
      [](const come_back& back) { back.work(); },
      [&desk](const timer_due& due) {
        desk.on_timer(due);
        desk.end_unused();
      },
      [&desk](closing) { desk.on_closing(); },
  };
}

}  // namespace agentpool::actors::remote
