#include "compaction.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "agentpool/core/json.hpp"
#include "agentpool/core/json_tree.hpp"
#include "agentpool/core/pool.hpp"

namespace agentpool::tools {

namespace {

constexpr std::size_t page_entries = 1'000;

/// Calls `visit(entry)` for the entries after a position until it gives false.
template <class Visit>
core::outcome<void> walk(core::store_backend& store, const core::pool_id& pool,
                         core::log_position at, const Visit& visit) {
  for (;;) {
    const auto page = store.read(pool, at, page_entries);
    if (!page) return page.error();
    if (page->entries.empty()) return {};
    for (const auto& entry : page->entries)
      if (!visit(entry)) return {};
    at = page->next;
  }
}

core::outcome<void> take_acks(core::store_backend& store, core::pool& pool) {
  for (std::uint64_t mark = 0;;) {
    const auto page = store.read_acks(pool.id(), mark, page_entries);
    if (!page) return page.error();
    if (page->acks.empty()) return {};
    for (const auto& ack : page->acks) pool.apply(ack);
    mark = page->mark;
  }
}

core::outcome<void> restore(core::store_backend& store, core::pool& pool,
                            const core::checkpoint& from) {
  const auto wanted = pool.restore(from);
  if (!wanted) return wanted.error();
  for (std::span<const std::uint64_t> rest{*wanted}; !rest.empty();) {
    const auto some = rest.first(std::min(rest.size(), page_entries));
    const auto records = store.fetch(pool.id(), some);
    if (!records) return records.error();
    if (auto taken = pool.restore_records(*records); !taken) return taken;
    rest = rest.subspan(some.size());
  }
  return {};
}

/// The pool as its checkpoint and its log give it.
core::outcome<std::unique_ptr<core::pool>> whole_pool(core::store_backend& store,
                                                      const core::pool_id& id, bool is_short) {
  auto pool = std::make_unique<core::pool>(id);
  const auto kept = store.read_checkpoint(id);
  if (!kept) return kept.error();
  if (!*kept && is_short)
    return core::store_corrupt("the checkpoint of a shortened log is missing");
  if (*kept) {
    if (auto restored = restore(store, *pool, (*kept)->what); !restored) {
      if (is_short) return restored.error();
      pool = std::make_unique<core::pool>(id);
    }
  }
  auto read = walk(store, id, pool->position(), [&](const core::entry_ptr& entry) {
    pool->apply(entry);
    return true;
  });
  if (!read) return read.error();
  if (auto taken = take_acks(store, *pool); !taken) return taken.error();
  return pool;
}

std::uint64_t entries_up_to(core::log_position at) { return at.sequence + at.host_events; }

/// How far a log goes that is old, with the roll there.
struct old_part {
  core::roll roll;
  core::log_position at;
};

/// Walks from where the log begins to where it is not old any more.
core::outcome<old_part> find_old(core::store_backend& store, const core::pool& pool,
                                 const std::optional<core::horizon>& begins,
                                 const old_entries& old) {
  old_part part;
  if (begins) {
    auto roll = core::roll::unpacked(begins->roll);
    if (!roll) return roll.error();
    part = {std::move(*roll), begins->at};
  }
  core::entry_ptr created;  // `pool_created` and the join after it are one
  const auto all = entries_up_to(pool.position());
  const auto last = all - std::min(all, old.keep.value_or(0));
  std::vector<core::published> events;
  auto read = walk(store, pool.id(), part.at, [&](const core::entry_ptr& entry) {
    const auto at = core::after(*entry, part.at);
    if (entries_up_to(at) > last) return false;
    if (old.before && entry->recorded_at_millis >= core::to_millis(*old.before)) return false;
    const auto* record = entry->record();
    if (record != nullptr && std::holds_alternative<core::pool_created>(record->payload)) {
      created = entry;
      return true;
    }
    events.clear();
    if (created) part.roll.step(std::exchange(created, nullptr), events);
    part.roll.step(entry, events);
    part.at = at;
    return true;
  });
  if (!read) return read.error();
  return part;
}

/// Hands over what will go.
core::outcome<void> hand_over(core::store_backend& store, const core::pool_id& pool,
                              core::log_position from, core::log_position upto,
                              const std::vector<std::uint64_t>& needed,
                              const entry_archive* archive, std::uint64_t& count) {
  core::outcome<void> done;
  core::log_position at = from;
  auto read = walk(store, pool, from, [&](const core::entry_ptr& entry) {
    if (at == upto) return false;
    at = core::after(*entry, at);
    if (const auto* record = entry->record()) {
      const bool stays = std::holds_alternative<core::pool_opened>(record->payload) ||
                         std::binary_search(needed.begin(), needed.end(), at.sequence);
      if (stays) return true;
    }
    ++count;
    if (archive != nullptr) done = archive->add(*entry);
    return done.ok();
  });
  if (!read) return read;
  if (done && archive != nullptr) return archive->finish();
  return done;
}

}  // namespace

std::string archive_line(const core::pool_id& pool, const core::log_entry& entry) {
  std::string line = R"({"pool_id":)";
  core::write_json_string(line, pool.text());
  const auto add = [&line](const char* name, const std::string& json) {
    line.append(",\"").append(name).append("\":").append(json);
  };
  if (const auto* record = entry.record()) {
    add("sequence", std::to_string(record->cursor.sequence));
    add("recorded_at_millis", std::to_string(entry.recorded_at_millis));
    add("payload", core::to_json(record->payload));
    if (entry.triggered_by) add("trigger", core::to_json(*entry.triggered_by));
  } else {
    const auto& host = *entry.host();
    add("host_event", std::to_string(host.number));
    add("after_sequence", std::to_string(host.after_sequence));
    add("recorded_at_millis", std::to_string(entry.recorded_at_millis));
    add("event", core::to_json(host.event));
  }
  return line += '}';
}

core::outcome<shortened_log> shorten(core::store_backend& store, const core::pool_id& id,
                                     const old_entries& old, const entry_archive* archive) {
  const auto before = store.read_horizon(id);
  if (!before) return before.error();
  auto pool = whole_pool(store, id, before->has_value());
  if (!pool) return pool.error();
  auto part = find_old(store, **pool, *before, old);
  if (!part) return part.error();
  auto begins = (*pool)->mark();
  if (!begins) return core::store_corrupt("the pool's log ends amid what another program appends");
  begins->at = part->at;
  begins->number = part->roll.number();
  begins->event_seq = part->roll.last().event_seq;
  begins->roll = part->roll.packed();
  const core::drop_request drop{id, (*pool)->forget(*begins)};
  shortened_log done{id, part->at, 0, drop.needed.size()};
  const auto from = *before ? (*before)->at : core::log_position{};
  if (auto given = hand_over(store, id, from, part->at, drop.needed, archive, done.removed); !given)
    return given.error();
  const auto kept = store.keep_checkpoint({id, *(*pool)->make_checkpoint(true), {}, *begins});
  if (!kept) return kept.error();
  if (!*kept) return core::store_unavailable("the store did not keep the pool's checkpoint");
  for (std::optional<std::uint64_t> after = 0; after;) {
    const auto next = store.drop_records(drop, *after, page_entries);
    if (!next) return next.error();
    after = *next;
  }
  return done;
}

}  // namespace agentpool::tools
