#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "actors/remote/surroundings.hpp"
#include "agentpool/messages/remote.hpp"

namespace agentpool::actors::remote {

/// Where one program hands contents in and fetches them. Part of a session and used on its turns.
/// What comes in is bounded by the node's engine, what goes out by what the program has taken.
class content_counter {
 public:
  void start(messages::session_actor session, std::shared_ptr<surroundings> around,
             std::shared_ptr<session_account> account, messages::link_peer link);
  /// Lets go of the session.
  void end() { session_ = messages::session_actor{}; }

  void on_keep(messages::keep_content& ask);
  void on_fetch(const messages::fetch_content& ask);
  void on_taken();

 private:
  /// Why there can be no further request; counts it if there can.
  [[nodiscard]] std::optional<core::agent_error> refused();
  void fetched(std::uint64_t number, core::outcome<std::optional<std::string>> what);
  /// Why so many bytes cannot go to the program now.
  [[nodiscard]] std::optional<core::agent_error> no_way_for(std::size_t bytes) const;

  messages::session_actor session_;
  std::shared_ptr<surroundings> around_;
  std::shared_ptr<session_account> account_;
  messages::link_peer link_;
  std::deque<std::size_t> untaken_;  ///< Bytes of each content on its way.
  std::size_t untaken_bytes_ = 0;
};

}  // namespace agentpool::actors::remote
