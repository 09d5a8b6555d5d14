#include <algorithm>
#include <caf/detail/serialized_size.hpp>
#include <string>
#include <utility>

#include "actors/remote/standin.hpp"
#include "agentpool/core/acting_run.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors::remote {

namespace {

/// What a request has to wait for, and what for it. A node does joins in several steps, between
/// which others of the program are done; joins alone do not mind each other.
enum class standing { quick, joins, alone };

template <class What>
standing standing_of(const What& what) {
  const auto* call = std::get_if<std::shared_ptr<messages::pool_call>>(&what);
  if (call == nullptr) return standing::quick;
  if (std::holds_alternative<core::join_run>((*call)->ask)) return standing::joins;
  const bool alone = std::holds_alternative<core::leave_run>((*call)->ask) ||
                     std::holds_alternative<core::cancel_wake>((*call)->ask);
  return alone ? standing::alone : standing::quick;
}

constexpr std::chrono::hours wait_max{24};

core::agent_error nobody_answered(std::chrono::milliseconds waited) {
  return core::store_unavailable(
      "no node has answered within " + std::to_string(waited.count()) +
      " ms (request_wait): it may have been done all the same; repeat it with the same key");
}

}  // namespace

std::uint64_t standin_desk::add(request what) {
  const auto number = ++last_request_;
  if (what.due) dues_.emplace(*what.due, number);
  requests_.emplace(number, std::move(what));
  gauge_->requests = requests_.size();
  return number;
}

std::optional<standin_desk::request> standin_desk::take(std::uint64_t number) {
  auto found = requests_.extract(number);
  if (!found) return std::nullopt;
  gauge_->requests = requests_.size();
  if (found.mapped().due) dues_.erase({*found.mapped().due, number});
  slow_.erase(number);
  alone_.erase(number);
  return std::move(found.mapped());
}

/// What is asked takes effect in that order, although a node joins a run in several steps: what
/// comes after such a request waits for it.
void standin_desk::offer(std::uint64_t number) {
  behind_.push_back(number);
  let_through();
}

/// As a run whose seat the node refused for the moment. It has to wait for that, and what was asked
/// after it, too.
bool standin_desk::acts_unseated(const request& asked) const {
  const auto* call = std::get_if<pool_call_ptr>(&asked.what);
  const auto* run = call == nullptr ? nullptr : core::acting_run((*call)->ask);
  return run != nullptr && unseated_.contains(*run);
}

void standin_desk::let_through() {
  if (letting_through_ || phase_ != phase::ready) return;
  letting_through_ = true;
  while (!behind_.empty()) {
    const auto number = behind_.front();
    const auto found = requests_.find(number);
    const auto as = found == requests_.end() ? standing::quick : standing_of(found->second.what);
    const bool waits = as == standing::joins ? !alone_.empty()
                                             : !slow_.empty() || (found != requests_.end() &&
                                                                  acts_unseated(found->second));
    if (found != requests_.end() && waits) break;
    behind_.pop_front();
    if (as != standing::quick) slow_.insert(number);
    if (as == standing::alone) alone_.insert(number);
    transmit(number);
  }
  letting_through_ = false;
}

void standin_desk::on_asked(const pool_call_ptr& call) {
  if (closing_) return;
  const auto now = self_->clock().now();
  const auto wait = std::min<std::chrono::milliseconds>(call->wait, wait_max);
  request asked{call, now + around_->limits().request_wait + wait, {}};
  if (wait.count() > 0) asked.waits = now + wait;
  if (const auto* joining = std::get_if<core::join_run>(&call->ask)) {
    const auto& run = joining->member.run_id;
    asked.makes_token = unconfirmed_.contains(run) || !around_->token(pool_, run);
    if (asked.makes_token) unconfirmed_.insert(run);
  }
  const auto number = add(std::move(asked));
  arm();
  if (phase_ == phase::ready) return offer(number);
  if (phase_ == phase::resting && !rest_until_) look();
}

void standin_desk::transmit(std::uint64_t number) {
  const auto found = requests_.find(number);
  if (found == requests_.end()) return;
  auto& asked = found->second;
  std::uint64_t wait_millis = 0;
  const auto now = self_->clock().now();
  if (asked.waits && *asked.waits > now)
    wait_millis = static_cast<std::uint64_t>(
        std::chrono::ceil<std::chrono::milliseconds>(*asked.waits - now).count());
  if (const auto* call = std::get_if<pool_call_ptr>(&asked.what))
    return transmit(number, *call, wait_millis);
  if (const auto* call = std::get_if<journal_call_ptr>(&asked.what)) return transmit(number, *call);
  if (const auto* stream = std::get_if<stream_reopened>(&asked.what))
    return transmit(number, *stream);
  if (const auto* wake = std::get_if<wake_looked>(&asked.what))
    self_->send(peer_, messages::ask_pool{number, 0, core::read_wake{wake->condition}});
}

void standin_desk::transmit(std::uint64_t number, const pool_call_ptr& call,
                            std::uint64_t wait_millis) {
  if (const auto* joining = std::get_if<core::join_run>(&call->ask)) {
    const auto& member = joining->member;
    self_->send(peer_,
                messages::seat_run{number, member.run_id,
                                   around_->token_for_joining(pool_, member.run_id), member});
    return;
  }
  messages::ask_pool ask{number, wait_millis, call->ask};
  const auto most = around_->limits().message_bytes_max;
  if (caf::detail::serialized_size(self_->system(), ask) > most)
    return fail(number, core::contract_violation("the request is larger than a message between "
                                                 "nodes may be: " +
                                                 std::to_string(most) + " bytes"));
  if (const auto* suspend = std::get_if<core::suspend_until>(&call->ask)) note_suspend(*suspend);
  if (const auto* run = core::acting_run(call->ask))
    return transmit_as(*run, number, std::move(ask));
  self_->send(peer_, std::move(ask));
}

/// What acts as a run whose token this program has gets a seat first. Without a token the node
/// refuses it.
void standin_desk::transmit_as(const core::run_id& run, std::uint64_t number,
                               messages::ask_pool ask) {
  const auto found = runs_.find(run);
  const bool seated = found != runs_.end() && found->second.seated;
  if (!seated && around_->token(pool_, run)) {
    runs_[run].held.push_back(number);
    return want_seat(run);
  }
  self_->send(peer_, std::move(ask));
}

void standin_desk::want_seat(const core::run_id& run) {
  auto& local = runs_[run];
  if (std::exchange(local.asked, true)) return;
  const auto number = add(request{seat_wanted{run}, {}, {}});
  self_->send(peer_, messages::seat_run{number, run, around_->token_for_joining(pool_, run), {}});
}

void standin_desk::on_told(messages::pool_told& told) {
  auto asked = take(told.number);
  if (!asked) return;
  core::outcome<core::answer> what = core::agent_error{};
  if (auto* why = std::get_if<core::agent_error>(&told.what)) {
    what = std::move(*why);
  } else {
    what = std::get<core::answer>(std::move(told.what));
  }
  if (const auto* looked = std::get_if<wake_looked>(&asked->what)) return wake_told(*looked, what);
  if (const auto* call = std::get_if<pool_call_ptr>(&asked->what)) answered(*call, std::move(what));
}

void standin_desk::answered(const pool_call_ptr& call, core::outcome<core::answer> what) {
  learn(what);
  if (const auto* suspend = std::get_if<core::suspend_until>(&call->ask))
    note_suspended(*suspend, what);
  if (const auto* left = std::get_if<core::leave_run>(&call->ask)) {
    const bool gone = what || what.error().kind == core::agent_error_kind::invalid_state_transition;
    if (gone) released(left->run_id);
  }
  call->back.give(std::move(what));
  let_through();
}

void standin_desk::fail(std::uint64_t number, const core::agent_error& why) {
  auto asked = take(number);
  if (!asked) return;
  if (const auto* call = std::get_if<pool_call_ptr>(&asked->what)) {
    const auto* joining = std::get_if<core::join_run>(&(*call)->ask);
    if (joining != nullptr && asked->makes_token && peer_)
      given_up_.insert_or_assign(number, joining->member.run_id);
    return answered(*call, why);
  }
  if (const auto* call = std::get_if<journal_call_ptr>(&asked->what))
    return journal_answered(number, *call, why);
}

void standin_desk::fail_all(const core::agent_error& why) {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, asked] : requests_) numbers.push_back(number);
  for (const auto number : numbers) fail(number, why);
}

void standin_desk::fail_due() {
  const auto now = self_->clock().now();
  while (!dues_.empty() && dues_.begin()->first <= now)
    fail(dues_.begin()->second, nobody_answered(around_->limits().request_wait));
}

}  // namespace agentpool::actors::remote
