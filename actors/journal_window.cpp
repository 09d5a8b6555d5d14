#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/journal.hpp"

namespace agentpool::actors {

void journal_window::take(messages::log_published news, std::size_t most) {
  if (last_ == core::stamp{}) floor_ = last_ = news.after_event;
  last_sequence_ = std::max(last_sequence_, news.after_sequence);
  for (auto& entry : news.entries) {
    if (entry->record() == nullptr) continue;
    last_sequence_ = entry->record()->cursor.sequence;
    records_.push_back(std::move(entry));
  }
  if (!news.events.empty()) last_ = news.events.back().at;
  events_.insert(events_.end(), std::make_move_iterator(news.events.begin()),
                 std::make_move_iterator(news.events.end()));
  while (records_.size() > most) records_.pop_front();
  while (events_.size() > most) {
    floor_ = events_.front().at;
    events_.pop_front();
  }
}

const core::published* journal_window::after(core::stamp position) const {
  const auto found =
      std::partition_point(events_.begin(), events_.end(),
                           [&](const core::published& what) { return what.at <= position; });
  return found == events_.end() ? nullptr : &*found;
}

core::stamp journal_window::place_of(const core::event_cursor& cursor) const {
  const core::stamp stored{cursor.event_seq, 0};
  for (const auto* what = after(stored); what != nullptr; what = after(what->at)) {
    if (what->at.event_seq != cursor.event_seq) break;
    if (what->entry->host()->event.envelope.event_id == cursor.event_id) return what->at;
  }
  return stored;
}

core::entry_ptr journal_window::record(std::uint64_t sequence) const {
  if (records_.empty()) return nullptr;
  const auto first = records_.front()->record()->cursor.sequence;
  if (sequence < first || sequence - first >= records_.size()) return nullptr;
  return records_[sequence - first];
}

}  // namespace agentpool::actors
