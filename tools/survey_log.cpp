#include "survey_log.hpp"

#include <algorithm>
#include <variant>

#include "survey_folder.hpp"
#include "survey_names.hpp"

namespace agentpool::tools {

namespace {
constexpr std::size_t page_entries = 1000;
}

core::outcome<survey_log> survey_log::of(core::store_backend& store) {
  survey_log read;
  for (core::log_position at;;) {
    auto page = store.read(survey_pool(), at, page_entries);
    if (!page) return page.error();
    if (page->entries.empty()) return read;
    for (const auto& entry : page->entries) read.take(*entry);
    at = page->next;
  }
}

void survey_log::take(const core::log_entry& entry) {
  if (const auto* host = entry.host()) {
    events_.emplace(host->event.envelope.run_id, host->event.envelope.event_kind);
    return;
  }
  const auto& payload = entry.record()->payload;
  if (std::holds_alternative<core::pool_opened>(payload)) opened_ = true;
  if (const auto* joined = std::get_if<core::member_joined>(&payload)) {
    joined_.insert(joined->member.run_id);
    members_.insert(joined->member.run_id);
  }
  if (const auto* left = std::get_if<core::member_left>(&payload)) {
    left_.insert(left->member.run_id);
    members_.erase(left->member.run_id);
    if (left->member.run_id == lead_run()) lead_.was_away = true;
  }
  if (const auto* message = std::get_if<core::message_recorded>(&payload))
    take_message(message->stored, entry.record()->cursor.sequence);
  if (const auto* wake = std::get_if<core::wake_recorded>(&payload)) take_wake(*wake->stored);
}

void survey_log::take_message(const core::stored_message& stored, std::uint64_t sequence) {
  const auto& message = *stored.message;
  messages_.insert(message.message_id);
  if (message.message_id == job_message()) {
    if (stored.receipt.status == core::message_status::delivered)
      lead_.job = core::inbox_entry{sequence, message};
    if (stored.receipt.status == core::message_status::responded) reported_ = true;
  } else if (const auto batch = work_batch(message.content_ref)) {
    take_batch(*batch, stored, sequence);
  } else if (stored.receipt.status == core::message_status::delivered ||
             stored.receipt.status == core::message_status::failed) {
    take_answer(stored);
  }
}

void survey_log::take_batch(std::uint64_t batch, const core::stored_message& stored,
                            std::uint64_t sequence) {
  auto& state = lead_.batches[batch];
  const auto status = stored.receipt.status;
  if (status == core::message_status::delivered) {
    state.worker = worker_number(stored.receipt.delivered_to.at(0)).value_or(0);
    sent_[stored.message->message_id] = {batch, sequence};
  }
  // Nobody got it. Once somebody has, it is his until he answers, whatever becomes of the message.
  if (status == core::message_status::failed && state.worker == 0) ++state.attempts;
}

void survey_log::take_answer(const core::stored_message& stored) {
  const auto worker = worker_number(stored.message->from);
  if (!worker || !stored.message->reply_to) return;
  const auto found = sent_.find(*stored.message->reply_to);
  if (found == sent_.end()) return;
  auto& state = workers_[*worker];
  if (stored.receipt.status == core::message_status::failed) {
    ++state.unheard[found->second.number];
    return;
  }
  lead_.batches[found->second.number].answered = true;
  ++state.answered;
  state.answered_until = std::max(state.answered_until, found->second.sequence);
}

void survey_log::take_wake(const core::stored_wake& stored) {
  const auto& id = stored.condition.condition_id;
  const auto status = stored.registration.status;
  if (status == core::wake_registration_status::registered && is_wait(id, lead_run(), "deadline"))
    ++lead_.deadlines;
  if (status != core::wake_registration_status::triggered) return;
  ++woken_;
  if (is_wait(id, lead_run(), "answer")) ++lead_.answers_waited;
}

worker_state survey_log::worker(std::uint64_t number) const {
  const auto found = workers_.find(number);
  return found == workers_.end() ? worker_state{} : found->second;
}

std::set<std::uint64_t> survey_log::busy_workers() const {
  std::set<std::uint64_t> busy;
  for (const auto& run : members_)
    if (const auto number = worker_number(run)) busy.insert(*number);
  for (const auto& [number, batch] : lead_.batches)
    if (batch.out()) busy.insert(batch.worker);
  return busy;
}

std::uint64_t survey_log::batches_answered() const {
  return static_cast<std::uint64_t>(
      std::count_if(lead_.batches.begin(), lead_.batches.end(),
                    [](const auto& each) { return each.second.answered; }));
}

survey_costs survey_log::costs() const {
  // Opening, every run's joining and leaving, each message, each suspension that was woken (the
  // wake itself is in the commit of what woke it), each event that runs publish.
  const std::uint64_t commits = (opened_ ? 1 : 0) + joined_.size() + left_.size() +
                                messages_.size() + woken_ + events_.size();
  return {messages_.size(), woken_, commits};
}

}  // namespace agentpool::tools
