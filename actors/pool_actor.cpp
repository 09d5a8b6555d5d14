#include <utility>

#include "actors/pool.hpp"
#include "agentpool/messages/error.hpp"
#include "agentpool/messages/inspect.hpp"

namespace agentpool::actors {

namespace {

using stateful = messages::pool_actor::stateful_pointer<pool_desk>;

/// A request of another actor, as the desk takes it: its promise is kept in the call.
template <class Answer>
caf::result<Answer> on_request(stateful self, core::command ask, std::uint64_t wait_millis = 0) {
  auto promise = self->template make_response_promise<Answer>();
  auto call = std::make_shared<messages::pool_call>();
  call->ask = std::move(ask);
  call->wait = std::chrono::milliseconds{wait_millis};
  call->back = messages::reply<core::answer>{[promise](core::outcome<core::answer> what) mutable {
    if (what) {
      promise.deliver(std::get<Answer>(std::move(*what)));
    } else {
      promise.deliver(messages::make_error(what.error()));
    }
  }};
  self->state.on_requested(call);
  return promise;
}

}  // namespace

messages::pool_actor::behavior_type pool(stateful self, pool_setup setup) {
  using namespace core;
  auto& desk = self->state;
  desk.start(std::move(setup));
  return {
      [self](const open_pool& ask) { return on_request<pool_snapshot>(self, ask); },
      [self](const join_run& ask) { return on_request<run_joined>(self, ask); },
      [self](const leave_run& ask) { return on_request<run_left>(self, ask); },
      [self](const list_members& ask) { return on_request<member_list>(self, ask); },
      [self](const send_message& ask) { return on_request<message_receipt>(self, ask); },
      [self](const cancel_message& ask) { return on_request<message_receipt>(self, ask); },
      [self](const record_message_status& ask) { return on_request<message_receipt>(self, ask); },
      [self](const read_inbox& ask) { return on_request<inbox_page>(self, ask); },
      [self](const messages::await_inbox& ask) {
        return on_request<inbox_page>(self, ask.inbox, ask.wait_millis);
      },
      [self](const ack_inbox& ask) { return on_request<inbox_acked>(self, ask); },
      [self](const suspend_until& ask) { return on_request<wake_registration>(self, ask); },
      [self](const poll_wake& ask) { return on_request<wake_registration>(self, ask); },
      [self](const cancel_wake& ask) { return on_request<wake_registration>(self, ask); },
      [self](const read_wake& ask) { return on_request<wake_report>(self, ask); },
      [self](const messages::await_wake& ask) {
        return on_request<wake_report>(self, read_wake{ask.condition_id}, ask.wait_millis);
      },
      [self](const read_snapshot& ask) { return on_request<pool_snapshot>(self, ask); },
      [self](const publish_event& ask) { return on_request<event_published>(self, ask); },
      [&desk](const messages::run_ready& ready) { desk.on_run_ready(ready); },
      [&desk](const messages::run_gone& gone) { desk.on_run_gone(gone); },
      [&desk](const messages::hosted_run_ready& ready) { desk.on_hosted_run_ready(ready); },
      [&desk](const messages::hosted_run_gone& gone) { desk.on_hosted_run_gone(gone); },
      [&desk](const messages::pool_asked& ask) { desk.on_asked(ask.request); },
      [&desk](const messages::journal_asked& ask) { desk.on_journal_asked(ask); },
      [&desk](const messages::records_appended& answer) { desk.on_appended(answer); },
      [&desk](const messages::checkpoint_kept& answer) { desk.on_checkpoint_kept(answer); },
      [&desk](messages::log_told& answer) { desk.on_log(answer); },
      [&desk](messages::pool_changed) { desk.on_changed(); },
      [&desk](const messages::news_taken& taken) { desk.on_news_taken(taken); },
      [&desk](const messages::timer_due& due) { desk.on_timer(due); },
      [&desk](messages::closing) { desk.on_closing(); },
  };
}

}  // namespace agentpool::actors
