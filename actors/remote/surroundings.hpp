#pragma once

#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <caf/actor_cast.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/send.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/actors/engine.hpp"
#include "agentpool/actors/remote/node_limits.hpp"
#include "agentpool/actors/watch.hpp"
#include "agentpool/core/placement.hpp"
#include "agentpool/messages/hosting.hpp"
#include "agentpool/messages/inspect.hpp"

namespace agentpool::actors::remote {

/// What is counted of one session, by several actors and read by whoever looks at the node.
struct session_account {
  std::string program;
  caf::weak_actor_ptr link;  ///< Of the program, which greets anew where a welcome came too late.
  std::uint64_t since_millis = 0;
  std::atomic<std::uint64_t> channels = 0;
  std::atomic<std::uint64_t> runs = 0;
  std::atomic<std::uint64_t> unanswered = 0;
  std::atomic<std::uint64_t> untaken = 0;
  std::atomic<bool> ended = false;
  std::function<void()> end;  ///< Has the session end in silence; under the surroundings' lock.

  [[nodiscard]] messages::session_status status() const {
    return {program, since_millis, channels, runs, unanswered, untaken};
  }
};

/// What is counted of one pool that the node has.
struct pool_account {
  std::atomic<std::uint64_t> attached = 0;
  std::atomic<std::uint64_t> detached = 0;
  std::atomic<bool> in_use = true;  ///< Somebody is there, may return, or is under way.
};

/// What the actors of a node have in common. The engine outlives them.
struct surroundings {
  surroundings(engine& of, std::shared_ptr<const core::clock> wall, node_limits bounds,
               std::shared_ptr<actor_watch> watching)
      : host{of}, clock{std::move(wall)}, limits{bounds}, watch{std::move(watching)} {}

  engine& host;
  const std::shared_ptr<const core::clock> clock;
  const node_limits limits;
  const std::shared_ptr<actor_watch> watch;  ///< May be null.
  // Set before there is a directory, and not changed.
  std::string node;                 ///< This node's name.
  std::string endpoint;             ///< Where programs reach it.
  std::atomic<bool> named = false;  ///< Those two are set: programs may come.
  std::atomic<std::uint64_t> refused = 0;

  // ---- what changes, under the lock -------------------------------------------------------

  [[nodiscard]] messages::directory_actor directory() const {
    const std::lock_guard guard{lock_};
    return directory_;
  }
  void directory(messages::directory_actor now) {
    const std::lock_guard guard{lock_};
    directory_ = std::move(now);
  }

  /// The nodes whose lease is good now, this one among them.
  [[nodiscard]] std::vector<core::node_lease> live() const {
    const auto now = core::to_millis(clock->now());
    const std::lock_guard guard{lock_};
    std::vector<core::node_lease> found;
    for (const auto& lease : nodes_)
      if (lease.expires_at_millis > now) found.push_back(lease);
    return found;
  }
  /// The leases of the nodes on the store, also those that have run out.
  void seen(std::vector<core::node_lease> leases) {
    const std::lock_guard guard{lock_};
    nodes_ = std::move(leases);
  }
  void seen(const core::node_lease& one) {
    const std::lock_guard guard{lock_};
    std::erase_if(nodes_, [&](const auto& lease) { return lease.node == one.node; });
    nodes_.push_back(one);
  }
  /// What was seen of that node's lease holds no longer: it is not live, and when it ended stays.
  void gone(const std::string& name) {
    const auto now = core::to_millis(clock->now());
    const std::lock_guard guard{lock_};
    for (auto& lease : nodes_)
      if (lease.node == name) lease.expires_at_millis = std::min(lease.expires_at_millis, now);
  }
  [[nodiscard]] bool is_live(const std::string& name) const {
    for (const auto& lease : live())
      if (lease.node == name) return true;
    return false;
  }

  /// When the lease of that node runs out, or did; none when it is not known.
  [[nodiscard]] std::optional<core::instant> expiry_of(const std::string& name) const {
    const std::lock_guard guard{lock_};
    for (const auto& lease : nodes_)
      if (lease.node == name) return core::from_millis(lease.expires_at_millis);
    return std::nullopt;
  }

  /// None when there are too many sessions, or too many of that process. A session before of the
  /// same link ends.
  [[nodiscard]] std::shared_ptr<session_account> enter(std::string program,
                                                       const caf::strong_actor_ptr& link) {
    auto account = std::make_shared<session_account>();
    account->program = std::move(program);
    account->link = caf::actor_cast<caf::weak_actor_ptr>(link);
    account->since_millis = core::to_millis(clock->now());
    const std::lock_guard guard{lock_};
    std::size_t same = 0;
    std::erase_if(sessions_, [&](const auto& known) {
      const auto of = known.lock();
      if (!of || of->ended) return true;
      // By its proxy: in a simulated world all programs have one node id.
      if (of->link.get() == link.get()) {
        of->ended = true;
        if (of->end) of->end();
        return true;
      }
      if (of->link->nid == link->nid) ++same;
      return false;
    });
    if (sessions_.size() >= limits.sessions_max || same >= limits.sessions_each_max) return nullptr;
    sessions_.push_back(account);
    return account;
  }
  /// How a session ends that has begun. False: its link has greeted anew already.
  [[nodiscard]] bool begun(session_account& account, std::function<void()> end) const {
    const std::lock_guard guard{lock_};
    account.end = std::move(end);
    return !account.ended;
  }
  [[nodiscard]] std::vector<messages::session_status> sessions() const {
    const std::lock_guard guard{lock_};
    std::vector<messages::session_status> all;
    for (const auto& known : sessions_)
      if (const auto account = known.lock(); account && !account->ended)
        all.push_back(account->status());
    return all;
  }

 private:
  mutable std::mutex lock_;
  messages::directory_actor directory_;
  std::vector<core::node_lease> nodes_;
  std::vector<std::weak_ptr<session_account>> sessions_;
};

/// A callback that has `work` done on the actor's own turn, with what came.
template <class T, class Handle, class Work>
callback<T> on_turn(Handle self, Work work) {
  return [self = std::move(self), work = std::move(work)](core::outcome<T> what) {
    auto shared = std::make_shared<core::outcome<T>>(std::move(what));
    caf::anon_send(self, messages::come_back{[work, shared] { work(std::move(*shared)); }});
  };
}

}  // namespace agentpool::actors::remote
