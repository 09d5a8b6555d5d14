#include <algorithm>
#include <caf/send.hpp>
#include <utility>

#include "actors/pool.hpp"
#include "agentpool/core/projection.hpp"

namespace agentpool::actors {

void pool_desk::on_run_ready(const messages::run_ready& ready) {
  attached_run as;
  as.actor = caf::actor_cast<caf::actor>(ready.run);
  as.upto = ready.after;
  on_ready(ready.run_id, std::move(as), ready.credit);
}

void pool_desk::on_hosted_run_ready(const messages::hosted_run_ready& ready) {
  attached_run as;
  as.actor = caf::actor_cast<caf::actor>(ready.host);
  as.hosted = true;
  as.life = ready.life;
  as.upto = ready.after;
  on_ready(ready.run_id, std::move(as), ready.credit);
}

/// Another actor or another life attaches the run anew.
void pool_desk::on_ready(const core::run_id& run, attached_run as, std::uint64_t credit) {
  if (phase_ == phase::closing) return;
  auto& reader = runs_[run];
  if (reader.actor != as.actor || reader.life != as.life) {
    reader = std::move(as);
    reader.attachment = ++last_attachment_;
  }
  reader.credit += credit;
  if (!reader.caught_up) want_page(run, reader);
  go_on();
}

void pool_desk::on_run_gone(const messages::run_gone& gone) { runs_.erase(gone.run_id); }

void pool_desk::on_hosted_run_gone(const messages::hosted_run_gone& gone) {
  const auto found = runs_.find(gone.run_id);
  if (found != runs_.end() && found->second.life == gone.life) runs_.erase(found);
}

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
  caf::anon_send(reader->actor,
                 reader->hosted
                     ? caf::make_message(messages::run_entries{{asked.run_id}, page.entries})
                     : caf::make_message(messages::entries_handed{page.entries}));
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

/// A delivered message to the recipients that are up to date; a final wake to its run.
void pool_desk::hand_over(const core::log_entry& entry) {
  if (runs_.empty() || entry.record() == nullptr) return;
  const auto& payload = entry.record()->payload;
  if (const auto* wake = std::get_if<core::wake_recorded>(&payload)) {
    const auto found = runs_.find(wake->stored->condition.run_id);
    if (found == runs_.end() || !core::is_final(wake->stored->registration.status)) return;
    const auto notice = core::notice_of(*wake, entry.triggered_by);
    caf::anon_send(found->second.actor, messages::wake_handed{notice});
    return;
  }
  const auto* message = std::get_if<core::message_recorded>(&payload);
  if (message == nullptr) return;
  if (message->stored.receipt.status != core::message_status::delivered) return;
  hand_over_message(*message, entry.record()->cursor.sequence);
}

/// As one message that all share; those who host many runs get it once, with their runs.
void pool_desk::hand_over_message(const core::message_recorded& message, std::uint64_t sequence) {
  caf::message shared;
  std::vector<std::pair<caf::actor, messages::run_entries>> hosts;
  std::unordered_map<caf::actor, std::size_t> places;
  for (const auto& run : message.stored.receipt.delivered_to) {
    const auto* reader = ready_for(run, sequence);
    if (reader == nullptr) continue;
    if (reader->hosted) {
      const auto [place, is_new] = places.try_emplace(reader->actor, hosts.size());
      if (is_new) hosts.emplace_back(reader->actor, messages::run_entries{});
      hosts[place->second].second.runs.push_back(run);
      continue;
    }
    if (shared.empty())
      shared = caf::make_message(
          messages::entries_handed{{core::inbox_entry{sequence, *message.stored.message}}});
    caf::anon_send(reader->actor, shared);
  }
  for (auto& [host, handed] : hosts) {
    handed.entries.push_back({sequence, *message.stored.message});
    caf::anon_send(host, std::move(handed));
  }
}

/// The run if the entry is the next that it gets, and it can take it.
pool_desk::attached_run* pool_desk::ready_for(const core::run_id& run, std::uint64_t sequence) {
  const auto found = runs_.find(run);
  if (found == runs_.end() || !found->second.caught_up) return nullptr;
  auto& reader = found->second;
  if (reader.upto && *reader.upto >= sequence) return nullptr;
  reader.caught_up = reader.credit > 0;
  if (!reader.caught_up) return nullptr;
  reader.upto = sequence;
  --reader.credit;
  return &reader;
}

}  // namespace agentpool::actors
