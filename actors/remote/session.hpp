#pragma once

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <memory>
#include <vector>

#include "actors/remote/content_counter.hpp"
#include "actors/remote/surroundings.hpp"

namespace agentpool::actors::remote {

/// What a session is made of.
struct session_setup {
  std::shared_ptr<surroundings> around;
  std::shared_ptr<session_account> account;
  messages::link_peer link;
};

/// The state of a session: one connected program. It opens channels, and ends them when the
/// program is gone.
class session_desk {
 public:
  static inline const char* name = "session";
  using pointer = messages::session_actor::pointer;

  explicit session_desk(pointer self) : self_{self} {}

  void start(session_setup setup);
  void on_ask_pools(const messages::ask_pools& ask);
  void on_ask_status(const messages::ask_status& ask);
  void on_open(const messages::open_channel& ask, const messages::pool_peer& peer);
  void on_closing();
  [[nodiscard]] content_counter& contents() noexcept { return contents_; }

 private:
  void on_down(const caf::down_msg& down);
  void on_place(const messages::open_channel& ask, const messages::pool_peer& peer,
                const core::outcome<messages::whereabouts>& where);
  void end();

  pointer self_;
  messages::session_actor keep_;  ///< Itself, until it ends.
  session_setup setup_;
  std::vector<messages::channel_actor> channels_;
  content_counter contents_;
  std::size_t opening_ = 0;  ///< Channels of which it is not known yet where their pool is.
  bool ended_ = false;
};

/// A session of a node.
messages::session_actor::behavior_type session(
    messages::session_actor::stateful_pointer<session_desk> self, session_setup setup);

}  // namespace agentpool::actors::remote
