#include "stores/sqlite_reader.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "stores/request_check.hpp"

namespace agentpool::stores {

namespace {

// Jumps from pool to pool in the index instead of walking all records.
constexpr const char* list_sql =
    "WITH RECURSIVE pools(id) AS (SELECT min(pool_id) FROM agent_pool_records UNION ALL"
    " SELECT (SELECT min(pool_id) FROM agent_pool_records WHERE pool_id > pools.id)"
    " FROM pools WHERE pools.id IS NOT NULL) SELECT id FROM pools WHERE id IS NOT NULL";

constexpr const char* record_columns =
    "SELECT seq, kind, payload_json, recorded_at_millis, trigger_json FROM agent_pool_records ";

/// The current row, whose sequence has to be `sequence`.
record_row record_of(const sqlite_statement& row, const core::pool_id& pool,
                     std::uint64_t sequence) {
  if (!row.is_integer(0) || row.integer(0) != sequence)
    throw corrupt_row{
        {pool, sequence},
        "the record is missing; the next one has sequence " + std::to_string(row.integer(0))};
  record_row record{sequence, row.text(1), row.text(2), row.integer(3), std::nullopt};
  if (!row.is_null(4)) record.trigger_json = row.text(4);
  return record;
}

/// The current row, whose number has to follow `before`.
host_row host_of(const sqlite_statement& row, const core::pool_id& pool,
                 core::log_position before) {
  const host_row host{row.integer(0), row.integer(1), row.integer(2), row.text(3)};
  if (host.number != before.host_events + 1)
    throw corrupt_row{{pool, before.sequence},
                      "host event " + std::to_string(before.host_events + 1) + " is missing"};
  return host;
}

bool lacks_time(const core::entry_ptr& entry) {
  return entry->record() != nullptr && entry->recorded_at_millis == 0;
}

/// Takes the next entry of the log from the two tables; none at the log's end.
class log_merge {
 public:
  log_merge(statement_run& records, statement_run& hosts)
      : records_{&records},
        hosts_{&hosts},
        more_records_{records.step()},
        more_hosts_{hosts.step()} {}

  core::entry_ptr next(const core::pool_id& pool, core::log_position before) {
    if (more_hosts_ && (*hosts_)->integer(1) <= before.sequence) {
      auto entry = entry_of(pool, host_of(**hosts_, pool, before));
      more_hosts_ = hosts_->step();
      return entry;
    }
    if (more_records_) {
      auto entry = entry_of(pool, record_of(**records_, pool, before.sequence + 1));
      more_records_ = records_->step();
      return entry;
    }
    if (!more_hosts_) return nullptr;
    throw corrupt_row{{pool, before.sequence + 1}, "the record is missing; a host event follows"};
  }

 private:
  statement_run* records_;
  statement_run* hosts_;
  bool more_records_;
  bool more_hosts_;
};

}  // namespace

sqlite_reader::sqlite_reader(sqlite_connection& connection, const core::clock& clock, bool stamps)
    : clock_{&clock},
      stamps_{stamps},
      list_{connection, list_sql},
      records_{connection,
               std::string{record_columns} + "WHERE pool_id = ?1 AND seq > ?2 ORDER BY seq"},
      hosts_{connection,
             "SELECT number, after_sequence, recorded_at_millis, event_json"
             " FROM agentpool_host_events WHERE pool_id = ?1 AND number > ?2 ORDER BY number"},
      one_record_{connection, std::string{record_columns} + "WHERE pool_id = ?1 AND seq = ?2"},
      acks_{connection,
            "SELECT change, run_id, acked FROM agentpool_inbox_acks"
            " WHERE pool_id = ?1 AND change > ?2 ORDER BY change LIMIT ?3"},
      stamp_{connection,
             "UPDATE agent_pool_records SET recorded_at_millis = ?1"
             " WHERE pool_id = ?2 AND seq BETWEEN ?3 AND ?4 AND recorded_at_millis = 0"} {}

std::vector<core::pool_id> sqlite_reader::list_pools() {
  std::vector<core::pool_id> pools;
  statement_run run{list_};
  while (run.step()) {
    const auto text = run->text(0);
    if (auto fault = core::identifier_fault(text); !fault.empty())
      throw corrupt_row{{}, "a pool_id is no identifier: it " + fault};
    pools.emplace_back(text);
  }
  return pools;
}

core::log_page sqlite_reader::read(const core::pool_id& pool, core::log_position after,
                                   std::size_t entries_max) {
  auto page = read_page(pool, after, entries_max);
  if (!stamps_ || std::ranges::none_of(page.entries, lacks_time)) return page;
  stamp(pool, after.sequence + 1, page.next.sequence);
  return read_page(pool, after, page.entries.size());
}

// While one of the two statements is not reset, both read the same state of the file.
core::log_page sqlite_reader::read_page(const core::pool_id& pool, core::log_position after,
                                        std::size_t entries_max) {
  core::log_page page{{}, after};
  if (after.sequence > position_max || after.host_events > position_max) return page;
  statement_run records{records_, pool.text(), after.sequence};
  statement_run hosts{hosts_, pool.text(), after.host_events};
  log_merge merge{records, hosts};
  const std::size_t wanted = std::max<std::size_t>(entries_max, 1);
  while (page.entries.size() < wanted) {
    auto entry = merge.next(pool, page.next);
    if (entry == nullptr) break;
    page.next = core::after(*entry, page.next);
    page.entries.push_back(std::move(entry));
  }
  return page;
}

std::vector<core::entry_ptr> sqlite_reader::fetch(const core::pool_id& pool,
                                                  std::span<const std::uint64_t> sequences) {
  std::vector<core::entry_ptr> entries;
  entries.reserve(sequences.size());
  for (const auto sequence : sequences) {
    entries.push_back(fetch_one(pool, sequence));
    if (!stamps_ || !lacks_time(entries.back())) continue;
    stamp(pool, sequence, sequence);
    entries.back() = fetch_one(pool, sequence);
  }
  return entries;
}

core::entry_ptr sqlite_reader::fetch_one(const core::pool_id& pool, std::uint64_t sequence) {
  statement_run run{one_record_, pool.text(), sequence};
  if (sequence == 0 || sequence > position_max || !run.step())
    throw corrupt_row{{pool, sequence}, "there is no record"};
  return entry_of(pool, record_of(*run, pool, sequence));
}

core::ack_page sqlite_reader::read_acks(const core::pool_id& pool, std::uint64_t mark,
                                        std::size_t acks_max) {
  core::ack_page page{{}, mark};
  if (mark > position_max) return page;
  const std::uint64_t wanted = std::clamp<std::uint64_t>(acks_max, 1, position_max);
  statement_run run{acks_, pool.text(), mark, wanted};
  while (run.step()) {
    const auto text = run->text(1);
    if (auto fault = core::identifier_fault(text); !fault.empty())
      throw corrupt_row{{pool}, "a run_id of agentpool_inbox_acks " + fault};
    page.acks.push_back({core::run_id{text}, run->integer(2)});
    page.mark = run->integer(0);
  }
  return page;
}

// Another process may have stamped meanwhile: its time stays, and reading again finds it.
void sqlite_reader::stamp(const core::pool_id& pool, std::uint64_t first, std::uint64_t last) {
  const std::uint64_t now = std::max<std::uint64_t>(core::to_millis(clock_->now()), 1);
  statement_run{stamp_, now, pool.text(), first, last}.step();
}

}  // namespace agentpool::stores
