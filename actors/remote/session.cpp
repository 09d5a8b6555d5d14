#include "actors/remote/session.hpp"

#include <utility>

#include "actors/remote/channel.hpp"
#include "agentpool/actors/watched.hpp"
#include "agentpool/core/addressing.hpp"

namespace agentpool::actors::remote {

namespace {

core::agent_error starting() {
  return core::store_unavailable("the node is not ready yet: ask again");
}

}  // namespace

void session_desk::start(session_setup setup) {
  setup_ = std::move(setup);
  // Nobody in this process refers to it, and the program may be gone before that is noticed.
  keep_ = messages::session_actor{self_};
  // What a peer sends that fits no handler: CAF would print each.
  self_->set_default_handler(caf::drop);
  self_->set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  const caf::weak_actor_ptr weak{self_->ctrl()};
  const bool is_wanted = setup_.around->begun(*setup_.account, [this, weak] {
    if (const auto self = caf::actor_cast<messages::session_actor>(weak.lock()))
      caf::anon_send(self, messages::come_back{[this] { end(); }});
  });
  if (!is_wanted) return end();
  self_->monitor(setup_.link);
  contents_.start(keep_, setup_.around, setup_.account, setup_.link);
  self_->send(setup_.link, messages::welcome{setup_.around->node});
}

void session_desk::on_down(const caf::down_msg& down) {
  if (down.source == setup_.link.address()) return end();
  std::erase_if(channels_, [&](const auto& known) { return known.address() == down.source; });
}

void session_desk::end() {
  if (std::exchange(ended_, true)) return;
  setup_.account->ended = true;
  for (const auto& channel : channels_) self_->send(channel, messages::closing{});
  contents_.end();
  self_->quit();
  keep_ = messages::session_actor{};
}

void session_desk::on_closing() {
  self_->send(setup_.link, messages::goodbye{core::store_unavailable(
                               "the node " + setup_.around->node + " stops: ask another")});
  end();
}

void session_desk::on_ask_pools(const messages::ask_pools& ask) {
  setup_.around->host.list_pools(
      [link = setup_.link, number = ask.number](core::outcome<std::vector<core::pool_id>> pools) {
        messages::pools_listed listed{number, {}, {}};
        if (pools) {
          listed.pools = *std::move(pools);
        } else {
          listed.error = pools.error();
        }
        caf::anon_send(link, std::move(listed));
      });
}

void session_desk::on_ask_status(const messages::ask_status& ask) {
  auto call = std::make_shared<messages::view_call>();
  call->back = messages::reply<messages::directory_view>{
      [around = setup_.around, link = setup_.link,
       number = ask.number](const core::outcome<messages::directory_view>& view) {
        messages::status_told told;
        told.number = number;
        told.self = {around->node, around->endpoint, 0};
        told.refused = around->refused;
        told.sessions = around->sessions();
        if (view) {
          told.self = view->self;
          told.nodes = view->nodes;
          told.pools = view->pools;
        }
        caf::anon_send(link, std::move(told));
      }};
  // Without a directory the call is answered as it is dropped.
  if (const auto directory = setup_.around->directory())
    self_->send(directory, messages::view_asked{std::move(call)});
}

void session_desk::on_open(const messages::open_channel& ask, const messages::pool_peer& peer) {
  if (ended_ || !peer) return;
  if (channels_.size() + opening_ >= setup_.around->limits.channels_max)
    return self_->send(peer, messages::channel_closed{
                                 ask.channel, core::overloaded("too many pools on one connection "
                                                               "(channels_max)")});
  const auto directory = setup_.around->directory();
  if (!directory) return self_->send(peer, messages::channel_closed{ask.channel, starting()});
  auto call = std::make_shared<messages::place_call>();
  ++opening_;
  call->ask = {ask.pool_id, ask.hops};
  call->back = messages::reply<messages::whereabouts>{on_turn<messages::whereabouts>(
      messages::session_actor{self_},
      [this, ask, peer](const auto& where) { on_place(ask, peer, where); })};
  self_->send(directory, messages::place_asked{std::move(call)});
}

void session_desk::on_place(const messages::open_channel& ask, const messages::pool_peer& peer,
                            const core::outcome<messages::whereabouts>& where) {
  --opening_;
  if (ended_) return;
  if (!where) return self_->send(peer, messages::channel_closed{ask.channel, where.error()});
  if (const auto* endpoint = std::get_if<std::string>(&*where))
    return self_->send(peer, messages::channel_elsewhere{ask.channel, *endpoint});
  const actor_label who{actor_role::channel, ask.pool_id, {}, setup_.account->program};
  auto made =
      spawn_watched(self_->system(), setup_.around->watch, who, channel,
                    channel_setup{setup_.around, setup_.account, ask.pool_id,
                                  std::get<messages::attendance_actor>(*where), peer, ask.channel});
  self_->monitor(made);
  channels_.push_back(std::move(made));
}

messages::session_actor::behavior_type session(
    messages::session_actor::stateful_pointer<session_desk> self, session_setup setup) {
  auto& desk = self->state;
  desk.start(std::move(setup));
  return {
      [&desk](const messages::ask_pools& ask) { desk.on_ask_pools(ask); },
      [&desk](const messages::ask_status& ask) { desk.on_ask_status(ask); },
      [self](const messages::open_channel& ask) {
        self->state.on_open(ask, caf::actor_cast<messages::pool_peer>(self->current_sender()));
      },
      [&desk](messages::keep_content& ask) { desk.contents().on_keep(ask); },
      [&desk](const messages::fetch_content& ask) { desk.contents().on_fetch(ask); },
      [&desk](messages::content_taken) { desk.contents().on_taken(); },
      [](const messages::come_back& back) { back.work(); },
      [&desk](messages::closing) { desk.on_closing(); },
  };
}

}  // namespace agentpool::actors::remote
