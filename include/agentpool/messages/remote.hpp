#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agentpool/core/commands.hpp"
#include "agentpool/core/error.hpp"
#include "agentpool/messages/contents.hpp"
#include "agentpool/messages/journal.hpp"
#include "agentpool/messages/local.hpp"

/// What programs and the nodes that host their pools tell each other. One connection carries a
/// session; in it each pool has a channel, from the program's stand-in of the pool to an actor of
/// the node. A channel is good as long as its connection. Docs: docs/nodes.md.
namespace agentpool::messages {

/// Goes up when an older peer would misunderstand.
inline constexpr std::uint32_t protocol_version = 2;

/// The first message of a connection, to the node's gateway.
struct hello {
  std::uint32_t version = protocol_version;
  std::string program;  ///< What to call the peer where connections are shown.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("version", self.version);
    visit("program", self.program);
  }
};

/// The session is there: the node's name.
struct welcome {
  std::string node;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("node", self.node);
  }
};

/// This connection is over, and why. Connecting again is allowed where the reason allows it.
struct goodbye {
  core::agent_error why;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("why", self.why);
  }
};

/// What pools the node's store has. → pools_listed
struct ask_pools {
  std::uint64_t number = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
  }
};

struct pools_listed {
  std::uint64_t number = 0;
  std::optional<core::agent_error> error;
  std::vector<core::pool_id> pools;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
    visit("error", self.error);
    visit("pools", self.pools);
  }
};

/// How the node is. → status_told
struct ask_status {
  std::uint64_t number = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
  }
};

/// A connection to a node, as the node sees it.
struct session_status {
  std::string program;
  std::uint64_t since_millis = 0;  ///< Unix time.
  std::uint64_t channels = 0;
  std::uint64_t runs = 0;        ///< That live behind it.
  std::uint64_t unanswered = 0;  ///< Requests.
  std::uint64_t untaken = 0;     ///< Messages on their way to it.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("program", self.program);
    visit("since_millis", self.since_millis);
    visit("channels", self.channels);
    visit("runs", self.runs);
    visit("unanswered", self.unanswered);
    visit("untaken", self.untaken);
  }
};

/// A pool that a node has.
struct hosted_pool_status {
  core::pool_id pool_id;
  std::uint64_t epoch = 0;     ///< How many times nodes took it.
  std::uint64_t attached = 0;  ///< Runs behind a connection.
  std::uint64_t detached = 0;  ///< Runs whose connection is gone, within their time of grace.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("pool_id", self.pool_id);
    visit("epoch", self.epoch);
    visit("attached", self.attached);
    visit("detached", self.detached);
  }
};

/// A node on the store that has shown itself.
struct node_status {
  std::string node;
  std::string endpoint;
  std::uint64_t expires_millis = 0;  ///< Unix time at which it counts as gone.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("node", self.node);
    visit("endpoint", self.endpoint);
    visit("expires_millis", self.expires_millis);
  }
};

struct status_told {
  std::uint64_t number = 0;
  node_status self;
  std::uint64_t refused = 0;  ///< Acts for runs by whom they are not, since the node began.
  std::vector<node_status> nodes;
  std::vector<session_status> sessions;
  std::vector<hosted_pool_status> pools;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
    visit("self", self.self);
    visit("refused", self.refused);
    visit("nodes", self.nodes);
    visit("sessions", self.sessions);
    visit("pools", self.pools);
  }
};

/// Opens a channel to the pool, to whom it is sent from. `channel` is the program's number for it
/// and comes back with everything. After `hops` nodes that sent the program on, the next takes the
/// pool itself. → channel_opened, by the actor to speak to from now on, or one of the next two
struct open_channel {
  std::uint64_t channel = 0;
  core::pool_id pool_id;
  std::uint32_t hops = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("channel", self.channel);
    visit("pool_id", self.pool_id);
    visit("hops", self.hops);
  }
};

struct channel_opened {
  std::uint64_t channel = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("channel", self.channel);
  }
};

/// Another node has the pool.
struct channel_elsewhere {
  std::uint64_t channel = 0;
  std::string endpoint;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("channel", self.channel);
    visit("endpoint", self.endpoint);
  }
};

/// There is no channel, or none any more.
struct channel_closed {
  std::uint64_t channel = 0;
  core::agent_error why;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("channel", self.channel);
    visit("why", self.why);
  }
};

/// Has the channel act as the run from now on: `token` proves that it may. With `joining` the run
/// joins its pool first, and the token is its secret from then on. → run_seated
struct seat_run {
  std::uint64_t number = 0;
  core::run_id run_id;
  std::string token;
  std::optional<core::pool_member> joining;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
    visit("run_id", self.run_id);
    visit("token", self.token);
    visit("joining", self.joining);
  }
};

struct run_seated {
  std::uint64_t channel = 0;
  std::uint64_t number = 0;
  std::optional<core::agent_error> error;
  std::optional<core::run_joined> joined;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("channel", self.channel);
    visit("number", self.number);
    visit("error", self.error);
    visit("joined", self.joined);
  }
};

/// Any other request of a pool. What acts as a run needs a seat for it. → pool_told
struct ask_pool {
  std::uint64_t number = 0;
  std::uint64_t wait_millis = 0;
  core::command ask;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
    visit("wait_millis", self.wait_millis);
    visit("ask", self.ask);
  }
};

struct pool_told {
  std::uint64_t channel = 0;
  std::uint64_t number = 0;
  std::variant<core::agent_error, core::answer> what;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("channel", self.channel);
    visit("number", self.number);
    visit("what", self.what);
  }
};

/// A request of the pool's journal. → journal_told
struct ask_journal {
  std::uint64_t number = 0;
  journal_question ask;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("number", self.number);
    visit("ask", self.ask);
  }
};

struct journal_told {
  std::uint64_t channel = 0;
  std::uint64_t number = 0;
  std::variant<core::agent_error, journal_answer> what;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("channel", self.channel);
    visit("number", self.number);
    visit("what", self.what);
  }
};

/// A run with a seat can take `credit` more entries; the first one attaches it (`run_ready`).
struct seat_ready {
  core::run_id run_id;
  std::optional<std::uint64_t> after;
  std::uint64_t credit = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
    visit("after", self.after);
    visit("credit", self.credit);
  }
};

/// The run takes nothing more: it ends, or has ended.
struct seat_quiet {
  core::run_id run_id;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("run_id", self.run_id);
  }
};

/// The next messages of the inboxes of these runs, in order.
struct seats_handed {
  std::uint64_t channel = 0;
  std::vector<core::run_id> runs;
  std::vector<core::inbox_entry> entries;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("channel", self.channel);
    visit("runs", self.runs);
    visit("entries", self.entries);
  }
};

/// A wake condition of a run with a seat is final.
struct seat_woken {
  std::uint64_t channel = 0;
  core::wake_notice notice;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("channel", self.channel);
    visit("notice", self.notice);
  }
};

/// The channel acts as the run no more: another program has taken it over.
struct seat_ended {
  std::uint64_t channel = 0;
  core::run_id run_id;
  core::agent_error why;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("channel", self.channel);
    visit("run_id", self.run_id);
    visit("why", self.why);
  }
};

/// So many more messages of the channel have been taken: what is on its way is bounded.
struct channel_taken {
  std::uint64_t messages = 0;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("messages", self.messages);
  }
};

/// The program needs the channel no more: its runs are detached.
struct close_channel {
  template <class Self, class Visitor>
  static void fields(Self&, Visitor&) {}
};

/// What a node publishes, alone. Refuses versions that it does not speak.
using gateway_actor = caf::typed_actor<caf::reacts_to<hello>>;

/// The program's end of a connection.
using link_peer = caf::typed_actor<caf::reacts_to<welcome>, caf::reacts_to<goodbye>,
                                   caf::reacts_to<pools_listed>, caf::reacts_to<status_told>,
                                   caf::reacts_to<content_named>, caf::reacts_to<content_fetched>>;

/// The node's end of a connection.
using session_peer = caf::typed_actor<caf::reacts_to<ask_pools>, caf::reacts_to<ask_status>,
                                      caf::reacts_to<open_channel>, caf::reacts_to<keep_content>,
                                      caf::reacts_to<fetch_content>, caf::reacts_to<content_taken>>;

/// The program's end of a channel.
using pool_peer =
    caf::typed_actor<caf::reacts_to<channel_opened>, caf::reacts_to<channel_elsewhere>,
                     caf::reacts_to<channel_closed>, caf::reacts_to<run_seated>,
                     caf::reacts_to<pool_told>, caf::reacts_to<journal_told>,
                     caf::reacts_to<seats_handed>, caf::reacts_to<seat_woken>,
                     caf::reacts_to<seat_ended>>;

/// The node's end of a channel.
using channel_peer = caf::typed_actor<caf::reacts_to<seat_run>, caf::reacts_to<ask_pool>,
                                      caf::reacts_to<ask_journal>, caf::reacts_to<close_stream>,
                                      caf::reacts_to<seat_ready>, caf::reacts_to<seat_quiet>,
                                      caf::reacts_to<channel_taken>, caf::reacts_to<close_channel>>;

}  // namespace agentpool::messages
