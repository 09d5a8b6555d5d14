#pragma once

#include "draft.hpp"

/// How each request is decided. One function a request, all of them const.
namespace agentpool::core {

/// What a decision may look at.
struct situation {
  const pool_state& state;
  instant now;
  const evidence& known;
};

pool::verdict decide_on(const open_pool& ask, const situation& at);
pool::verdict decide_on(const join_run& ask, const situation& at);
pool::verdict decide_on(const leave_run& ask, const situation& at);
pool::verdict decide_on(const list_members& ask, const situation& at);
pool::verdict decide_on(const send_message& ask, const situation& at);
pool::verdict decide_on(const cancel_message& ask, const situation& at);
pool::verdict decide_on(const record_message_status& ask, const situation& at);
pool::verdict decide_on(const read_inbox& ask, const situation& at);
pool::verdict decide_on(const ack_inbox& ask, const situation& at);
pool::verdict decide_on(const suspend_until& ask, const situation& at);
pool::verdict decide_on(const poll_wake& ask, const situation& at);
pool::verdict decide_on(const cancel_wake& ask, const situation& at);
pool::verdict decide_on(const read_wake& ask, const situation& at);
pool::verdict decide_on(const read_snapshot& ask, const situation& at);
pool::verdict decide_on(const publish_event& ask, const situation& at);
pool::verdict decide_on(const expire_due& ask, const situation& at);

/// A decision that stores nothing.
[[nodiscard]] decision only_answer(answer reply);

/// "run is not a member of this pool", about the run.
[[nodiscard]] agent_error not_a_member(const run_id& run);

}  // namespace agentpool::core
