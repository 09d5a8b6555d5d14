#include "site.hpp"

#include <algorithm>

#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>

#include "agentpool/messages/protocol.hpp"
#include "trace_text.hpp"
#include "universe.hpp"

namespace agentpool::sim {

namespace {

/// Inbox entries that the message hands to a run.
std::size_t entries_in(const caf::mailbox_element& what) {
  if (!what.content().match_elements<messages::entries_handed>()) return 0;
  return what.content().get_as<messages::entries_handed>(0).entries.size();
}

}  // namespace

core::instant site_clock::now() const {
  return start_ + ahead_ + std::chrono::floor<std::chrono::milliseconds>(world_.now());
}

caf::scheduler::test_coordinator& site::steps() const {
  return dynamic_cast<caf::scheduler::test_coordinator&>(engine->system().scheduler());
}

void site_life::on_spawned(std::uint64_t actor, const actors::actor_label& who) {
  actors_.emplace(actor, known_actor{who});
  if (who.role == actors::actor_role::run) runs_.insert_or_assign(who.run, actor);
}

void site_life::on_sent(std::uint64_t actor, const caf::mailbox_element& what) {
  if (dead_) return;
  if (const auto found = actors_.find(actor); found != actors_.end()) {
    auto& to = found->second;
    to.entries += entries_in(what);
    auto& longest = longest_[static_cast<std::size_t>(to.label.role)];
    longest = std::max(longest, ++to.messages);
  }
  origins_.insert_or_assign(&what, world_.present());
  world_.touch(who_, actor);
}

void site_life::on_handling(std::uint64_t actor, const caf::mailbox_element& what) {
  if (dead_) return;
  if (const auto found = actors_.find(actor); found != actors_.end()) {
    found->second.entries -= entries_in(what);
    --found->second.messages;
  }
  world_.on_handling(*this, actor, what);
}

void site_life::on_pool(const core::pool_id& pool, std::function<std::string()> state) {
  if (!state) states_.erase(pool);
  if (state) states_.insert_or_assign(pool, std::move(state));
}

void site_life::on_standin(const core::pool_id& pool,
                           const std::function<actors::standin_view()>& look) {
  if (!look) standins_.erase(pool);
  if (look) standins_.insert_or_assign(pool, look);
}

append_fate site_life::on_registry() { return world_.on_registry(who_); }

append_fate site_life::on_append(std::span<const core::append_request> requests) {
  return world_.on_append(who_, requests);
}

void site_life::on_appended(const core::append_request& request) { world_.on_durable(request); }

void site_life::on_died() { dead_ = true; }

void site_life::on_checkpoint(const core::checkpoint_request& request, bool kept) {
  world_.on_checkpoint(*this, request, kept);
}

bool site_life::read_fails() { return world_.on_read(who_); }

const actors::actor_label* site_life::label_of(std::uint64_t actor) const {
  const auto found = actors_.find(actor);
  return found == actors_.end() ? nullptr : &found->second.label;
}

/// "e0/pool:pool.a", "e1/run:run.b"; an engine's second life is "e0.2".
std::string site_life::name_of(std::uint64_t actor) const {
  std::string name = name_;
  if (who_.life > 1) name += "." + std::to_string(who_.life);
  const auto* label = label_of(actor);
  if (label == nullptr) return name;
  return name + "/" + text_of(*label);
}

origin site_life::take_origin(const caf::mailbox_element& what) {
  const auto found = origins_.find(&what);
  if (found == origins_.end()) return {};
  const auto from = found->second;
  origins_.erase(found);
  return from;
}

std::size_t site_life::waiting(std::uint64_t actor) const {
  const auto found = actors_.find(actor);
  return found == actors_.end() ? 0 : found->second.entries;
}

std::uint64_t site_life::actor_of(const core::run_id& run) const {
  const auto found = runs_.find(run);
  return found == runs_.end() ? 0 : found->second;
}

}  // namespace agentpool::sim
