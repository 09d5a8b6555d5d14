#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agentpool/core/commands.hpp"
#include "agentpool/core/error.hpp"
#include "agentpool/messages/call.hpp"
#include "agentpool/messages/local.hpp"
#include "agentpool/messages/remote.hpp"

/// What the actors of a node tell each other. None of it leaves the process.
namespace agentpool::messages {

/// What the answer of a store or a pool leads to, done on the actor's own turn.
struct come_back {
  std::function<void()> work;
};

// ---- channels and the attendance of their pool ------------------------------------------------

struct seat_answered;
struct seat_lost;
struct pool_moved;

/// A channel, as an attendance knows it.
using seat_holder = caf::typed_actor<caf::reacts_to<seat_answered>, caf::reacts_to<seat_lost>,
                                     caf::reacts_to<pool_moved>>;

/// A channel begins.
struct channel_enters {
  seat_holder channel;
};

/// A channel ends: its runs are detached, and leave their pool once their time of grace is over.
struct channel_leaves {
  seat_holder channel;
};

/// A peer wants to act as a run. → seat_answered
struct seat_asked {
  seat_holder channel;
  seat_run ask;
};

struct seat_answered {
  std::uint64_t number = 0;
  core::run_id run_id;
  std::optional<core::agent_error> error;
  std::optional<core::run_joined> joined;
};

/// The run left its pool by itself.
struct seat_given_up {
  core::run_id run_id;
};

/// Another channel acts as the run from now on, or the run has left.
struct seat_lost {
  core::run_id run_id;
  bool left = false;  ///< It has left by itself.
};

/// The node has the pool no more: what is behind the channel has to ask where it is.
struct pool_moved {};

/// Who of a pool's runs lives behind connections, who may act for them, and when they are gone.
using attendance_actor =
    caf::typed_actor<caf::reacts_to<channel_enters>, caf::reacts_to<channel_leaves>,
                     caf::reacts_to<seat_asked>, caf::reacts_to<seat_given_up>,
                     caf::reacts_to<come_back>, caf::reacts_to<timer_due>,
                     // Tells its channels that the pool has moved, and ends.
                     caf::reacts_to<closing>>;

/// What was gathered of inbox entries goes to the program.
struct flush_entries {};

/// A channel of a node.
using channel_actor = channel_peer::extend_with<run_host>::extend_with<seat_holder>::extend<
    caf::reacts_to<flush_entries>, caf::reacts_to<come_back>, caf::reacts_to<closing>>;

// ---- the directory ----------------------------------------------------------------------------

/// Where a pool is. After `hops` nodes that sent the asker on it is taken here.
struct where_is {
  core::pool_id pool_id;
  std::uint32_t hops = 0;
};

/// Here, by its attendance; or at another node's endpoint.
using whereabouts = std::variant<attendance_actor, std::string>;
using place_call = call<where_is, whereabouts>;
struct place_asked {
  std::shared_ptr<place_call> request;
};

/// What the directory knows, for who looks at the node.
struct directory_view {
  node_status self;
  std::vector<node_status> nodes;
  std::vector<hosted_pool_status> pools;
};
using view_call = call<std::monostate, directory_view>;
struct view_asked {
  std::shared_ptr<view_call> request;
};

/// Which pools this node has. Keeps the node's lease and knows the other nodes of the store.
using directory_actor = caf::typed_actor<caf::reacts_to<place_asked>, caf::reacts_to<view_asked>,
                                         caf::reacts_to<come_back>, caf::reacts_to<timer_due>,
                                         // Gives up its leases, and ends.
                                         caf::reacts_to<closing>>;

/// A session of a node.
using session_actor = session_peer::extend<caf::reacts_to<come_back>, caf::reacts_to<closing>>;

}  // namespace agentpool::messages

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::come_back)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::channel_enters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::channel_leaves)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::seat_asked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::seat_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::seat_given_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::seat_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::pool_moved)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::flush_entries)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::place_asked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::view_asked)
