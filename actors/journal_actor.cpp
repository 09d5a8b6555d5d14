#include <utility>

#include "actors/journal.hpp"
#include "agentpool/messages/error.hpp"

namespace agentpool::actors {

namespace {

using stateful = messages::journal_actor::stateful_pointer<journal_desk>;

/// A question of another actor, as the desk takes it: its promise is kept in the call.
template <class Answer>
caf::result<Answer> on_question(stateful self, messages::journal_question ask) {
  auto promise = self->template make_response_promise<Answer>();
  messages::journal_call call{std::move(ask), {}, {}};
  call.back = messages::reply<messages::journal_answer>{
      [promise](core::outcome<messages::journal_answer> what) mutable {
        if (what) {
          promise.deliver(std::get<Answer>(std::move(*what)));
        } else {
          promise.deliver(messages::make_error(what.error()));
        }
      }};
  self->state.on_asked(call);
  return promise;
}

}  // namespace

messages::journal_actor::behavior_type journal(stateful self, journal_setup setup) {
  using namespace messages;
  auto& desk = self->state;
  desk.start(std::move(setup));
  return {
      [self](const open_subscription& ask) { return on_question<stream_opened>(self, ask); },
      [self](const open_watch& ask) { return on_question<stream_opened>(self, ask); },
      [self](const next_frames& ask) { return on_question<frame_page>(self, ask); },
      [self](const next_records& ask) { return on_question<record_page>(self, ask); },
      [&desk](const close_stream& ask) { desk.on_close(ask.stream); },
      [self](const read_events& ask) { return on_question<frame_page>(self, ask); },
      [self](const read_records& ask) { return on_question<record_page>(self, ask); },
      [self](const read_journal& ask) { return on_question<journal_page>(self, ask); },
      [&desk](const journal_asked& ask) { desk.on_asked(*ask.request); },
      [&desk](log_published& news) { desk.on_published(std::move(news)); },
      [&desk](const horizon_moved& moved) { desk.on_horizon(moved); },
      [&desk](log_told& answer) { desk.on_log(answer); },
      [&desk](messages::closing) { desk.on_closing(); },
  };
}

}  // namespace agentpool::actors
