#include <utility>

#include "actors/journal.hpp"
#include "agentpool/core/projection.hpp"

namespace agentpool::actors {

namespace {

/// Past every host event: a page after it holds records alone.
constexpr std::uint64_t no_host_events = INT64_MAX;

}  // namespace

/// Gives a watch's reader what there is, if it waits: from the window, else from the log.
void journal_desk::serve_records(std::uint64_t number) {
  const auto found = records_.find(number);
  if (found == records_.end()) return;
  auto& stream = found->second;
  if (stream.wanted == 0 || stream.reading) return;
  while (stream.gathered.size() < stream.wanted) {
    const auto next = window_.record(stream.sequence + 1);
    if (next == nullptr) break;
    stream.gathered.push_back(*next->record());
    ++stream.sequence;
  }
  const bool at_end = stream.sequence >= window_.last_sequence();
  if (stream.gathered.size() >= stream.wanted || (at_end && !stream.follow) ||
      (at_end && !stream.gathered.empty()))
    return give_records(number, stream);
  if (at_end) return;
  stream.reading = true;
  read_page({stream.sequence, no_host_events},
            [this, number](const core::outcome<core::log_page>& page) {
              take_record_page(number, page);
            });
}

void journal_desk::take_record_page(std::uint64_t number,
                                    const core::outcome<core::log_page>& page) {
  const auto found = records_.find(number);
  if (found == records_.end()) return;
  auto& stream = found->second;
  stream.reading = false;
  if (!page || page->entries.empty()) {
    auto back = std::move(stream.back);
    records_.erase(found);
    return back.give(page ? core::store_corrupt("the pool's log ends before its journal")
                          : page.error());
  }
  for (const auto& entry : page->entries) {
    if (stream.gathered.size() >= stream.wanted) break;
    if (entry->record()->cursor.sequence > window_.last_sequence()) break;
    stream.gathered.push_back(*entry->record());
    stream.sequence = entry->record()->cursor.sequence;
  }
  serve_records(number);
}

void journal_desk::give_records(std::uint64_t number, record_stream& stream) {
  auto back = std::exchange(stream.back, {});
  auto records = std::exchange(stream.gathered, {});
  stream.wanted = 0;
  if (!stream.follow) records_.erase(number);
  back.give(messages::journal_answer{messages::record_page{std::move(records)}});
}

// ---- journal records --------------------------------------------------------------------------

void journal_desk::give_journal(journal_read& read) {
  kept_walk_ = std::move(read.walk);
  read.back.give(messages::journal_answer{messages::journal_page{std::move(read.gathered)}});
}

void journal_desk::read_on(std::shared_ptr<journal_read> read) {
  if (read->gathered.size() >= read->ask.max) return give_journal(*read);
  const auto after = read->walk->position;
  read_page(after, [this, read = std::move(read)](const core::outcome<core::log_page>& page) {
    if (!page) return read->back.give(page.error());
    if (!page->entries.empty()) return take_journal_page(read, *page);
    give_journal(*read);
  });
}

/// Journal records are made here, as they are read: each needs the roll right after its entry. The
/// walk takes whole pages, also after the last record that is wanted.
void journal_desk::take_journal_page(const std::shared_ptr<journal_read>& read,
                                     const core::log_page& page) {
  auto& walk = *read->walk;
  std::vector<core::published> events;
  for (const auto& entry : page.entries) {
    events.clear();
    walk.roll.step(entry, events);
    for (const auto& what : events) {
      if (what.number <= read->ask.after) continue;
      if (read->gathered.size() >= read->ask.max) break;
      if (read->ask.run_id && what.run_id != *read->ask.run_id) continue;
      read->gathered.push_back(core::project_journal(setup_.id, what, walk.roll));
    }
  }
  walk.position = page.next;
  read_on(read);
}

}  // namespace agentpool::actors
