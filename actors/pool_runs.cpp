#include <algorithm>
#include <utility>

#include "actors/pool.hpp"
#include "agentpool/core/projection.hpp"

namespace agentpool::actors {

void pool_desk::on_run_ready(const messages::run_ready& ready) {
  if (phase_ == phase::closing) return;
  auto& reader = runs_[ready.run_id];
  if (reader.actor != ready.run) {
    reader = {};
    reader.actor = caf::actor_cast<caf::actor>(ready.run);
    reader.attachment = ++last_attachment_;
    reader.upto = ready.after;
  }
  reader.credit += ready.credit;
  if (!reader.caught_up) want_page(ready.run_id, reader);
  go_on();
}

void pool_desk::on_run_gone(const messages::run_gone& gone) { runs_.erase(gone.run_id); }

/// Reads on in the inbox of a run that is not up to date, if it can take anything.
void pool_desk::want_page(const core::run_id& run, attached_run& reader) {
  if (reader.reading || reader.credit == 0) return;
  reader.reading = true;
  const auto most = std::min<std::uint64_t>(reader.credit, setup_.pool_limits.inbox_page_max);
  stash_.emplace_back(handover{run, reader.attachment, most});
}

void pool_desk::hand_page(const handover& asked, const core::outcome<core::answer>& reply) {
  auto* reader = attached(asked);
  if (reader == nullptr) return;
  reader->reading = false;
  if (!reply) {
    if (reply.error().retry == core::retry_classification::retryable) read_inboxes_later();
    return;
  }
  const auto& page = std::get<core::inbox_page>(*reply);
  reader->caught_up = page.entries.size() < asked.max;
  if (page.entries.empty()) return;
  reader->upto = page.entries.back().sequence;
  reader->credit -= page.entries.size();
  self_->send(caf::actor_cast<messages::member_run_actor>(reader->actor),
              messages::entries_handed{page.entries});
  if (!reader->caught_up) want_page(asked.run_id, *reader);
}

/// A page could not be read: nobody else would ask for it again.
void pool_desk::read_inboxes_later() {
  if (!reread_at_) reread_at_ = self_->clock().now() + setup_.limits.retry_after;
}

void pool_desk::read_inboxes_again() {
  reread_at_.reset();
  std::vector<core::run_id> behind;
  for (const auto& [run, reader] : runs_)
    if (!reader.caught_up) behind.push_back(run);
  std::sort(behind.begin(), behind.end());
  for (const auto& run : behind) want_page(run, runs_.at(run));
}

/// A delivered message to the recipients that are up to date, as one shared message; a final wake
/// to its run.
void pool_desk::hand_over(const core::log_entry& entry) {
  if (runs_.empty() || entry.record() == nullptr) return;
  const auto& payload = entry.record()->payload;
  if (const auto* wake = std::get_if<core::wake_recorded>(&payload)) {
    const auto found = runs_.find(wake->stored->condition.run_id);
    if (found == runs_.end() || !core::is_final(wake->stored->registration.status)) return;
    const auto notice = core::notice_of(*wake, entry.triggered_by);
    return self_->send(caf::actor_cast<messages::member_run_actor>(found->second.actor),
                       messages::wake_handed{notice});
  }
  const auto* message = std::get_if<core::message_recorded>(&payload);
  if (message == nullptr) return;
  if (message->stored.receipt.status != core::message_status::delivered) return;
  const auto sequence = entry.record()->cursor.sequence;
  caf::message shared;
  for (const auto& run : message->stored.receipt.delivered_to) {
    const auto found = runs_.find(run);
    if (found == runs_.end() || !found->second.caught_up) continue;
    auto& reader = found->second;
    if (reader.upto && *reader.upto >= sequence) continue;
    reader.caught_up = reader.credit > 0;
    if (!reader.caught_up) continue;
    if (shared.empty())
      shared = caf::make_message(
          messages::entries_handed{{core::inbox_entry{sequence, *message->stored.message}}});
    reader.upto = sequence;
    --reader.credit;
    caf::anon_send(reader.actor, shared);
  }
}

}  // namespace agentpool::actors
