#include "wire.hpp"

#include <algorithm>
#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/make_actor.hpp>
#include <stdexcept>

namespace agentpool::sim {

namespace {

/// Stands in one process for an actor of another.
class wire_proxy final : public caf::actor_proxy {
 public:
  wire_proxy(caf::actor_config& config, std::weak_ptr<wire> over, std::size_t end,
             caf::strong_actor_ptr target)
      : caf::actor_proxy{config}, over_{std::move(over)}, end_{end}, target_{std::move(target)} {}

  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override {
    if (const auto over = over_.lock()) over->send(end_, *what, target_);
  }
  void kill_proxy(caf::execution_unit* unit, caf::error reason) override {
    cleanup(std::move(reason), unit);
  }

 private:
  std::weak_ptr<wire> over_;
  std::size_t end_;  ///< In whose process it stands.
  caf::strong_actor_ptr target_;
};

void kill(const caf::strong_actor_ptr& known, caf::error why) {
  dynamic_cast<wire_proxy&>(*known->get()).kill_proxy(nullptr, std::move(why));
}

std::string names_of(caf::actor_system& system, const caf::message& content) {
  std::string names;
  for (std::size_t i = 0; i < content.size(); ++i)
    names += (i == 0 ? "" : " ") + system.types().portable_name(content.type(i));
  return names;
}

}  // namespace

caf::strong_actor_ptr wire::proxy(std::size_t end, const caf::strong_actor_ptr& target) {
  if (!target) return nullptr;
  auto& known = ends[end].proxies[target];
  if (known) return known;
  caf::actor_config config;
  known = caf::make_actor<wire_proxy, caf::strong_actor_ptr>(
      target->aid, target->nid, ends[end].system, config, weak_from_this(), end, target);
  ends[end].order.push_back(target);
  keep(ends[1 - end].host, target);
  const std::weak_ptr<wire> weak = weak_from_this();
  const auto there = caf::actor_cast<caf::weak_actor_ptr>(target);
  target->get()->attach_functor([weak, end, there] {
    const auto self = weak.lock();
    const auto ended = there.lock();
    if (self && ended && !self->lost)
      self->ends[end].arriving.push_back({true, ended, nullptr, {}, {}, "(ended)", self->mark()});
  });
  return known;
}

void wire::keep(const std::string& host, const caf::strong_actor_ptr& target) {
  if (!room_->known[host].insert(target).second) return;
  const std::weak_ptr<wire_room> weak = room_;
  const auto there = caf::actor_cast<caf::weak_actor_ptr>(target);
  target->get()->attach_functor([weak, host, there] {
    const auto room = weak.lock();
    const auto ended = there.lock();
    if (room && ended) room->known[host].erase(ended);
  });
}

void wire::send(std::size_t end, caf::mailbox_element& what, const caf::strong_actor_ptr& to) {
  if (lost || ends[end].dead) return;
  packet next{false, what.sender, to, what.mid, {}, {}, mark()};
  auto content = what.move_content_to_message();
  caf::binary_serializer sink{*ends[end].system, next.bytes};
  if (const auto fault = sink(content)) throw std::logic_error{"a message cannot be written"};
  next.types = names_of(*ends[end].system, content);
  ends[1 - end].arriving.push_back(std::move(next));
}

void wire::deliver(std::size_t end) {
  auto& here = ends[end];
  auto next = std::move(here.arriving.front());
  here.arriving.pop_front();
  ++room_->counters.delivered;
  if (next.gone) {
    const auto known = here.proxies.find(next.from);
    if (known == here.proxies.end()) return;
    const auto ended = std::move(known->second);
    here.proxies.erase(known);
    std::erase(here.order, next.from);
    kill(ended, caf::make_error(caf::exit_reason::normal));
    return;
  }
  caf::message content;
  caf::binary_deserializer source{*here.system, next.bytes};
  const auto fault = source(content);
  // What cannot be read is left empty.
  if (fault || content.empty()) throw std::logic_error{"a message cannot be read"};
  next.to->enqueue(caf::make_mailbox_element(proxy(end, next.from), next.number, {}, content),
                   nullptr);
}

void wire::lose() {
  if (std::exchange(lost, true)) return;
  ++room_->counters.broken;
  for (auto& end : ends) {
    room_->counters.lost += end.arriving.size();
    end.arriving.clear();
  }
}

/// In the order in which the proxies were made: addresses must not decide who is told first.
void wire::notice(std::size_t end) {
  ends[end].noticed = true;
  const auto known = std::exchange(ends[end].proxies, {});
  for (const auto& target : std::exchange(ends[end].order, {}))
    kill(known.at(target), caf::make_error(caf::exit_reason::remote_link_unreachable));
}

}  // namespace agentpool::sim
