#include "actors/remote/gateway.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "actors/remote/session.hpp"
#include "agentpool/actors/watched.hpp"

namespace agentpool::actors::remote {

namespace {

constexpr std::size_t program_bytes_max = 256;

/// What is shown of a stranger's name for itself.
std::string shown(const std::string& program) {
  std::string text;
  for (const char letter : program.substr(0, program_bytes_max))
    text += letter >= ' ' && letter <= '~' ? letter : '?';
  return text;
}

}  // namespace

messages::gateway_actor::behavior_type gateway(
    messages::gateway_actor::pointer self, const std::shared_ptr<surroundings>& around,
    const std::function<void(messages::session_actor)>& began) {
  // What a peer sends that fits no handler: CAF would print each.
  self->set_default_handler(caf::drop);
  return {[=](const messages::hello& hello) {
    const auto link = caf::actor_cast<messages::link_peer>(self->current_sender());
    if (!link) return;
    if (!around->named)
      return self->send(
          link, messages::goodbye{core::store_unavailable("the node is not ready yet: ask again")});
    if (hello.version != messages::protocol_version)
      return self->send(link,
                        messages::goodbye{core::host_configuration_needed(
                            "the node " + around->node + " speaks version " +
                            std::to_string(messages::protocol_version) + " of the protocol, not " +
                            std::to_string(hello.version) + ": update the older of the two")});
    auto account =
        around->enter(shown(hello.program), caf::actor_cast<caf::strong_actor_ptr>(link));
    if (!account)
      return self->send(link,
                        messages::goodbye{core::overloaded(
                            "too many programs are connected to the node " + around->node +
                            " (sessions_max), or this one is too often (sessions_each_max): try "
                            "later")});
    const actor_label who{actor_role::session, {}, {}, account->program};
    began(spawn_watched(self->system(), around->watch, who, session,
                        session_setup{around, std::move(account), link}));
  }};
}

}  // namespace agentpool::actors::remote
