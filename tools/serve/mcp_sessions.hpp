#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>

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

/// The sessions of a server: bounded, and when there are too many the one that was used longest ago
/// goes; its client begins another. Safe to use from any thread.
class mcp_sessions {
 public:
  explicit mcp_sessions(std::size_t sessions_max = 10'000) : sessions_max_{sessions_max} {}

  /// Null when the system has no random bytes.
  [[nodiscard]] std::shared_ptr<mcp_session> begin(const std::string& owner);
  [[nodiscard]] std::shared_ptr<mcp_session> find(std::string_view id, const std::string& owner);
  void end(const std::string& id);

  /// Notifications go there from now on; false when they go to another one already.
  bool listen(const std::shared_ptr<mcp_session>& session, const std::shared_ptr<line_feed>& feed);

 private:
  struct entry {
    std::shared_ptr<mcp_session> session;
    std::uint64_t turn = 0;
  };

  const std::size_t sessions_max_;
  std::mutex mutex_;
  std::uint64_t last_turn_ = 0;
  std::map<std::string, entry, std::less<>> sessions_;
  std::map<std::uint64_t, std::string> by_turn_;
};

}  // namespace agentpool::tools
