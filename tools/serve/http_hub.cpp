#include "http_hub.hpp"

#include <utility>
#include <vector>

namespace agentpool::tools {

std::uint64_t http_hub::enter(const std::shared_ptr<http_connection_handle>& connection) {
  std::shared_ptr<http_connection_handle> gives_way;
  const std::lock_guard guard{mutex_};
  if (stopped_) return 0;
  if (open_.size() >= limits.connections_max) {
    if (idle_.empty()) return 0;
    const auto number = idle_.begin()->second;
    gives_way = open_.at(number).connection.lock();
    idle_.erase(idle_.begin());
    open_.erase(number);
    refused.fetch_add(1, std::memory_order_relaxed);
    if (gives_way) gives_way->give_way();
  }
  const auto number = ++last_number_;
  open_.emplace(number, entry{connection, ++last_turn_});
  idle_.emplace(last_turn_, number);
  return number;
}

void http_hub::leave(std::uint64_t number) {
  std::function<void()> then;
  {
    const std::lock_guard guard{mutex_};
    const auto found = open_.find(number);
    if (found == open_.end()) return;
    idle_.erase(found->second.turn);
    open_.erase(found);
    if (open_.empty()) then = empty_;
  }
  if (then) then();
}

void http_hub::busy(std::uint64_t number) {
  const std::lock_guard guard{mutex_};
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  idle_.erase(found->second.turn);
  found->second.turn = 0;
}

void http_hub::idle(std::uint64_t number) {
  const std::lock_guard guard{mutex_};
  const auto found = open_.find(number);
  if (found == open_.end()) return;
  idle_.erase(found->second.turn);
  found->second.turn = ++last_turn_;
  idle_.emplace(last_turn_, number);
}

std::vector<std::shared_ptr<http_connection_handle>> http_hub::all() const {
  std::vector<std::shared_ptr<http_connection_handle>> all;
  const std::lock_guard guard{mutex_};
  for (const auto& [number, each] : open_)
    if (auto connection = each.connection.lock()) all.push_back(std::move(connection));
  return all;
}

void http_hub::finish_all() {
  stopped_ = true;
  for (const auto& connection : all()) connection->finish();
}

void http_hub::cut_all() {
  stopped_ = true;
  for (const auto& connection : all()) connection->cut();
}

std::size_t http_hub::size() const {
  const std::lock_guard guard{mutex_};
  return open_.size();
}

void http_hub::when_empty(std::function<void()> then) {
  {
    const std::lock_guard guard{mutex_};
    if (!open_.empty()) {
      empty_ = std::move(then);
      return;
    }
  }
  then();
}

}  // namespace agentpool::tools
