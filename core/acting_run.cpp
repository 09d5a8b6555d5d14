#include "agentpool/core/acting_run.hpp"

#include <variant>

namespace agentpool::core {

namespace {

struct actor_of {
  const run_id* operator()(const join_run& ask) const { return &ask.member.run_id; }
  const run_id* operator()(const leave_run& ask) const { return &ask.run_id; }
  const run_id* operator()(const send_message& ask) const { return &ask.message->from; }
  const run_id* operator()(const read_inbox& ask) const { return &ask.run_id; }
  const run_id* operator()(const ack_inbox& ask) const { return &ask.run_id; }
  const run_id* operator()(const suspend_until& ask) const { return &ask.run_id; }
  const run_id* operator()(const publish_event& ask) const { return &ask.event->envelope.run_id; }
  template <class Other>
  const run_id* operator()(const Other&) const {
    return nullptr;
  }
};

}  // namespace

const run_id* acting_run(const command& ask) { return std::visit(actor_of{}, ask); }

}  // namespace agentpool::core
