#include "survey_worker.hpp"

#include <utility>

#include "survey_names.hpp"
#include "survey_plan.hpp"

namespace agentpool::tools {

namespace {

/// The lead's messages to this worker, and the event by which it ends the survey.
core::event_filter work_for(std::uint64_t worker) {
  core::event_filter filter;
  filter.run_ids.include = {lead_run()};
  filter.kinds.include = {core::event_kind::run_message_delivered,
                          core::event_kind::run_checkpointed};
  filter.correlation_keys.include = {key_of_worker(worker), key_of_end()};
  return filter;
}

}  // namespace

survey_worker::survey_worker(const survey_site& site, std::uint64_t number,
                             const worker_state& before)
    : site_{site}, number_{number}, state_{before}, seen_until_{before.answered_until} {}

void survey_worker::on_start(actors::run_context& context) { suspend(context); }

void survey_worker::suspend(actors::run_context& context) {
  const auto wait = again(work_wait(state_.answered), suspended_again_);
  awake_ = false;
  waits_for_ = condition_of(context.run_id(), wait);
  actors::condition_draft draft;
  draft.name = wait;
  draft.filter = work_for(number_);
  draft.condition_id = waits_for_;
  if (state_.answered == 0) draft.after_cursor = before_all_events();
  context.suspend(std::move(draft));
}

void survey_worker::on_message(actors::run_context& context, const core::inbox_entry& entry) {
  if (entry.sequence <= state_.answered_until) return context.acknowledge(entry.sequence);
  if (entry.sequence <= seen_until_ || entry.message.from != lead_run()) return;
  seen_until_ = entry.sequence;
  batches_.push_back(entry);
  begin_next(context);
}

void survey_worker::on_wake(actors::run_context& context, const core::wake_notice& notice) {
  if (notice.condition_id != waits_for_) return;  // Of an earlier life.
  if (notice.status != core::wake_registration_status::triggered) {
    ++suspended_again_;
    return suspend(context);
  }
  suspended_again_ = 0;
  const auto& cause = notice.resume_input.subject_ref;
  if (cause && cause->kind != core::entity_kind::message) return context.finish();
  awake_ = true;
  begin_next(context);
}

void survey_worker::begin_next(actors::run_context& context) {
  if (!awake_ || reader_ || batches_.empty()) return;
  const auto number = work_batch(batches_.front().message.content_ref);
  if (!number) return context.fail("a message that is no batch");
  const auto text = site_.folder.read(work_name(*number));
  if (!text) return site_.board.tell_trouble(text.error());
  auto batch = plan_from_text(*text);
  if (!batch) return site_.board.tell_trouble(batch.error());
  reader_.emplace(std::move(*batch), [this](std::uint64_t files, std::uint64_t bytes) {
    site_.board.files += files;
    site_.board.bytes += bytes;
  });
  read_on(context);
}

void survey_worker::read_on(actors::run_context& context) {
  if (reader_->read_for(site_.slice)) return answer(context);
  // Others get their turn: the answer to this sign of life is the next turn.
  actors::event_draft alive;
  alive.name = "reading";
  alive.delivery = core::event_delivery_semantics::best_effort_live;
  context.publish(std::move(alive), [this](actors::run_context& next, const auto& published) {
    if (!published) return site_.board.tell_trouble(published.error());
    read_on(next);
  });
}

void survey_worker::answer(actors::run_context& context) {
  const auto entry = std::move(batches_.front());
  batches_.pop_front();
  const auto number = work_batch(entry.message.content_ref).value();
  const auto written = site_.folder.write(result_name(number), to_text(reader_->counts()));
  if (!written) return site_.board.tell_trouble(written.error());
  reader_.reset();
  awake_ = false;
  const auto unheard = state_.unheard.find(number);
  actors::message_draft draft;
  draft.name = again("reply." + entry.message.message_id.text(),
                     unheard == state_.unheard.end() ? 0 : unheard->second);
  draft.to = core::to_run{entry.message.from};
  draft.content_ref = result_ref(number);
  draft.reply_to = entry.message.message_id;
  context.send(std::move(draft), [this, at = entry.sequence](auto& next, const auto& receipt) {
    if (!receipt) return site_.board.tell_trouble(receipt.error());
    if (receipt->status == core::message_status::failed)
      return site_.board.tell_trouble(core::invalid_transition("the lead run has left its pool"));
    next.acknowledge(at);
    ++state_.answered;
    state_.answered_until = at;
    suspend(next);
  });
}

}  // namespace agentpool::tools
