#include "agentpool/stores/memory.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "stores/memory_contents.hpp"
#include "stores/request_check.hpp"

namespace agentpool::stores {

namespace {

/// How far a run has acknowledged, and when that changed.
struct kept_ack {
  std::uint64_t sequence = 0;
  std::uint64_t change = 0;
};

/// One pool: its entries in log order, and where records and host events stand among them. Places
/// count from the log's first entry on, whether it is still there or not.
struct kept_pool {
  std::deque<core::entry_ptr> entries;
  std::size_t dropped = 0;          ///< So many before them are gone.
  core::log_position from;          ///< The position after those.
  std::deque<std::size_t> records;  ///< Place of the record with sequence from.sequence + i + 1.
  std::deque<std::size_t> hosts;    ///< Likewise of host events.
  std::map<std::uint64_t, core::entry_ptr> needed;  ///< Records that are gone but for these.
  std::optional<core::horizon> begins;
  std::optional<core::kept_checkpoint> checkpoint;
  std::map<core::run_id, kept_ack> acks;
  std::map<std::uint64_t, core::run_id> changes;  ///< By change, each run's last one only.
  std::uint64_t last_change = 0;

  [[nodiscard]] core::log_position head() const {
    return {from.sequence + records.size(), from.host_events + hosts.size()};
  }
  [[nodiscard]] const core::entry_ptr& at(std::size_t place) const {
    return entries[place - dropped];
  }

  void add(const core::entry_ptr& entry) {
    (entry->record() != nullptr ? records : hosts).push_back(dropped + entries.size());
    entries.push_back(entry);
  }

  /// Removes the oldest entry; a record that is still needed is kept apart.
  void drop_first(const std::vector<std::uint64_t>& still_needed) {
    const auto& entry = entries.front();
    from = core::after(*entry, from);
    if (entry->record() != nullptr) {
      records.pop_front();
      if (std::binary_search(still_needed.begin(), still_needed.end(), from.sequence))
        needed.emplace(from.sequence, entry);
    } else {
      hosts.pop_front();
    }
    entries.pop_front();
    ++dropped;
  }

  /// The record with that sequence; null when it is not there.
  [[nodiscard]] core::entry_ptr record(std::uint64_t sequence) const {
    if (sequence > from.sequence && sequence <= head().sequence)
      return at(records[sequence - from.sequence - 1]);
    const auto found = needed.find(sequence);
    return found == needed.end() ? nullptr : found->second;
  }

  /// True when that moves the run's position.
  bool acknowledge(const core::inbox_ack& ack) {
    auto [found, is_new] = acks.try_emplace(ack.run_id);
    if (!is_new && found->second.sequence >= ack.sequence) return false;
    changes.erase(found->second.change);
    found->second = {ack.sequence, ++last_change};
    changes.emplace(last_change, ack.run_id);
    return true;
  }

  /// The place of the first entry that may come after `position`.
  [[nodiscard]] std::size_t first_after(core::log_position position) const {
    std::size_t place = dropped + entries.size();
    const auto earlier = [&](const std::deque<std::size_t>& places, std::uint64_t first,
                             std::uint64_t after) {
      const auto next = std::max(after, first) - first;
      if (next < places.size()) place = std::min(place, places[next]);
    };
    earlier(records, from.sequence, position.sequence);
    earlier(hosts, from.host_events, position.host_events);
    return place;
  }
};

bool comes_after(const core::log_entry& entry, core::log_position position) {
  if (const auto* record = entry.record()) return record->cursor.sequence > position.sequence;
  return entry.host()->number > position.host_events;
}

bool fits(const kept_pool& pool, const core::append_request& request) {
  return request.entries.empty() || pool.head() == request.expected;
}

/// True when that changes the pool.
bool apply(kept_pool& pool, const core::append_request& request) {
  for (const auto& entry : request.entries) pool.add(entry);
  bool changed = !request.entries.empty();
  for (const auto& ack : request.acks) changed |= pool.acknowledge(ack);
  return changed;
}

}  // namespace

struct memory_log::contents {
  explicit contents(core::content_limits limits) : content_limits{limits}, bodies{limits} {}

  core::content_limits content_limits;
  std::mutex lock;
  std::map<core::pool_id, kept_pool> pools;
  /// Every handle, with the pools that others changed since it asked.
  std::map<const memory_store*, std::set<core::pool_id>> handles;
  /// By space and key.
  std::map<std::pair<std::string, std::string>, core::registry_row> registry;
  std::uint64_t last_version = 0;
  memory_contents bodies;

  [[nodiscard]] const kept_pool* find(const core::pool_id& pool) const {
    const auto found = pools.find(pool);
    return found == pools.end() ? nullptr : &found->second;
  }

  void tell_others(const memory_store* writer, const core::pool_id& pool) {
    for (auto& [handle, changed] : handles)
      if (handle != writer) changed.insert(pool);
  }
};

memory_log::memory_log(core::content_limits limits)
    : contents_{std::make_unique<contents>(limits)} {}
memory_log::~memory_log() = default;

memory_store::memory_store() : memory_store{std::make_shared<memory_log>()} {}

memory_store::memory_store(std::shared_ptr<memory_log> log) : log_{std::move(log)} {
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  kept.handles.try_emplace(this);
}

memory_store::~memory_store() {
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  kept.handles.erase(this);
}

core::outcome<std::vector<core::pool_id>> memory_store::list_pools() {
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  std::vector<core::pool_id> ids;
  for (const auto& [id, pool] : kept.pools)
    if (pool.head().sequence > 0) ids.push_back(id);
  return ids;
}

core::outcome<core::log_position> memory_store::head(const core::pool_id& pool) {
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  const auto* found = kept.find(pool);
  return found == nullptr ? core::log_position{} : found->head();
}

core::outcome<core::log_page> memory_store::read(const core::pool_id& pool,
                                                 core::log_position after,
                                                 std::size_t entries_max) {
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  core::log_page page{{}, after};
  const auto* found = kept.find(pool);
  if (found == nullptr) return page;
  if (found->begins && is_before(after, found->begins->at))
    return before_horizon(pool, found->begins->at);
  const std::size_t wanted = std::max<std::size_t>(entries_max, 1);
  const auto end = found->dropped + found->entries.size();
  for (std::size_t place = found->first_after(after); place < end; ++place) {
    if (page.entries.size() == wanted) break;
    const auto& entry = found->at(place);
    if (!comes_after(*entry, after)) continue;
    page.entries.push_back(entry);
    page.next = core::after(*entry, page.next);
  }
  return page;
}

core::outcome<std::vector<core::entry_ptr>> memory_store::fetch(
    const core::pool_id& pool, std::span<const std::uint64_t> sequences) {
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  const auto* found = kept.find(pool);
  std::vector<core::entry_ptr> entries;
  entries.reserve(sequences.size());
  for (const auto sequence : sequences) {
    auto entry = found == nullptr ? nullptr : found->record(sequence);
    if (!entry) return record_missing(pool, sequence);
    entries.push_back(std::move(entry));
  }
  return entries;
}

core::outcome<core::ack_page> memory_store::read_acks(const core::pool_id& pool, std::uint64_t mark,
                                                      std::size_t acks_max) {
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  core::ack_page page{{}, mark};
  const auto* found = kept.find(pool);
  if (found == nullptr) return page;
  const std::size_t wanted = std::max<std::size_t>(acks_max, 1);
  for (auto at = found->changes.upper_bound(mark); at != found->changes.end(); ++at) {
    if (page.acks.size() == wanted) break;
    page.acks.push_back({at->second, found->acks.at(at->second).sequence});
    page.mark = at->first;
  }
  return page;
}

core::outcome<std::vector<core::append_result>> memory_store::append(
    std::span<const core::append_request> requests) {
  if (auto fault = request_fault(requests)) return *std::move(fault);
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  using kind = core::append_result::kind;
  std::vector<core::append_result> results;
  results.reserve(requests.size());
  for (const auto& request : requests) {
    kept_pool& pool = kept.pools[request.pool_id];
    const bool fit = fits(pool, request);
    if (fit && apply(pool, request)) kept.tell_others(this, request.pool_id);
    results.push_back({fit ? kind::appended : kind::conflict, pool.head()});
  }
  return results;
}

core::outcome<std::optional<std::uint64_t>> memory_store::keep_checkpoint(
    const core::checkpoint_request& request) {
  using number = std::optional<std::uint64_t>;
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  auto& pool = kept.pools[request.pool_id];
  const auto before = pool.checkpoint ? number{pool.checkpoint->number} : std::nullopt;
  const auto& at = request.what.at;
  const bool fits = !is_before(pool.head(), at);
  if (!fits || (request.follows && request.follows != before)) return number{};
  core::kept_checkpoint next{request.what, before.value_or(0) + 1};
  if (request.follows) {
    next.what.parts = std::move(pool.checkpoint->what.parts);
    next.what.parts.insert(next.what.parts.end(), request.what.parts.begin(),
                           request.what.parts.end());
  }
  pool.checkpoint = std::move(next);
  if (request.begins) pool.begins = request.begins;
  return number{pool.checkpoint->number};
}

core::outcome<std::optional<core::kept_checkpoint>> memory_store::read_checkpoint(
    const core::pool_id& pool) {
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  const auto* found = kept.find(pool);
  return found == nullptr ? std::optional<core::kept_checkpoint>{} : found->checkpoint;
}

core::outcome<std::optional<core::horizon>> memory_store::read_horizon(const core::pool_id& pool) {
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  const auto* found = kept.find(pool);
  return found == nullptr ? std::optional<core::horizon>{} : found->begins;
}

core::outcome<std::optional<std::uint64_t>> memory_store::drop_records(
    const core::drop_request& request, std::uint64_t after, std::size_t most) {
  using next = std::optional<std::uint64_t>;
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  auto& pool = kept.pools[request.pool_id];
  if (!pool.begins) return next{};
  if (after == 0)
    std::erase_if(pool.needed, [&](const auto& record) {
      return !std::binary_search(request.needed.begin(), request.needed.end(), record.first);
    });
  while (most-- > 0 && !pool.entries.empty()) {
    const auto then = core::after(*pool.entries.front(), pool.from);
    if (is_before(pool.begins->at, then)) return next{};
    pool.drop_first(request.needed);
  }
  return pool.entries.empty() ? next{} : next{std::max<std::uint64_t>(pool.from.sequence, 1)};
}

core::outcome<std::vector<core::pool_id>> memory_store::changed_pools() {
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  auto changed = std::exchange(kept.handles.at(this), {});
  return std::vector<core::pool_id>(changed.begin(), changed.end());
}

core::outcome<std::vector<core::registry_written>> memory_store::write_registry(
    std::span<const core::registry_write> writes) {
  if (auto fault = registry_fault(writes)) return *std::move(fault);
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  std::vector<core::registry_written> answers;
  for (const auto& write : writes) {
    const auto found = kept.registry.find({write.space, write.key});
    const auto version = found == kept.registry.end() ? 0 : found->second.version;
    if (version != write.expected) {
      answers.emplace_back();
    } else if (write.value) {
      kept.registry.insert_or_assign(
          {write.space, write.key},
          core::registry_row{write.space, write.key, *write.value, ++kept.last_version});
      answers.emplace_back(kept.last_version);
    } else {
      if (found != kept.registry.end()) kept.registry.erase(found);
      answers.emplace_back(0);
    }
  }
  return answers;
}

core::outcome<std::vector<core::registry_row>> memory_store::read_registry(
    const core::registry_query& query) {
  if (auto fault = registry_fault(query)) return *std::move(fault);
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  std::vector<core::registry_row> rows;
  if (query.key) {
    const auto found = kept.registry.find({query.space, *query.key});
    if (found != kept.registry.end()) rows.push_back(found->second);
    return rows;
  }
  const std::size_t wanted = std::max<std::size_t>(query.rows_max, 1);
  for (auto next = kept.registry.upper_bound({query.space, query.after});
       next != kept.registry.end() && next->first.first == query.space && rows.size() < wanted;
       ++next)
    rows.push_back(next->second);
  return rows;
}

core::outcome<core::content_kept> memory_store::put_content(std::span<const core::content> items) {
  auto& kept = *log_->contents_;
  if (auto fault = core::content_fault(items, kept.content_limits)) return *std::move(fault);
  const std::lock_guard guard{kept.lock};
  return kept.bodies.put(items);
}

core::outcome<std::optional<std::string>> memory_store::get_content(const core::content_ref& name) {
  if (!core::content_digest(name)) return core::no_content_name(name);
  auto& kept = *log_->contents_;
  const std::lock_guard guard{kept.lock};
  return kept.bodies.get(name);
}

}  // namespace agentpool::stores
