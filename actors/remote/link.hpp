#pragma once

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/remote/dialing.hpp"
#include "agentpool/actors/timers.hpp"

namespace agentpool::actors::remote {

/// The state of a connection to one node. It is made when somebody wants it, and not tried again
/// before a wait that grows with each failure.
///
///     idle ──wanted──► (waiting) ──► dialing ──► greeting ──welcome──► up
///       ▲                                │            │                 │
///       └──────── users are told ────────┴────────────┴─────────────────┘
class link_desk {
 public:
  static inline const char* name = "link";
  using pointer = messages::link_actor::pointer;

  explicit link_desk(pointer self) : self_{self} {}

  void start(std::shared_ptr<dialing> around, std::string endpoint);
  void on_wanted(const messages::link_user& user);
  void on_unwanted(const messages::link_user& user);
  void on_asked(const std::shared_ptr<messages::node_call>& call);
  void on_welcome(const messages::welcome& welcome, const messages::session_peer& session);
  void on_goodbye(const messages::goodbye& goodbye, const caf::strong_actor_ptr& sender);
  void on_listed(messages::pools_listed& listed);
  void on_status(messages::status_told& told);
  void on_named(messages::content_named& named);
  void on_fetched(messages::content_fetched& fetched);
  void on_timer(const messages::timer_due& due);
  void on_closing();

 private:
  using call_ptr = std::shared_ptr<messages::node_call>;
  /// A question that is not answered: before the connection is there, it waits for it.
  struct asked {
    call_ptr call;
    std::optional<tick> due;
  };

  void reach();
  void dial();
  void on_dialed(const core::outcome<caf::actor>& gateway);
  void lose(const core::agent_error& why);
  void ask(std::uint64_t number, const messages::node_call& call);
  void arm();
  void fail_due();
  void enter(link_state state);
  [[nodiscard]] call_ptr take_call(std::uint64_t number);

  pointer self_;
  std::shared_ptr<dialing> around_;
  link_report report_;
  std::vector<messages::link_user> users_;
  messages::session_peer session_;
  std::uint64_t dial_ = 0;       ///< Counts them: an answer of an earlier one is too late.
  std::optional<tick> wake_at_;  ///< When to dial, or to give up greeting.
  tick not_before_{};            ///< Of the next dial.
  std::map<std::uint64_t, asked> calls_;
  std::set<std::pair<tick, std::uint64_t>> dues_;
  std::uint64_t last_call_ = 0;
  bool closing_ = false;
  timer timer_;
};

/// A connection to a node.
messages::link_actor::behavior_type link(messages::link_actor::stateful_pointer<link_desk> self,
                                         std::shared_ptr<dialing> around, std::string endpoint);

}  // namespace agentpool::actors::remote
