// What happens, as it is told to observers and to the trace.
#include <caf/mailbox_element.hpp>

#include "agentpool/messages/protocol.hpp"
#include "universe.hpp"

namespace agentpool::sim {

void universe::on_handling(node_life& life, std::uint64_t actor, const caf::mailbox_element& what) {
  handled_ = true;
  const auto from = life.take_origin(what);
  if (trace_) trace_->handled(*this, life, actor, what, from);
  const auto* who = life.label_of(actor);
  if (who == nullptr) return;
  switch (who->role) {
    case actors::actor_role::store:
      looking_ = what.content().match_elements<messages::timer_due>();
      return;
    case actors::actor_role::pool: return see_request(life, what);
    case actors::actor_role::journal: return see_published(life, *who, what);
    case actors::actor_role::run: return;
  }
}

/// Sees the answer too, when it is given.
void universe::see_request(node_life& life, const caf::mailbox_element& what) {
  if (!what.content().match_elements<messages::pool_asked>()) return;
  const auto& call = what.content().get_as<messages::pool_asked>(0).request;
  const auto* who = life.label_of(present_.sender);
  auto seen = std::make_shared<request_seen>(request_seen{
      ++last_request_, life.who(), who->pool, call->ask, step_, call->wait.count() > 0});
  tell([&](observer& each) { each.on_asked(*seen); });
  call->back.watch([this, seen, &life](const core::outcome<core::answer>& answer) {
    if (life.dead()) return;
    tell([&](observer& each) { each.on_answered(*seen, answer); });
  });
}

void universe::see_published(node_life& life, const actors::actor_label& who,
                             const caf::mailbox_element& what) {
  if (!what.content().match_elements<messages::log_published>()) return;
  const auto& news = what.content().get_as<messages::log_published>(0);
  tell([&](observer& each) { each.on_published(life.who(), who.pool, news.entries); });
}

const std::vector<forgetting>& universe::forgot(std::size_t engine,
                                                const core::pool_id& pool) const {
  static const std::vector<forgetting> nothing;
  const auto& life = nodes_.at(engine)->life;
  if (!life) return nothing;
  const auto found = life->forgot.find(pool);
  return found == life->forgot.end() ? nothing : found->second;
}

void universe::note(std::string_view name, std::string_view ids) {
  if (trace_) trace_->noted(*this, name, ids);
}

}  // namespace agentpool::sim
