#pragma once

#include <array>
#include <caf/actor_proxy.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/sim/network.hpp"

namespace agentpool::sim {

/// What travels.
struct packet {
  bool gone = false;  ///< Tells that the sender has ended.
  caf::strong_actor_ptr from;
  caf::strong_actor_ptr to;
  caf::message_id number;
  std::vector<char> bytes;
  std::string types;
  std::uint64_t mark = 0;
};

/// One end of a connection.
struct wire_end {
  std::string host;
  caf::actor_system* system = nullptr;
  std::deque<packet> arriving;
  std::map<caf::strong_actor_ptr, caf::strong_actor_ptr>
      proxies;                               ///< Here, by whom they stand for.
  std::vector<caf::strong_actor_ptr> order;  ///< Of the proxies, as they were made.
  bool noticed = false;                      ///< That the connection is lost.
  bool dead = false;                         ///< Its process is no more.
};

/// What the wires of a network share.
struct wire_room {
  network_counters counters;
  network_watch watch;
  /// By host: whom others know of, kept until they end or their process does, as CAF's registry of
  /// a process does. Else who is known to others alone would go with them, and not find out.
  std::map<std::string, std::set<caf::strong_actor_ptr>> known;
};

/// Two processes that reach each other.
class wire : public std::enable_shared_from_this<wire> {
 public:
  wire(std::uint64_t number, std::shared_ptr<wire_room> room)
      : number{number}, room_{std::move(room)} {}

  const std::uint64_t number;
  std::array<wire_end, 2> ends;
  bool lost = false;

  /// The proxy in the process of `end` for an actor of the other.
  caf::strong_actor_ptr proxy(std::size_t end, const caf::strong_actor_ptr& target);
  /// From the process of `end`.
  void send(std::size_t end, caf::mailbox_element& what, const caf::strong_actor_ptr& to);
  /// The first message arrives at `end`.
  void deliver(std::size_t end);
  void lose();
  /// `end` finds out that the connection is lost.
  void notice(std::size_t end);

 private:
  [[nodiscard]] std::uint64_t mark() const {
    return room_->watch.on_send ? room_->watch.on_send() : 0;
  }
  void keep(const std::string& host, const caf::strong_actor_ptr& target);

  std::shared_ptr<wire_room> room_;
};

}  // namespace agentpool::sim
