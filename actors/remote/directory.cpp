#include "actors/remote/directory.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "agentpool/actors/log.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors::remote {

namespace {

/// A node's row stays for so many leases after it expired, for who looks.
constexpr int forget_after = 200;

}  // namespace

void directory_desk::start(std::shared_ptr<surroundings> around,
                           std::function<void(core::outcome<bool>)> ready) {
  around_ = std::move(around);
  ready_ = std::move(ready);
  self_->set_down_handler([this](const caf::down_msg& down) { on_down(down); });
  renew();
}

// ---- the node's lease -------------------------------------------------------------------------

void directory_desk::on_timer(const messages::timer_due& due) {
  if (timer_.came(due) && !closing_) renew();
}

void directory_desk::renew_later(std::chrono::milliseconds after) {
  if (!closing_) timer_.arm<messages::directory_actor>(self_, self_->clock().now() + after);
}

/// Looks who else is there, then tells that this node is.
void directory_desk::renew() { read_nodes(std::make_shared<rows>()); }

/// A page after the other.
void directory_desk::read_nodes(const std::shared_ptr<rows>& before) {
  const auto most = around_->limits.registry_page;
  const auto after = before->empty() ? std::string{} : before->back().key;
  around_->host.read_registry({std::string{core::node_space}, {}, after, most},
                              on_turn<rows>(me(), [this, before, most](core::outcome<rows> read) {
                                if (!read) return on_nodes(read);
                                const bool more = read->size() == most;
                                before->insert(before->end(), read->begin(), read->end());
                                if (more && !closing_) return read_nodes(before);
                                *read = std::move(*before);
                                on_nodes(read);
                              }));
}

void directory_desk::on_nodes(const core::outcome<rows>& nodes) {
  if (closing_) return;
  if (!nodes) {
    logger().warn("reading the nodes of the store failed: {}", brief(nodes.error()));
    if (auto ready = std::exchange(ready_, nullptr)) ready(nodes.error());
    return renew_later(around_->limits.retry_after);
  }
  std::vector<core::node_lease> seen;
  std::vector<core::registry_write> forgotten;
  std::uint64_t version = 0;
  for (const auto& row : *nodes) {
    if (row.key == around_->node) version = row.version;
    const auto lease = core::node_of(row);
    if (!lease) continue;
    if (row.key != around_->node) seen.push_back(*lease);
    const auto gone =
        core::from_millis(lease->expires_at_millis) + forget_after * around_->limits.lease;
    if (gone < now() && row.key != around_->node)
      forgotten.push_back({row.space, row.key, {}, row.version});
  }
  if (version_ != 0 && version != version_)
    logger().warn("another node has the name of this one: give each a name of its own");
  if (!forgotten.empty()) around_->host.write_registry(std::move(forgotten), [](const auto&) {});
  // What this node wrote last holds until it has written anew.
  if (expires_ != core::instant{})
    seen.push_back({around_->node, around_->endpoint, core::to_millis(expires_)});
  around_->seen(std::move(seen));
  write_own(version);
}

void directory_desk::write_own(std::uint64_t version) {
  const auto expires = now() + around_->limits.lease;
  const core::node_lease lease{around_->node, around_->endpoint, core::to_millis(expires)};
  core::registry_write write{std::string{core::node_space}, around_->node, core::to_value(lease),
                             version};
  around_->host.write_registry({std::move(write)}, on_turn<std::vector<core::registry_written>>(
                                                       me(), [this, expires](const auto& what) {
                                                         on_written(expires, what);
                                                       }));
}

void directory_desk::on_written(core::instant expires,
                                const core::outcome<std::vector<core::registry_written>>& what) {
  if (closing_) return;
  const bool written = what && what->front();
  if (!written) {
    if (!what) logger().warn("renewing the node's lease failed: {}", brief(what.error()));
    if (!what)
      if (auto ready = std::exchange(ready_, nullptr)) ready(what.error());
    return renew_later(around_->limits.retry_after);
  }
  version_ = *what->front();
  // While the lease was out others may have taken what this node had.
  const bool was_out = expires_ != core::instant{} && expires_ < expires - around_->limits.lease;
  expires_ = expires;
  around_->seen({around_->node, around_->endpoint, core::to_millis(expires)});
  if (was_out) {
    logger().warn("the node's lease was out: its pools are given up");
    while (!held_.empty()) drop(core::pool_id{held_.begin()->first});
  }
  check_held();
  give_back_idle();
  if (auto ready = std::exchange(ready_, nullptr)) ready(true);
  renew_later(around_->limits.lease / 3);
}

/// Another node may have taken a pool whose programs could not reach this one. A page of them at
/// each renewal.
void directory_desk::check_held() {
  if (held_.empty()) return;
  const auto most = around_->limits.registry_page;
  around_->host.read_registry({std::string{core::pool_space}, {}, checked_, most},
                              on_turn<rows>(me(), [this, most](const core::outcome<rows>& read) {
                                if (!read || closing_) return;
                                for (const auto& row : *read) {
                                  if (!core::identifier_fault(row.key).empty()) continue;
                                  const core::pool_id pool{row.key};
                                  const auto found = held_.find(pool);
                                  if (found != held_.end() && found->second.version < row.version)
                                    drop(pool);
                                }
                                checked_ = read->size() == most ? read->back().key : std::string{};
                              }));
}

/// Who asks for such a pool later finds it where it belongs then, which may be here.
void directory_desk::give_back_idle() {
  const auto now = self_->clock().now();
  std::vector<core::registry_write> writes;
  for (auto next = held_.begin(); next != held_.end();) {
    const auto one = next++;
    auto& held = one->second;
    if (held.account->in_use) {
      held.idle_since.reset();
    } else if (!held.idle_since) {
      held.idle_since = now;
    } else if (now - *held.idle_since >= around_->limits.pool_idle) {
      const auto pool = one->first;
      writes.push_back({std::string{core::pool_space}, pool.text(), {}, held.version});
      drop(pool);
    }
  }
  // Should a row stay, the next who takes the pool writes over it.
  if (!writes.empty()) around_->host.write_registry(std::move(writes), [](const auto&) {});
}

void directory_desk::drop(const core::pool_id& pool) {
  const auto gone = held_.extract(pool);
  self_->demonitor(gone.mapped().attendance.address());
  self_->send(gone.mapped().attendance, messages::closing{});
}

/// An attendance that failed: the next who asks for the pool begins another.
void directory_desk::on_down(const caf::down_msg& down) {
  std::erase_if(held_,
                [&](const auto& held) { return held.second.attendance.address() == down.source; });
}

// ---- looking and ending -----------------------------------------------------------------------

void directory_desk::on_view(const messages::view_asked& ask) const {
  messages::directory_view view;
  view.self = {around_->node, around_->endpoint, core::to_millis(expires_)};
  for (const auto& lease : around_->live())
    view.nodes.push_back({lease.node, lease.endpoint, lease.expires_at_millis});
  std::sort(view.nodes.begin(), view.nodes.end(),
            [](const auto& a, const auto& b) { return a.node < b.node; });
  for (const auto& [pool, held] : held_) {
    if (view.pools.size() >= around_->limits.registry_page) break;
    view.pools.push_back({pool, held.epoch, held.account->attached, held.account->detached});
  }
  core::outcome<messages::directory_view> told{std::move(view)};
  ask.request->back.give(std::move(told));
}

/// Gives up the leases, so that other nodes need not wait until they expire.
void directory_desk::on_closing() {
  if (std::exchange(closing_, true)) return;
  std::vector<core::registry_write> writes;
  for (const auto& [pool, held] : held_) {
    self_->send(held.attendance, messages::closing{});
    writes.push_back({std::string{core::pool_space}, pool.text(), {}, held.version});
  }
  if (version_ != 0) writes.push_back({std::string{core::node_space}, around_->node, {}, version_});
  held_.clear();
  for (auto& [pool, calls] : looking_)
    for (const auto& call : calls) call->back.give(messages::closed());
  looking_.clear();
  if (writes.empty()) return self_->quit();
  around_->host.write_registry(
      std::move(writes),
      on_turn<std::vector<core::registry_written>>(me(), [this](const auto&) { self_->quit(); }));
}

messages::directory_actor::behavior_type directory(
    messages::directory_actor::stateful_pointer<directory_desk> self,
    std::shared_ptr<surroundings> around, std::function<void(core::outcome<bool>)> ready) {
  auto& desk = self->state;
  desk.start(std::move(around), std::move(ready));
  return {
      [&desk](const messages::place_asked& ask) { desk.on_asked(ask.request); },
      [&desk](const messages::view_asked& ask) { desk.on_view(ask); },
      [](const messages::come_back& back) { back.work(); },
      [&desk](const messages::timer_due& due) { desk.on_timer(due); },
      [&desk](messages::closing) { desk.on_closing(); },
  };
}

}  // namespace agentpool::actors::remote
