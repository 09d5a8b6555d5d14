#include "mcp_sessions.hpp"

#include <utility>

#include "token_book.hpp"

namespace agentpool::tools {

std::shared_ptr<mcp_session> mcp_sessions::begin(const std::string& owner) {
  const auto id = make_token();
  if (!id) return nullptr;
  auto made = std::make_shared<mcp_session>(mcp_session{*id, owner});
  std::string oldest;
  {
    const std::lock_guard guard{mutex_};
    sessions_.emplace(*id, entry{made, ++last_turn_});
    by_turn_.emplace(last_turn_, *id);
    if (sessions_.size() > sessions_max_) oldest = by_turn_.begin()->second;
  }
  if (!oldest.empty()) end(oldest);
  return made;
}

std::shared_ptr<mcp_session> mcp_sessions::find(std::string_view id, const std::string& owner) {
  const std::lock_guard guard{mutex_};
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.session->owner != owner) return nullptr;
  by_turn_.erase(found->second.turn);
  found->second.turn = ++last_turn_;
  by_turn_.emplace(last_turn_, found->first);
  return found->second.session;
}

void mcp_sessions::end(const std::string& id) {
  std::shared_ptr<mcp_session> gone;
  std::shared_ptr<line_feed> feed;
  {
    const std::lock_guard guard{mutex_};
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    by_turn_.erase(found->second.turn);
    gone = std::move(found->second.session);
    feed = std::exchange(gone->feed, nullptr);
    sessions_.erase(found);
  }
  gone->connection->notify_by(nullptr);
  if (feed) feed->end({});
}

bool mcp_sessions::listen(const std::shared_ptr<mcp_session>& session,
                          const std::shared_ptr<line_feed>& feed) {
  {
    const std::lock_guard guard{mutex_};
    if (session->feed && !session->feed->over()) return false;
    session->feed = feed;
  }
  session->connection->notify_by([weak = std::weak_ptr{feed}](const std::string& line) {
    if (const auto to = weak.lock()) to->tell(line);
  });
  return true;
}

}  // namespace agentpool::tools
