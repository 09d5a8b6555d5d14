#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include "actors/remote/dialing.hpp"
#include "agentpool/actors/timers.hpp"

namespace agentpool::actors::remote {

/// Has nodes keep and fetch the contents of a program: whichever it reaches, since all of them have
/// one store. Where a connection is lost the next node is asked, until `request_wait` is over: both
/// may be repeated. Any thread.
class node_contents : public std::enable_shared_from_this<node_contents> {
 public:
  node_contents(caf::actor_system& system, std::shared_ptr<dialing> around)
      : system_{system}, around_{std::move(around)} {}

  void keep(const std::shared_ptr<messages::content_call>& call);
  /// `call` asks to read a content.
  void fetch(const std::shared_ptr<messages::store_call>& call);

 private:
  /// A question on its way from node to node.
  struct errand {
    messages::node_question question;
    callback<messages::node_answer> then;
    tick due;
    std::size_t seed = 0;      ///< Which node is asked.
    std::size_t refusals = 0;  ///< In a row, which repeating at once does not change.
    std::string last_error = {};
  };

  void ask(messages::node_question question, callback<messages::node_answer> then);
  void go(errand what);
  void came(errand what, core::outcome<messages::node_answer> answer);

  caf::actor_system& system_;
  std::shared_ptr<dialing> around_;
  std::atomic<std::size_t> preferred_ = 0;  ///< The seed that answered last.
};

}  // namespace agentpool::actors::remote
