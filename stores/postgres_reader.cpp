#include "stores/postgres_reader.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>
#include <utility>

#include "stores/request_check.hpp"

namespace agentpool::stores {

namespace {

// One state of the database for all statements until the next COMMIT.
constexpr const char* begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr const char* head_of =
    "SELECT sequence, host_events FROM agentpool_heads WHERE pool_id = $1";

record_row record_in(const postgres_rows& rows, int row) {
  record_row record{rows.number(row, 0), rows.text(row, 1), rows.text(row, 2), rows.number(row, 3),
                    std::nullopt};
  if (!rows.is_null(row, 4)) record.trigger_json = rows.text(row, 4);
  return record;
}

core::log_position position_in(const postgres_rows& rows) {
  if (rows.size() == 0) return {};
  return {rows.number(0, 0), rows.number(0, 1)};
}

bool lacks_time(const core::entry_ptr& entry) {
  return entry->record() != nullptr && entry->recorded_at_millis == 0;
}

/// Takes the next entry of the log from the rows of the two tables; none after the last row.
class log_merge {
 public:
  log_merge(const postgres_rows& records, const postgres_rows& hosts)
      : records_{&records}, hosts_{&hosts} {}

  core::entry_ptr next(const core::pool_id& pool, core::log_position before) {
    if (host_ < hosts_->size() && hosts_->number(host_, 1) <= before.sequence)
      return next_host(pool, before);
    if (record_ < records_->size()) return next_record(pool, before);
    if (host_ == hosts_->size()) return nullptr;
    throw corrupt_row{{pool, before.sequence + 1}, "the record is missing; a host event follows"};
  }

 private:
  core::entry_ptr next_record(const core::pool_id& pool, core::log_position before) {
    const auto record = record_in(*records_, record_++);
    if (record.sequence == before.sequence + 1) return entry_of(pool, record);
    throw corrupt_row{
        {pool, before.sequence + 1},
        "the record is missing; the next one has sequence " + std::to_string(record.sequence)};
  }

  core::entry_ptr next_host(const core::pool_id& pool, core::log_position before) {
    const int row = host_++;
    const host_row host{hosts_->number(row, 0), hosts_->number(row, 1), hosts_->number(row, 2),
                        hosts_->text(row, 3)};
    if (host.number == before.host_events + 1) return entry_of(pool, host);
    throw corrupt_row{{pool, before.sequence},
                      "host event " + std::to_string(before.host_events + 1) + " is missing"};
  }

  const postgres_rows* records_;
  const postgres_rows* hosts_;
  int record_ = 0;
  int host_ = 0;
};

}  // namespace

std::vector<core::pool_id> postgres_reader::list_pools() {
  connection_->send("SELECT pool_id FROM agentpool_heads WHERE sequence > 0 ORDER BY pool_id");
  const auto rows = connection_->receive(*until_);
  std::vector<core::pool_id> pools;
  for (int row = 0; row < rows[0].size(); ++row) {
    const auto text = rows[0].text(row, 0);
    if (auto fault = core::identifier_fault(text); !fault.empty())
      throw corrupt_row{{}, "a pool_id is no identifier: it " + fault};
    pools.emplace_back(text);
  }
  return pools;
}

core::log_position postgres_reader::head(const core::pool_id& pool) {
  connection_->send(head_of, std::array{value(pool.text())});
  return position_in(connection_->receive(*until_).at(0));
}

core::log_page postgres_reader::read(const core::pool_id& pool, core::log_position after,
                                     std::size_t entries_max) {
  if (after.sequence > position_max || after.host_events > position_max) return {{}, after};
  auto page = read_page(pool, after, std::clamp<std::uint64_t>(entries_max, 1, position_max));
  if (!stamps_ || std::ranges::none_of(page.entries, lacks_time)) return page;
  stamp(pool, after.sequence + 1, page.next.sequence);
  return read_page(pool, after, page.entries.size());
}

core::log_page postgres_reader::read_page(const core::pool_id& pool, core::log_position after,
                                          std::uint64_t wanted) {
  const auto id = value(pool.text());
  connection_->send(begin);
  connection_->send(
      "SELECT seq, kind, payload_json, recorded_at_millis, trigger_json FROM agent_pool_records"
      " WHERE pool_id = $1 AND seq > $2 ORDER BY seq LIMIT $3",
      std::array{id, value(after.sequence), value(wanted)});
  connection_->send(
      "SELECT number, after_sequence, recorded_at_millis, event_json FROM agentpool_host_events"
      " WHERE pool_id = $1 AND number > $2 ORDER BY number LIMIT $3",
      std::array{id, value(after.host_events), value(wanted)});
  connection_->send(head_of, std::array{id});
  connection_->send("COMMIT");
  const auto rows = connection_->receive(*until_);
  log_merge merge{rows[1], rows[2]};
  core::log_page page{{}, after};
  while (page.entries.size() < wanted) {
    auto entry = merge.next(pool, page.next);
    if (entry == nullptr) break;
    page.next = core::after(*entry, page.next);
    page.entries.push_back(std::move(entry));
  }
  if (page.entries.size() < wanted && is_before(page.next, position_in(rows[3])))
    throw corrupt_row{{pool, page.next.sequence + 1}, "the log ends before its head"};
  return page;
}

std::vector<core::entry_ptr> postgres_reader::fetch(const core::pool_id& pool,
                                                    std::span<const std::uint64_t> sequences) {
  auto entries = fetch_all(pool, sequences);
  if (!stamps_ || std::ranges::none_of(entries, lacks_time)) return entries;
  for (const auto& entry : entries) {
    const auto sequence = lacks_time(entry) ? entry->record()->cursor.sequence : 0;
    if (sequence != 0) stamp(pool, sequence, sequence);
  }
  return fetch_all(pool, sequences);
}

std::vector<core::entry_ptr> postgres_reader::fetch_all(const core::pool_id& pool,
                                                        std::span<const std::uint64_t> sequences) {
  postgres_array wanted{postgres_type::int8_array};
  for (const auto sequence : sequences)
    if (sequence <= position_max) wanted.add(sequence);
  connection_->send(
      "SELECT seq, kind, payload_json, recorded_at_millis, trigger_json FROM agent_pool_records"
      " WHERE pool_id = $1 AND seq = ANY($2)",
      std::array{value(pool.text()), wanted.take()});
  const auto rows = connection_->receive(*until_);
  std::unordered_map<std::uint64_t, core::entry_ptr> found;
  for (int row = 0; row < rows[0].size(); ++row) {
    const auto record = record_in(rows[0], row);
    found.emplace(record.sequence, entry_of(pool, record));
  }
  std::vector<core::entry_ptr> entries;
  entries.reserve(sequences.size());
  for (const auto sequence : sequences) {
    const auto entry = found.find(sequence);
    if (sequence == 0 || entry == found.end())
      throw corrupt_row{{pool, sequence}, "there is no record"};
    entries.push_back(entry->second);
  }
  return entries;
}

core::ack_page postgres_reader::read_acks(const core::pool_id& pool, std::uint64_t mark,
                                          std::size_t acks_max) {
  core::ack_page page{{}, mark};
  if (mark > position_max) return page;
  const std::uint64_t wanted = std::clamp<std::uint64_t>(acks_max, 1, position_max);
  connection_->send(
      "SELECT change, run_id, acked FROM agentpool_inbox_acks WHERE pool_id = $1 AND change > $2"
      " ORDER BY change LIMIT $3",
      std::array{value(pool.text()), value(mark), value(wanted)});
  const auto rows = connection_->receive(*until_);
  for (int row = 0; row < rows[0].size(); ++row) {
    const auto text = rows[0].text(row, 1);
    if (auto fault = core::identifier_fault(text); !fault.empty())
      throw corrupt_row{{pool}, "a run_id of agentpool_inbox_acks " + fault};
    page.acks.push_back({core::run_id{text}, rows[0].number(row, 2)});
    page.mark = rows[0].number(row, 0);
  }
  return page;
}

std::optional<core::kept_checkpoint> postgres_reader::checkpoint(const core::pool_id& pool) {
  const auto id = value(pool.text());
  connection_->send(begin);
  connection_->send(head_of, std::array{id});
  connection_->send(
      "SELECT number, sequence, host_events, head FROM agentpool_checkpoints WHERE pool_id = $1",
      std::array{id});
  connection_->send(
      "SELECT bytes FROM agentpool_checkpoint_parts WHERE pool_id = $1 ORDER BY number, part",
      std::array{id});
  connection_->send("COMMIT");
  const auto rows = connection_->receive(*until_);
  const auto& kept_row = rows[2];
  if (kept_row.size() == 0) return std::nullopt;
  core::kept_checkpoint kept;
  kept.number = kept_row.number(0, 0);
  kept.what.at = {kept_row.number(0, 1), kept_row.number(0, 2)};
  if (is_before(position_in(rows[1]), kept.what.at)) return std::nullopt;
  kept.what.head = kept_row.text(0, 3);
  for (int row = 0; row < rows[3].size(); ++row) kept.what.parts.emplace_back(rows[3].text(row, 0));
  return kept;
}

std::optional<core::horizon> postgres_reader::horizon(const core::pool_id& pool) {
  connection_->send(
      "SELECT sequence, host_events, number, event_seq, roll FROM agentpool_horizons"
      " WHERE pool_id = $1",
      std::array{value(pool.text())});
  const auto rows = connection_->receive(*until_);
  if (rows[0].size() == 0) return std::nullopt;
  core::horizon found;
  found.at = {rows[0].number(0, 0), rows[0].number(0, 1)};
  found.number = rows[0].number(0, 2);
  found.event_seq = rows[0].number(0, 3);
  found.roll = rows[0].text(0, 4);
  return found;
}

// Another process may have stamped meanwhile: its time stays, and reading again finds it.
void postgres_reader::stamp(const core::pool_id& pool, std::uint64_t first, std::uint64_t last) {
  const std::uint64_t now = std::max<std::uint64_t>(core::to_millis(clock_->now()), 1);
  connection_->send(
      "UPDATE agent_pool_records SET recorded_at_millis = $1"
      " WHERE pool_id = $2 AND seq BETWEEN $3 AND $4 AND recorded_at_millis = 0",
      std::array{value(now), value(pool.text()), value(first), value(last)});
  connection_->receive(*until_);
}

}  // namespace agentpool::stores
