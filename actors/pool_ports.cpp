#include "actors/pool_ports.hpp"

#include <utility>

#include "agentpool/core/addressing.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors {

std::shared_ptr<pool_port> pool_ports::port(const core::pool_id& id) {
  const std::lock_guard guard{lock_};
  if (closed_) return std::make_shared<pool_port>(id, messages::closed());
  const auto found = ports_.find(id);
  if (found != ports_.end()) return found->second;
  if (ports_.size() >= limits_.pools_max)
    return std::make_shared<pool_port>(id, core::overloaded("too many pools are in use"));
  return ports_.emplace(id, make(id)).first->second;
}

std::shared_ptr<pool_port> pool_ports::make(const core::pool_id& id) {
  auto made = source_.make(id, [among = weak_from_this(), id] {
    const auto here = among.lock();
    return here && here->let_go(id);
  });
  return std::make_shared<pool_port>(id, std::move(made), limits_, [among = weak_from_this(), id] {
    const auto here = among.lock();
    return here ? here->port(id) : nullptr;
  });
}

/// Asked by the pool's actor. Whoever still holds the port is led to the next one by it.
bool pool_ports::let_go(const core::pool_id& id) {
  const std::lock_guard guard{lock_};
  const auto found = ports_.find(id);
  if (found == ports_.end() || !found->second->let_go()) return false;
  ports_.erase(found);
  return true;
}

std::vector<std::shared_ptr<pool_port>> pool_ports::all() const {
  std::vector<std::shared_ptr<pool_port>> all;
  const std::lock_guard guard{lock_};
  all.reserve(ports_.size());
  for (const auto& [id, port] : ports_) all.push_back(port);
  return all;
}

bool pool_ports::closed() const {
  const std::lock_guard guard{lock_};
  return closed_;
}

std::vector<std::shared_ptr<pool_port>> pool_ports::close() {
  std::vector<std::shared_ptr<pool_port>> last;
  const std::lock_guard guard{lock_};
  closed_ = true;
  for (auto& [id, port] : std::exchange(ports_, {})) last.push_back(std::move(port));
  return last;
}

}  // namespace agentpool::actors
