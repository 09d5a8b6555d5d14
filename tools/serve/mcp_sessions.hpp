#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "agentpool/core/outcome.hpp"
#include "line_feed.hpp"
#include "mcp_server.hpp"

namespace agentpool::tools {

/// A client's session over HTTP.
struct mcp_session {
  std::string id;
  std::string owner;  ///< The caller whose it is; another one's requests do not find it.
  const std::shared_ptr<mcp_connection> connection = std::make_shared<mcp_connection>();
  std::shared_ptr<line_feed> feed = {};  ///< Where notifications go; under the sessions' lock.
};

/// How many sessions a server has.
struct session_bounds {
  std::size_t all_max = 10'000;
  std::size_t each_max = 2'500;  ///< Of one owner.
};

/// The sessions of a server. When an owner has too many, the one of its own that was used longest
/// ago goes; when there are too many in all, one of the owner that has most. Its client begins
/// another. One with an open stream or a call under way never goes. Safe to use from any thread.
class mcp_sessions {
 public:
  explicit mcp_sessions(session_bounds bounds = {}) : bounds_{bounds} {}

  /// The error: the system has no random bytes, or there is no room (overloaded).
  [[nodiscard]] core::outcome<std::shared_ptr<mcp_session>> begin(const std::string& owner);
  [[nodiscard]] std::shared_ptr<mcp_session> find(std::string_view id, const std::string& owner);
  void end(const std::string& id);

  /// Notifications go there from now on; false when they go to another one already.
  bool listen(const std::shared_ptr<mcp_session>& session, const std::shared_ptr<line_feed>& feed);

 private:
  struct entry {
    std::shared_ptr<mcp_session> session;
    std::uint64_t turn = 0;
  };
  using turns = std::map<std::uint64_t, std::string>;  ///< Ids, by when each was used.

  void forget_turn(const entry& of);
  [[nodiscard]] const turns* too_many(const std::string& owner) const;
  [[nodiscard]] std::string idle_one(const turns& among) const;

  const session_bounds bounds_;
  std::mutex mutex_;
  std::uint64_t last_turn_ = 0;
  std::map<std::string, entry, std::less<>> sessions_;
  std::map<std::string, turns> by_owner_;
};

}  // namespace agentpool::tools
