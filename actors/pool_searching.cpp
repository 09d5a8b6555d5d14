// Requests that look back further than memory: the log is searched for them page by page, one after
// the other, while the pool goes on.
#include <utility>

#include "actors/pool.hpp"
#include "agentpool/core/addressing.hpp"
#include "agentpool/core/event_enums.hpp"
#include "agentpool/core/filter.hpp"
#include "agentpool/core/projection.hpp"

namespace agentpool::actors {

/// The first task of the stash cannot be decided from memory: it makes way for the others.
void pool_desk::begin_search(core::history_search wanted) {
  if (searches_.size() >= setup_.limits.searches_max)
    return refuse_first(
        core::overloaded("too many wakes look back further than this pool keeps in memory: repeat "
                         "later, or say after_cursor",
                         {core::entity(core::entity_kind::agent_pool, setup_.id.text())}));
  evidence_ = {};
  evidence_rounds_ = 0;
  auto place = pool_->place_before(wanted.after);
  searches_.push_back({std::get<pool_call_ptr>(std::move(stash_.front())), std::move(wanted),
                       std::move(place), std::nullopt});
  stash_.pop_front();
  if (searches_.size() == 1) search_on();
}

/// What was forgotten meanwhile is not searched.
void pool_desk::search_on() {
  auto& place = searches_.front().place;
  if (place.event_seq < pool_->begins().event_seq) place = pool_->begins();
  search_number_ =
      ask_log(messages::page_wanted{searches_.front().place.position, setup_.limits.page_entries});
}

void pool_desk::search_page(const core::outcome<messages::log_content>& content) {
  search_number_ = 0;
  if (!content) {
    if (searches_.front().place.event_seq < pool_->begins().event_seq) return search_on();
    refuse(std::move(searches_.front().call), content.error());
    return end_search();
  }
  if (!search_ends(std::get<core::log_page>(*content))) return search_on();
  searches_.front().done = true;
  // Before anything else settles: what the page did not hold is still in memory.
  decide_searched();
}

/// Looks at the page's events up to those in memory.
bool pool_desk::search_ends(const core::log_page& page) {
  auto& asked = searches_.front();
  const auto floor = pool_->events_floor();
  std::vector<core::published> events;
  for (const auto& entry : page.entries) {
    if (asked.place.event_seq >= floor.event_seq) break;
    events.clear();
    pool_->step_past(asked.place, entry, events);
    for (const auto& what : events) {
      if (what.at <= asked.what.after || !what.in_scope) continue;
      const auto kind = core::kind_of(what);
      const auto family = core::family_of(what);
      if (core::is_wake_kind(kind) ||
          !core::may_match(asked.what.filter, what.run_id, kind, family))
        continue;
      const auto event = core::project_event(setup_.id, what);
      if (!core::matches(asked.what.filter, event.envelope)) continue;
      asked.found = core::trigger_of(event, what.at);
      return true;
    }
  }
  return page.entries.empty() || asked.place.event_seq >= floor.event_seq;
}

/// Decides the request whose search is done, as soon as something can be decided.
void pool_desk::decide_searched() {
  if (searches_.empty() || !searches_.front().done || phase_ != phase::ready ||
      flights_.size() >= setup_.limits.in_flight_max)
    return;
  auto& asked = searches_.front();
  core::evidence known;
  known.searched = asked.what;
  known.searched->until = asked.found ? pool_->events_floor().event_seq : asked.place.event_seq;
  known.found = asked.found;
  auto verdict = decide(*asked.call, known);
  auto* unread = std::get_if<core::missing>(&verdict);
  if (unread != nullptr && unread->search) {
    // Something was published meanwhile, or the run waits from another point now.
    if (unread->search->after != asked.what.after)
      asked.place = pool_->place_before(unread->search->after);
    asked.what = std::move(*unread->search);
    asked.found.reset();
    asked.done = false;
    return search_on();
  }
  if (unread != nullptr) {
    stash_.emplace_front(std::move(asked.call));
    look_for(std::move(*unread));
  } else if (const auto* refused = std::get_if<core::agent_error>(&verdict)) {
    refuse(std::move(asked.call), *refused);
  } else {
    take_off(std::move(asked.call), std::get<core::decision>(std::move(verdict)));
  }
  end_search();
}

/// The first search is over; the next begins.
void pool_desk::end_search() {
  searches_.pop_front();
  if (!searches_.empty()) search_on();
}

}  // namespace agentpool::actors
