#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/log.hpp"
#include "actors/pool.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/core/filter.hpp"
#include "agentpool/core/projection.hpp"

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

void pool_desk::ask_log(
    std::variant<messages::page_wanted, messages::records_wanted, messages::acks_wanted> what) {
  self_->send(setup_.store, messages::read_log{++read_number_, setup_.id, std::move(what),
                                               messages::pool_actor{self_}});
}

void pool_desk::on_log(messages::log_told& answer) {
  if (answer.number != read_number_) return;
  if (!answer.content) {
    lost_log(answer.content.error());
  } else if (const auto* page = std::get_if<core::log_page>(&*answer.content)) {
    if (phase_ == phase::reading) {
      walk(*page);
    } else {
      take_page(*page);
    }
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
  ask_log(messages::page_wanted{pool_->position(), setup_.limits.page_entries});
}

void pool_desk::take_page(const core::log_page& page) {
  if (page.entries.empty())
    return ask_log(messages::acks_wanted{ack_mark_, setup_.limits.page_entries});
  std::vector<core::published> events;
  for (const auto& entry : page.entries) {
    auto made = pool_->apply(entry);
    std::move(made.begin(), made.end(), std::back_inserter(events));
  }
  durable_sequence_ = page.next.sequence;
  if (opened_) {
    announce(page.entries, std::move(events));
  } else {
    keep_last(old_entries_, page.entries, setup_.limits.journal_window);
    keep_last(old_events_, std::move(events), setup_.limits.journal_window);
  }
  ask_log(messages::page_wanted{page.next, setup_.limits.page_entries});
}

void pool_desk::take_acks(const core::ack_page& page) {
  if (page.acks.empty()) return caught_up();
  for (const auto& ack : page.acks) pool_->apply(ack);
  ack_mark_ = page.mark;
  ask_log(messages::acks_wanted{ack_mark_, setup_.limits.page_entries});
}

void pool_desk::caught_up() {
  phase_ = phase::ready;
  if (std::exchange(opened_, true)) return;
  auto entries = std::exchange(old_entries_, {});
  auto events = std::exchange(old_events_, {});
  self_->send(
      setup_.journal,
      messages::log_published{
          {std::make_move_iterator(entries.begin()), std::make_move_iterator(entries.end())},
          {std::make_move_iterator(events.begin()), std::make_move_iterator(events.end())}});
}

/// Without evidence one request fails; without the log all of them do.
void pool_desk::lost_log(const core::agent_error& why) {
  walk_.reset();
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
  if (++evidence_rounds_ > evidence_rounds_max)
    return refuse_first(
        core::store_corrupt("the pool's log does not hold what it refers to",
                            {core::entity(core::entity_kind::agent_pool, setup_.id.text())}));
  unread_ = std::move(unread);
  const bool in_flight =
      unread_->search || std::any_of(unread_->sequences.begin(), unread_->sequences.end(),
                                     [this](auto wanted) { return wanted > durable_sequence_; });
  if (!in_flight || flights_.empty()) return read_evidence();
  phase_ = phase::draining;
}

void pool_desk::read_evidence() {
  phase_ = phase::reading;
  auto& sequences = unread_->sequences;
  if (!sequences.empty()) {
    const auto many = std::min(sequences.size(), setup_.limits.page_entries);
    const auto first = sequences.end() - static_cast<std::ptrdiff_t>(many);
    std::vector<std::uint64_t> wanted(first, sequences.end());
    sequences.erase(first, sequences.end());
    return ask_log(messages::records_wanted{std::move(wanted)});
  }
  if (!unread_->search) return evidence_complete();
  walk_ = history_walk{*unread_->search, {}, {}};
  ask_log(messages::page_wanted{{}, setup_.limits.page_entries});
}

void pool_desk::take_records(const std::vector<core::entry_ptr>& records) {
  for (const auto& entry : records)
    evidence_.records.insert_or_assign(entry->record()->cursor.sequence, entry);
  read_evidence();
}

void pool_desk::evidence_complete() {
  unread_.reset();
  walk_.reset();
  phase_ = phase::ready;
}

/// Searches history from the log's start: only so is it known who was a member when.
void pool_desk::walk(const core::log_page& page) {
  std::vector<core::published> events;
  for (const auto& entry : page.entries) walk_->roll.step(entry, events);
  if (!page.entries.empty() && !search_ends(events))
    return ask_log(messages::page_wanted{page.next, setup_.limits.page_entries});
  evidence_.searched_until = walk_->search.until;
  evidence_.found = walk_->found;
  evidence_complete();
}

bool pool_desk::search_ends(const std::vector<core::published>& events) {
  const auto& search = walk_->search;
  for (const auto& what : events) {
    if (what.at.event_seq > search.until) return true;
    if (what.at <= search.after || !what.in_scope) continue;
    const auto event = core::project_event(setup_.id, what);
    if (core::is_wake_kind(event.envelope.event_kind)) continue;
    if (!core::matches(search.filter, event.envelope)) continue;
    walk_->found = core::trigger_of(event, what.at);
    return true;
  }
  return false;
}

}  // namespace agentpool::actors
