// What happens, as it is told to observers and to the trace.
#include <caf/mailbox_element.hpp>

#include "agentpool/messages/hosting.hpp"
#include "agentpool/messages/protocol.hpp"
#include "universe.hpp"

namespace agentpool::sim {

void universe::on_handling(site_life& life, std::uint64_t actor, const caf::mailbox_element& what) {
  handled_ = true;
  const auto from = life.take_origin(what);
  if (trace_) trace_->handled(*this, life, actor, what, from);
  const auto* who = life.label_of(actor);
  if (who == nullptr) return;
  switch (who->role) {
    case actors::actor_role::store: looking_ = is_look(life, what, from); return;
    case actors::actor_role::attendance:
      looking_ = what.content().match_elements<messages::come_back>();
      return;
    case actors::actor_role::directory:
      looking_ = what.content().match_elements<messages::timer_due>() ||
                 what.content().match_elements<messages::come_back>();
      return;
    case actors::actor_role::pool:
    case actors::actor_role::standin: return see_request(life, what, from);
    case actors::actor_role::journal: return see_published(life, *who, what);
    case actors::actor_role::run:
    case actors::actor_role::gateway:
    case actors::actor_role::session:
    case actors::actor_role::channel:
    case actors::actor_role::link: return;
  }
}

/// The store looks for changes, a node renews its lease, or an attendance reads or writes rows.
bool universe::is_look(const site_life& life, const caf::mailbox_element& what,
                       const origin& from) {
  if (what.content().match_elements<messages::timer_due>()) return true;
  if (!what.content().match_elements<messages::store_asked>()) return false;
  const auto* asker = life.label_of(from.sender);
  return asker != nullptr && (asker->role == actors::actor_role::directory ||
                              asker->role == actors::actor_role::attendance);
}

/// Sees the answer too, when it is given.
void universe::see_request(site_life& life, const caf::mailbox_element& what, const origin& from) {
  if (!what.content().match_elements<messages::pool_asked>()) return;
  const auto& call = what.content().get_as<messages::pool_asked>(0).request;
  const auto* who = life.label_of(present_.sender);
  const auto* asker = life.label_of(from.sender);
  const bool at_node = has_network() && who->role == actors::actor_role::pool;
  auto seen = std::make_shared<request_seen>(request_seen{
      ++last_request_, life.who(), who->pool, call->ask, step_, call->wait.count() > 0, at_node,
      at_node && (asker != nullptr && asker->role == actors::actor_role::attendance)});
  tell([&](observer& each) { each.on_asked(*seen); });
  call->back.watch([this, seen, &life](const core::outcome<core::answer>& answer) {
    if (life.dead()) return;
    tell([&](observer& each) { each.on_answered(*seen, answer); });
  });
}

void universe::see_published(site_life& life, const actors::actor_label& who,
                             const caf::mailbox_element& what) {
  if (!what.content().match_elements<messages::log_published>()) return;
  const auto& news = what.content().get_as<messages::log_published>(0);
  tell([&](observer& each) { each.on_published(life.who(), who.pool, news.entries); });
}

const std::vector<forgetting>& universe::forgot(std::size_t engine,
                                                const core::pool_id& pool) const {
  static const std::vector<forgetting> nothing;
  const auto& life = sites_.at(engine)->life;
  if (!life) return nothing;
  const auto found = life->forgot.find(pool);
  return found == life->forgot.end() ? nothing : found->second;
}

void universe::note(std::string_view name, std::string_view ids) {
  if (trace_) trace_->noted(*this, name, ids);
}

}  // namespace agentpool::sim
