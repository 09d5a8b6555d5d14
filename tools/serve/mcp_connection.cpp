#include <utility>

#include "mcp_server.hpp"

namespace agentpool::tools {

void mcp_connection::greet(std::string client, std::string version) {
  const std::lock_guard guard{mutex_};
  client_ = std::move(client);
  version_ = std::move(version);
}

std::string mcp_connection::client() const {
  const std::lock_guard guard{mutex_};
  return client_;
}

std::string mcp_connection::version() const {
  const std::lock_guard guard{mutex_};
  return version_;
}

void mcp_connection::notify_by(std::function<void(const std::string&)> notify) {
  const std::lock_guard guard{mutex_};
  notify_ = std::move(notify);
}

void mcp_connection::notify(const std::string& line) const {
  std::function<void(const std::string&)> notify;
  {
    const std::lock_guard guard{mutex_};
    notify = notify_;
  }
  if (notify) notify(line);
}

std::shared_ptr<std::atomic<bool>> mcp_connection::begin(const std::string& id) {
  const std::lock_guard guard{mutex_};
  const auto [found, is_new] = under_way_.try_emplace(id);
  if (!is_new) return nullptr;
  found->second.cancelled = std::make_shared<std::atomic<bool>>(false);
  return found->second.cancelled;
}

void mcp_connection::cancel(const std::string& id) {
  request gone;
  {
    const std::lock_guard guard{mutex_};
    const auto found = under_way_.find(id);
    if (found == under_way_.end()) return;
    gone = std::move(found->second);
    *gone.cancelled = true;
    under_way_.erase(found);
  }
  for (const auto& then : gone.told) then();
}

void mcp_connection::when_cancelled(const std::string& id,
                                    const std::shared_ptr<const std::atomic<bool>>& begun,
                                    std::function<void()> then) {
  {
    const std::lock_guard guard{mutex_};
    const auto found = under_way_.find(id);
    if (found != under_way_.end() && found->second.cancelled == begun) {
      found->second.told.push_back(std::move(then));
      return;
    }
  }
  if (*begun) then();
}

bool mcp_connection::finish(const std::string& id,
                            const std::shared_ptr<const std::atomic<bool>>& begun) {
  request over;  // let go without the lock
  const std::lock_guard guard{mutex_};
  const auto found = under_way_.find(id);
  if (found == under_way_.end() || found->second.cancelled != begun) return false;
  over = std::move(found->second);
  under_way_.erase(found);
  return true;
}

bool mcp_connection::busy() const {
  const std::lock_guard guard{mutex_};
  return !under_way_.empty();
}

bool mcp_connection::watch(const std::string& uri, std::shared_ptr<void> watch) {
  const std::lock_guard guard{mutex_};
  if (watches_.size() >= watched_max && !watches_.contains(uri)) return false;
  std::swap(watches_[uri], watch);  // a former one is let go with the argument, without the lock
  return true;
}

void mcp_connection::unwatch(const std::string& uri) {
  std::shared_ptr<void> gone;  // let go without the lock: its end may be told
  const std::lock_guard guard{mutex_};
  const auto found = watches_.find(uri);
  if (found == watches_.end()) return;
  gone = std::move(found->second);
  watches_.erase(found);
}

}  // namespace agentpool::tools
