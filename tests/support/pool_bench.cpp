#include "pool_bench.hpp"

#include <algorithm>

#include "agentpool/core/filter.hpp"
#include "pool_records.hpp"

namespace agentpool::support {

namespace {

/// What `search` asks for, found by looking at every event.
std::optional<core::trigger> first_match(const std::vector<core::published>& events,
                                         const core::history_search& search,
                                         const core::pool_id& pool) {
  for (const auto& what : events) {
    if (what.at <= search.after || what.at.event_seq > search.until || !what.in_scope) continue;
    const auto event = core::project_event(pool, what);
    if (core::is_wake_kind(event.envelope.event_kind)) continue;
    if (core::matches(search.filter, event.envelope)) return core::trigger_of(event, what.at);
  }
  return std::nullopt;
}

}  // namespace

void pool_log::add(const core::decision& decided) {
  entries_.insert(entries_.end(), decided.entries.begin(), decided.entries.end());
  acks_.insert(acks_.end(), decided.acks.begin(), decided.acks.end());
}

std::vector<core::published> pool_log::replayed() const {
  core::roll roll;
  std::vector<core::published> events;
  for (const auto& entry : entries_) roll.step(entry, events);
  return events;
}

core::evidence pool_log::read(const core::missing& wanted) const {
  core::evidence found;
  for (const auto& entry : entries_) {
    if (entry->record() == nullptr) continue;
    const auto sequence = entry->record()->cursor.sequence;
    if (std::find(wanted.sequences.begin(), wanted.sequences.end(), sequence) !=
        wanted.sequences.end())
      found.records.emplace(sequence, entry);
  }
  if (!wanted.search) return found;
  found.searched = wanted.search;
  found.found = first_match(replayed(), *wanted.search, pool_);
  return found;
}

pool_bench::pool_bench(core::pool_limits limits)
    : pool_{std::make_unique<core::pool>(core::pool_id{"pool.p"}, limits)},
      log_{pool_->id()},
      now_{core::from_millis(1'767'225'600'000)} {}

pool_bench pool_bench::opened(const core::pool_config& config, core::pool_limits limits) {
  pool_bench bench{limits};
  bench.must(core::open_pool{config});
  return bench;
}

core::outcome<core::answer> pool_bench::ask(const core::command& command) {
  auto verdict = pool_->decide(command, now_);
  if (const auto* unread = std::get_if<core::missing>(&verdict)) {
    ++reads_;
    verdict = pool_->decide(command, now_, log_.read(*unread));
  }
  if (const auto* error = std::get_if<core::agent_error>(&verdict)) return *error;
  const auto& decided = std::get<core::decision>(verdict);
  const auto events = pool_->try_out(decided);
  pool_->settle();
  log_.add(decided);
  events_.insert(events_.end(), events.begin(), events.end());
  return decided.reply;
}

std::string pool_bench::refused(const core::command& command) {
  const auto answered = ask(command);
  return answered ? "accepted" : kind_of(answered.error());
}

std::string pool_bench::adds(const core::command& command) {
  const auto before = log_.entries().size();
  const auto answered = ask(command);
  if (!answered) return "refused: " + answered.error().message;
  std::string text;
  for (auto entry = log_.entries().begin() + static_cast<std::ptrdiff_t>(before);
       entry != log_.entries().end(); ++entry)
    text += (text.empty() ? "" : "; ") + in_words(**entry);
  return text.empty() ? "nothing" : text;
}

core::pool::verdict pool_bench::decide(const core::command& command) const {
  return pool_->decide(command, now_);
}

std::vector<core::agent_event> pool_bench::events() const {
  std::vector<core::agent_event> made;
  for (const auto& what : events_) made.push_back(core::project_event(pool_->id(), what));
  return made;
}

core::agent_event pool_bench::last_event() const {
  return core::project_event(pool_->id(), events_.back());
}

std::vector<core::journal_record> pool_bench::journal() const {
  core::roll roll;
  std::vector<core::journal_record> records;
  for (const auto& entry : log_.entries()) {
    std::vector<core::published> out;
    roll.step(entry, out);
    for (const auto& what : out)
      if (what.entry->record() != nullptr)
        records.push_back(core::project_journal(pool_->id(), what, roll));
  }
  return records;
}

std::string pool_bench::inbox(const std::string& run, std::optional<std::uint64_t> after,
                              std::uint64_t max) {
  const auto page = get<core::inbox_page>(core::read_inbox{core::run_id{run}, after, max});
  std::string text;
  for (const auto& entry : page.entries)
    text += (text.empty() ? "" : " ") + std::to_string(entry.sequence) + ":" +
            entry.message.message_id.text();
  return text;
}

std::unique_ptr<core::pool> replay(const pool_log& log, const core::pool_id& id,
                                   core::pool_limits limits) {
  auto pool = std::make_unique<core::pool>(id, limits);
  for (const auto& entry : log.entries()) pool->apply(entry);
  for (const auto& ack : log.acks()) pool->apply(ack);
  return pool;
}

}  // namespace agentpool::support
