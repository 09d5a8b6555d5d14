#include "survey_lead.hpp"

#include <utility>

#include "survey_names.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t identifiers_reported = 20;

/// What tells that one of the lead's batches is settled: once a batch.
core::event_filter settled_batches() {
  core::event_filter filter;
  filter.run_ids.include = {lead_run()};
  filter.kinds.include = {core::event_kind::run_message_responded,
                          core::event_kind::run_message_timed_out,
                          core::event_kind::run_message_cancelled};
  return filter;
}

/// What never happens: only time ends the wait for it.
core::event_filter nothing() {
  core::event_filter filter;
  filter.run_ids.include.emplace();
  return filter;
}

}  // namespace

tally for_report(tally counts) {
  identifier_counts kept;
  for (auto& each : most_frequent(counts.identifiers, identifiers_reported))
    kept.insert(std::move(each));
  counts.identifiers = std::move(kept);
  return counts;
}

survey_lead::survey_lead(const survey_site& site, lead_state before)
    : site_{site}, state_{std::move(before)} {}

void survey_lead::on_start(actors::run_context& context) {
  if (site_.time) {
    actors::condition_draft draft;
    draft.name = deadline_wait(state_.deadlines);
    deadline_ = condition_of(context.run_id(), draft.name);
    draft.condition_id = deadline_;
    draft.filter = nothing();
    draft.timeout = site_.time;
    context.suspend(std::move(draft));
  }
  if (state_.job) begin(context);
}

void survey_lead::on_message(actors::run_context& context, const core::inbox_entry& entry) {
  if (entry.message.message_id == job_message()) {
    if (state_.job) return;
    state_.job = entry;
    return begin(context);
  }
  if (bounds_.empty()) return;  // No order, or no plan to carry it out by.
  take_answer(entry);
  context.acknowledge(entry.sequence);
  merge_answered();
  send_more(context);
  conclude_if_done(context);
}

void survey_lead::on_wake(actors::run_context& context, const core::wake_notice& notice) {
  const bool timed_out = notice.status == core::wake_registration_status::timed_out;
  if (notice.condition_id == deadline_ && timed_out) site_.board.out_of_time = true;
  if (notice.condition_id != waits_for_) return;  // The deadline, or of an earlier life.
  const bool settled = notice.status == core::wake_registration_status::triggered;
  if (settled) ++state_.answers_waited;
  suspended_again_ = settled ? 0 : suspended_again_ + 1;
  suspend_until_answer(context);
  conclude_if_done(context);
}

void survey_lead::begin(actors::run_context& context) {
  if (const auto loaded = load_plan(); !loaded) return site_.board.tell_trouble(loaded.error());
  for (const auto& [number, batch] : state_.batches)
    if (batch.out()) ++out_[batch.worker];
  merge_answered();
  suspend_until_answer(context);
  send_more(context);
  conclude_if_done(context);
}

core::outcome<void> survey_lead::load_plan() {
  const auto text = site_.folder.read(plan_name);
  if (!text) return text.error();
  if (plan_ref(*text) != state_.job->message.content_ref)
    return core::store_corrupt("the survey's plan is not the one that it began with");
  auto plan = plan_from_text(*text);
  if (!plan) return plan.error();
  plan_ = std::move(*plan);
  bounds_ = batch_bounds(plan_);
  batches_ = bounds_.size() - 1;
  return {};
}

void survey_lead::take_answer(const core::inbox_entry& entry) {
  const auto number = result_batch(entry.message.content_ref);
  if (!number || *number >= batches_) return;
  auto& batch = state_.batches[*number];
  if (std::exchange(batch.answered, true)) return;
  auto& out = out_[batch.worker];
  if (out > 0) --out;
}

void survey_lead::merge_answered() {
  for (; merged_ < batches_ && state_.batches[merged_].answered; ++merged_) {
    const auto text = site_.folder.read(result_name(merged_));
    if (!text) return site_.board.tell_trouble(text.error());
    const auto counts = tally_from_text(*text);
    if (!counts) return site_.board.tell_trouble(counts.error());
    total_.add(*counts);
  }
}

void survey_lead::send_more(actors::run_context& context) {
  if (sending_) return;  // What was sent last goes on when it is durable.
  const auto sent = [&](std::uint64_t number) {
    const auto& batch = state_.batches[number];
    return batch.answered || batch.worker != 0;
  };
  while (next_ < batches_ && sent(next_)) ++next_;
  if (next_ == batches_) return;
  for (std::uint64_t ahead = 0; ahead < batches_ahead; ++ahead)
    for (std::uint64_t worker = 1; worker <= site_.runs; ++worker)
      if (out_[worker] == ahead) return send_batch(context, next_, worker);
}

void survey_lead::send_batch(actors::run_context& context, std::uint64_t number,
                             std::uint64_t worker) {
  const auto work = to_text(batch_of(plan_, bounds_, number));
  const auto written = site_.folder.write(work_name(number), work);
  if (!written) return site_.board.tell_trouble(written.error());
  auto& batch = state_.batches[number];
  const auto name = "batch." + std::to_string(number);
  actors::message_draft draft;
  draft.name = again(name, batch.attempts);
  draft.to = core::to_run{worker_run(worker)};
  draft.content_ref = work_ref(number);
  draft.correlation.entries = {{key_of_worker(worker), core::correlation_value{name}}};
  draft.response_contract = core::response_contract{1, {}};
  batch.worker = worker;
  ++out_[worker];
  sending_ = true;
  context.send(std::move(draft), [this](actors::run_context& next, const auto& receipt) {
    sending_ = false;
    if (!receipt) return site_.board.tell_trouble(receipt.error());
    if (receipt->status == core::message_status::failed)
      return site_.board.tell_trouble(core::invalid_transition("a worker run has left its pool"));
    send_more(next);
  });
}

void survey_lead::suspend_until_answer(actors::run_context& context) {
  if (state_.answers_waited >= batches_) return;
  actors::condition_draft draft;
  draft.name = again(answer_wait(state_.answers_waited), suspended_again_);
  waits_for_ = condition_of(context.run_id(), draft.name);
  draft.condition_id = waits_for_;
  draft.filter = settled_batches();
  if (state_.answers_waited == 0) draft.after_cursor = before_all_events();
  context.suspend(std::move(draft));
}

void survey_lead::conclude_if_done(actors::run_context& context) {
  const bool woken = state_.was_away || state_.answers_waited >= batches_;
  const bool done = merged_ == batches_ && woken;
  if (!done || bounds_.empty() || std::exchange(concluded_, true)) return;
  const auto written = site_.folder.write(report_name, to_text(for_report(std::move(total_))));
  if (!written) return site_.board.tell_trouble(written.error());
  actors::event_draft end;
  end.name = "end";
  end.redacted_summary = "survey ended";
  end.correlation.entries = {{key_of_end(), core::correlation_value{"survey"}}};
  context.publish(std::move(end));
  context.reply(*state_.job, report_ref());
  context.finish();
}

}  // namespace agentpool::tools
