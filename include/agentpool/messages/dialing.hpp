#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "agentpool/core/error.hpp"
#include "agentpool/messages/call.hpp"
#include "agentpool/messages/hosting.hpp"
#include "agentpool/messages/local.hpp"
#include "agentpool/messages/protocol.hpp"
#include "agentpool/messages/remote.hpp"

/// What the actors of a program tell each other whose pools are at nodes. None of it leaves the
/// process.
namespace agentpool::messages {

/// The connection to `endpoint` is there: speak to its session.
struct link_up {
  std::string endpoint;
  session_peer session;
};

/// It is not, or no more.
struct link_down {
  std::string endpoint;
  core::agent_error why;
};

/// Who needs a connection.
using link_user = caf::typed_actor<caf::reacts_to<link_up>, caf::reacts_to<link_down>>;

/// Tell `user` once when the connection is there or cannot be made, and when it is lost.
struct link_wanted {
  link_user user;
};

struct link_unwanted {
  link_user user;
};

/// What a node is asked that is of no pool. A content is not copied for it: its call is answered by
/// whoever asks the node.
using shared_content = std::shared_ptr<const content_call>;
using node_question = std::variant<ask_pools, ask_status, shared_content, fetch_content>;
/// An error that the node answers is in its answer: an error instead of one means that there was
/// none. A call's `wait` is how long it may take; 0: as long as the connection lasts.
using node_answer =
    std::variant<std::vector<core::pool_id>, status_told, content_named, content_fetched>;
using node_call = call<node_question, node_answer>;
struct node_asked {
  std::shared_ptr<node_call> request;
};

/// A program's connection to one node.
using link_actor = link_peer::extend<caf::reacts_to<link_wanted>, caf::reacts_to<link_unwanted>,
                                     caf::reacts_to<node_asked>, caf::reacts_to<come_back>,
                                     caf::reacts_to<timer_due>, caf::reacts_to<closing>>;

/// Stands for a pool that is at some node, and for its journal: takes what handles and runs of this
/// process ask of them.
using standin_actor = pool_peer::extend_with<link_user>::extend<
    caf::reacts_to<pool_asked>, caf::reacts_to<journal_asked>, caf::reacts_to<close_stream>,
    caf::reacts_to<run_ready>, caf::reacts_to<run_gone>, caf::reacts_to<come_back>,
    caf::reacts_to<timer_due>, caf::reacts_to<closing>>;

}  // namespace agentpool::messages

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::link_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::link_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::link_wanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::link_unwanted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(agentpool::messages::node_asked)
