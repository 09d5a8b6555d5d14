#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/pool.hpp"
#include "agentpool/actors/log.hpp"
#include "agentpool/core/addressing.hpp"

namespace agentpool::actors {

namespace {

/// How often one request may ask for more of the log before something must be wrong with it.
constexpr std::size_t evidence_rounds_max = 16;

template <class T>
void keep_last(std::deque<T>& kept, std::vector<T> more, std::size_t most) {
  std::move(more.begin(), more.end(), std::back_inserter(kept));
  while (kept.size() > most) kept.pop_front();
}

}  // namespace

/// Returns the number that the answer will have.
std::uint64_t pool_desk::ask_log(decltype(messages::read_log::what) what) {
  self_->send(setup_.store, messages::read_log{++last_read_, setup_.id, std::move(what),
                                               messages::pool_actor{self_}});
  return last_read_;
}

void pool_desk::on_log(messages::log_told& answer) {
  if (answer.number == search_number_) {
    search_page(answer.content);
    return go_on();
  }
  if (answer.number != read_number_) return;
  if (phase_ == phase::restoring) {
    take_checkpoint(answer.content);
  } else if (!answer.content) {
    lost_log(answer.content.error());
  } else if (const auto* page = std::get_if<core::log_page>(&*answer.content)) {
    take_page(*page);
  } else if (const auto* acks = std::get_if<core::ack_page>(&*answer.content)) {
    take_acks(*acks);
  } else {
    take_records(std::get<std::vector<core::entry_ptr>>(*answer.content));
  }
  go_on();
}

// ---- catching up ------------------------------------------------------------------------------

/// Reads what the log has beyond the state, which is durable as a whole. Nothing is in flight.
void pool_desk::catch_up() {
  phase_ = phase::catching_up;
  changed_ = false;
  read_number_ = ask_log(messages::page_wanted{pool_->position(), setup_.limits.page_entries});
}

void pool_desk::take_page(const core::log_page& page) {
  if (page.entries.empty()) {
    read_number_ = ask_log(messages::acks_wanted{ack_mark_, setup_.limits.page_entries});
    return;
  }
  // The store reads the next page while this one is taken, unless the journal has enough to do.
  read_number_ = 0;
  if (!journal_lags())
    read_number_ = ask_log(messages::page_wanted{page.next, setup_.limits.page_entries});
  std::vector<core::published> events;
  for (const auto& entry : page.entries) {
    auto made = pool_->apply(entry);
    std::move(made.begin(), made.end(), std::back_inserter(events));
  }
  durable_sequence_ = page.next.sequence;
  if (opened_) {
    announce(page.entries, std::move(events));
    tell_journal();
  } else {
    keep_last(old_entries_, page.entries, setup_.limits.journal_window);
    keep_last(old_events_, std::move(events), setup_.limits.journal_window);
  }
}

void pool_desk::take_acks(const core::ack_page& page) {
  if (page.acks.empty()) return caught_up();
  for (const auto& ack : page.acks) pool_->apply(ack);
  ack_mark_ = page.mark;
  read_number_ = ask_log(messages::acks_wanted{ack_mark_, setup_.limits.page_entries});
}

void pool_desk::caught_up() {
  phase_ = phase::ready;
  if (std::exchange(opened_, true)) return;
  const auto entries = std::exchange(old_entries_, {});
  const auto events = std::exchange(old_events_, {});
  const auto before =
      events.empty() ? pool_->members().last().event_seq : events.front().at.event_seq - 1;
  unpublished_.entries.assign(entries.begin(), entries.end());
  unpublished_.events.assign(events.begin(), events.end());
  unpublished_.after_event = {before, 0};
  unpublished_.after_sequence = pool_->position().sequence;
  publish();
}

/// Without evidence one request fails; without the log all of them do.
void pool_desk::lost_log(const core::agent_error& why) {
  unread_.reset();
  if (phase_ == phase::reading) {
    phase_ = phase::ready;
    return refuse_first(why);
  }
  logger().warn("a pool's log cannot be read: {}", brief(why));
  phase_ = phase::astray;
  retry_at_ = self_->clock().now() + setup_.limits.retry_after;
  fail_stash(why);
}

// ---- evidence ---------------------------------------------------------------------------------

/// The first task cannot be decided from memory. What it needs may still be in flight: then that
/// has to become durable first.
void pool_desk::look_for(core::missing unread) {
  if (unread.search) return begin_search(std::move(*unread.search));
  if (++evidence_rounds_ > evidence_rounds_max)
    return refuse_first(
        core::store_corrupt("the pool's log does not hold what it refers to",
                            {core::entity(core::entity_kind::agent_pool, setup_.id.text())}));
  unread_ = std::move(unread);
  const bool in_flight = std::any_of(unread_->sequences.begin(), unread_->sequences.end(),
                                     [this](auto wanted) { return wanted > durable_sequence_; });
  if (!in_flight || flights_.empty()) return read_evidence();
  phase_ = phase::draining;
}

void pool_desk::read_evidence() {
  auto& sequences = unread_->sequences;
  if (sequences.empty()) {
    unread_.reset();
    phase_ = phase::ready;
    return;
  }
  phase_ = phase::reading;
  const auto many = std::min(sequences.size(), setup_.limits.page_entries);
  const auto first = sequences.end() - static_cast<std::ptrdiff_t>(many);
  std::vector<std::uint64_t> wanted(first, sequences.end());
  sequences.erase(first, sequences.end());
  read_number_ = ask_log(messages::records_wanted{std::move(wanted)});
}

void pool_desk::take_records(const std::vector<core::entry_ptr>& records) {
  for (const auto& entry : records)
    evidence_.records.insert_or_assign(entry->record()->cursor.sequence, entry);
  read_evidence();
}

}  // namespace agentpool::actors
