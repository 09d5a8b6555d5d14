#include "mcp_sessions.hpp"

#include <algorithm>
#include <utility>

#include "token_book.hpp"

namespace agentpool::tools {

namespace {

bool is_listened(const mcp_session& session) { return session.feed && !session.feed->over(); }

}  // namespace

core::outcome<std::shared_ptr<mcp_session>> mcp_sessions::begin(const std::string& owner) {
  const auto id = make_token();
  if (!id) return id.error();
  auto made = std::make_shared<mcp_session>(mcp_session{*id, owner});
  std::string oldest;
  {
    const std::lock_guard guard{mutex_};
    if (const auto* among = too_many(owner)) {
      oldest = idle_one(*among);
      if (oldest.empty()) return core::overloaded("too many sessions are in use: repeat later");
    }
    sessions_.emplace(*id, entry{made, ++last_turn_});
    by_owner_[owner].emplace(last_turn_, *id);
  }
  if (!oldest.empty()) end(oldest);
  return made;
}

/// Those of which one has to go before the owner gets another; null: none. Under the lock.
const mcp_sessions::turns* mcp_sessions::too_many(const std::string& owner) const {
  const auto found = by_owner_.find(owner);
  if (found != by_owner_.end() && found->second.size() >= bounds_.each_max) return &found->second;
  if (sessions_.size() < bounds_.all_max) return nullptr;
  return &std::max_element(by_owner_.begin(), by_owner_.end(), [](const auto& a, const auto& b) {
            return a.second.size() < b.second.size();
          })->second;
}

/// The id of the one that was used longest ago and that nobody uses; "" without one. Under the
/// lock.
std::string mcp_sessions::idle_one(const turns& among) const {
  for (const auto& [turn, id] : among) {
    const auto& session = *sessions_.find(id)->second.session;
    if (!is_listened(session) && !session.connection->busy()) return id;
  }
  return {};
}

/// Under the lock.
void mcp_sessions::forget_turn(const entry& of) {
  const auto found = by_owner_.find(of.session->owner);
  found->second.erase(of.turn);
  if (found->second.empty()) by_owner_.erase(found);
}

std::shared_ptr<mcp_session> mcp_sessions::find(std::string_view id, const std::string& owner) {
  const std::lock_guard guard{mutex_};
  const auto found = sessions_.find(id);
  if (found == sessions_.end() || found->second.session->owner != owner) return nullptr;
  forget_turn(found->second);
  found->second.turn = ++last_turn_;
  by_owner_[owner].emplace(last_turn_, found->first);
  return found->second.session;
}

void mcp_sessions::end(const std::string& id) {
  std::shared_ptr<mcp_session> gone;
  std::shared_ptr<line_feed> feed;
  {
    const std::lock_guard guard{mutex_};
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    forget_turn(found->second);
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
    if (is_listened(*session)) return false;
    session->feed = feed;
  }
  session->connection->notify_by([weak = std::weak_ptr{feed}](const std::string& line) {
    if (const auto to = weak.lock()) to->tell(line);
  });
  return true;
}

}  // namespace agentpool::tools
