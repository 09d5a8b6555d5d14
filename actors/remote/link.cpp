#include "actors/remote/link.hpp"

#include <algorithm>
#include <utility>

#include "actors/remote/surroundings.hpp"
#include "agentpool/core/placement.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors::remote {

void link_desk::start(std::shared_ptr<dialing> around, std::string endpoint) {
  around_ = std::move(around);
  report_.endpoint = std::move(endpoint);
  // What a peer sends that fits no handler: CAF would print each.
  self_->set_default_handler(caf::drop);
  self_->set_down_handler([this](const caf::down_msg& down) {
    if (session_ && down.source == session_.address())
      lose(core::store_unavailable("the connection to " + report_.endpoint + " was lost"));
  });
}

void link_desk::enter(link_state state) {
  report_.state = state;
  around_->report(report_);
}

// ---- users ------------------------------------------------------------------------------------

void link_desk::on_wanted(const messages::link_user& user) {
  if (closing_) return self_->send(user, messages::link_down{report_.endpoint, messages::closed()});
  if (std::find(users_.begin(), users_.end(), user) == users_.end()) users_.push_back(user);
  if (report_.state == link_state::up)
    return self_->send(user, messages::link_up{report_.endpoint, session_});
  reach();
}

void link_desk::on_unwanted(const messages::link_user& user) { std::erase(users_, user); }

void link_desk::on_asked(const call_ptr& call) {
  if (closing_) return call->back.give(messages::closed());
  if (calls_.size() >= around_->limits().node_asks_max)
    return call->back.give(core::overloaded("too many questions to the node are not answered yet"));
  const auto number = ++last_call_;
  asked what{call, {}};
  if (call->wait.count() > 0) what.due = self_->clock().now() + call->wait;
  if (what.due) dues_.emplace(*what.due, number);
  calls_.emplace(number, std::move(what));
  if (report_.state == link_state::up) ask(number, *call);
  reach();
  arm();
}

void link_desk::ask(std::uint64_t number, const messages::node_call& call) {
  if (const auto* content = std::get_if<messages::shared_content>(&call.ask))
    return self_->send(session_, messages::keep_content{number, (*content)->ask.bytes()});
  std::visit(
      [&]<class Question>(Question question) {
        if constexpr (!std::is_same_v<Question, messages::shared_content>) {
          question.number = number;
          self_->send(session_, std::move(question));
        }
      },
      call.ask);
}

link_desk::call_ptr link_desk::take_call(std::uint64_t number) {
  auto found = calls_.extract(number);
  if (!found) return nullptr;
  if (found.mapped().due) dues_.erase({*found.mapped().due, number});
  return std::move(found.mapped().call);
}

/// Whoever asked may ask another node.
void link_desk::fail_due() {
  const auto now = self_->clock().now();
  while (!dues_.empty() && dues_.begin()->first <= now)
    take_call(dues_.begin()->second)
        ->back.give(
            core::store_unavailable("the node at " + report_.endpoint + " did not answer in time"));
}

void link_desk::on_listed(messages::pools_listed& listed) {
  const auto call = take_call(listed.number);
  if (!call) return;
  if (listed.error) return call->back.give(*listed.error);
  call->back.give(messages::node_answer{std::move(listed.pools)});
}

void link_desk::on_status(messages::status_told& told) {
  if (const auto call = take_call(told.number))
    call->back.give(messages::node_answer{std::move(told)});
}

void link_desk::on_named(messages::content_named& named) {
  if (const auto call = take_call(named.number))
    call->back.give(messages::node_answer{std::move(named)});
}

void link_desk::on_fetched(messages::content_fetched& fetched) {
  const auto* found = std::get_if<std::optional<std::string>>(&fetched.what);
  if (found != nullptr && *found && session_) self_->send(session_, messages::content_taken{});
  if (const auto call = take_call(fetched.number))
    call->back.give(messages::node_answer{std::move(fetched)});
}

// ---- the connection ---------------------------------------------------------------------------

/// For whichever is first: what the connection waits for, or a question.
void link_desk::arm() {
  auto first = wake_at_;
  if (!dues_.empty() && (!first || dues_.begin()->first < *first)) first = dues_.begin()->first;
  if (first) timer_.arm<messages::link_actor>(self_, *first);
}

void link_desk::reach() {
  if (report_.state != link_state::idle) return;
  const auto now = self_->clock().now();
  if (not_before_ <= now) return dial();
  enter(link_state::waiting);
  wake_at_ = not_before_;
  arm();
}

void link_desk::dial() {
  enter(link_state::dialing);
  wake_at_ = self_->clock().now() + around_->limits().dialing_max;
  arm();
  around_->with().dial(
      report_.endpoint,
      on_turn<caf::actor>(messages::link_actor{self_},
                          [this, dial = ++dial_](const core::outcome<caf::actor>& gateway) {
                            if (dial == dial_ && !closing_) on_dialed(gateway);
                          }));
}

void link_desk::on_dialed(const core::outcome<caf::actor>& gateway) {
  if (!gateway) return lose(gateway.error());
  enter(link_state::greeting);
  wake_at_ = self_->clock().now() + around_->limits().greeting_max;
  arm();
  self_->send(caf::actor_cast<messages::gateway_actor>(*gateway),
              messages::hello{messages::protocol_version, around_->with().program});
}

void link_desk::on_welcome(const messages::welcome& welcome,
                           const messages::session_peer& session) {
  if (report_.state != link_state::greeting || !session) return;
  wake_at_.reset();
  session_ = session;
  self_->monitor(session_);
  report_.node = welcome.node;
  report_.tries = 0;
  ++report_.times_up;
  enter(link_state::up);
  for (const auto& user : users_) self_->send(user, messages::link_up{report_.endpoint, session_});
  for (const auto& [number, asked] : calls_) ask(number, *asked.call);
}

void link_desk::on_goodbye(const messages::goodbye& goodbye, const caf::strong_actor_ptr& sender) {
  const bool greeting = report_.state == link_state::greeting;
  const bool ours = session_ && sender == caf::actor_cast<caf::strong_actor_ptr>(session_);
  if (greeting || ours) lose(goodbye.why);
}

void link_desk::on_timer(const messages::timer_due& due) {
  if (!timer_.came(due) || closing_) return;
  fail_due();
  if (!wake_at_ || self_->clock().now() < *wake_at_) return arm();
  wake_at_.reset();
  if (report_.state == link_state::waiting) return dial();
  if (report_.state == link_state::dialing || report_.state == link_state::greeting)
    lose(core::store_unavailable("the node at " + report_.endpoint + " did not answer in time"));
}

/// Who used it is told, and asks for it again if it needs it.
void link_desk::lose(const core::agent_error& why) {
  if (session_) self_->demonitor(session_.address());
  session_ = messages::session_peer{};
  wake_at_.reset();
  ++dial_;
  report_.last_error = why.message;
  const auto& limits = around_->limits();
  not_before_ = self_->clock().now() + core::backoff(limits.backoff_least, limits.backoff_most,
                                                     ++report_.tries, around_->chance());
  enter(link_state::idle);
  for (const auto& user : std::exchange(users_, {}))
    self_->send(user, messages::link_down{report_.endpoint, why});
  dues_.clear();
  for (const auto& [number, asked] : std::exchange(calls_, {})) asked.call->back.give(why);
}

void link_desk::on_closing() {
  if (std::exchange(closing_, true)) return;
  lose(messages::closed());
  self_->quit();
}

messages::link_actor::behavior_type link(messages::link_actor::stateful_pointer<link_desk> self,
                                         std::shared_ptr<dialing> around, std::string endpoint) {
  auto& desk = self->state;
  desk.start(std::move(around), std::move(endpoint));
  return {
      [self](const messages::welcome& welcome) {
        self->state.on_welcome(welcome,
                               caf::actor_cast<messages::session_peer>(self->current_sender()));
      },
      [self](const messages::goodbye& goodbye) {
        self->state.on_goodbye(goodbye, self->current_sender());
      },
      [&desk](messages::pools_listed& listed) { desk.on_listed(listed); },
      [&desk](messages::status_told& told) { desk.on_status(told); },
      [&desk](messages::content_named& named) { desk.on_named(named); },
      [&desk](messages::content_fetched& fetched) { desk.on_fetched(fetched); },
      [&desk](const messages::link_wanted& wanted) { desk.on_wanted(wanted.user); },
      [&desk](const messages::link_unwanted& unwanted) { desk.on_unwanted(unwanted.user); },
      [&desk](const messages::node_asked& ask) { desk.on_asked(ask.request); },
      [](const messages::come_back& back) { back.work(); },
      [&desk](const messages::timer_due& due) { desk.on_timer(due); },
      [&desk](messages::closing) { desk.on_closing(); },
  };
}

}  // namespace agentpool::actors::remote
