#include "stores/sqlite_writer.hpp"

#include <variant>

#include "agentpool/core/json.hpp"
#include "stores/log_rows.hpp"

namespace agentpool::stores {

namespace {

constexpr int shared_appends = 32;  ///< After so many without a commit of others they are gone.

}  // namespace

sqlite_writer::sqlite_writer(sqlite_connection& connection, sqlite_heads& heads)
    : connection_{&connection},
      heads_{&heads},
      begin_{connection, "BEGIN IMMEDIATE"},
      commit_{connection, "COMMIT"},
      insert_record_{connection,
                     "INSERT INTO agent_pool_records(pool_id, seq, kind, payload_json,"
                     " recorded_at_millis, trigger_json) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"},
      insert_host_{connection,
                   "INSERT INTO agentpool_host_events(pool_id, number, after_sequence,"
                   " recorded_at_millis, event_json) VALUES(?1, ?2, ?3, ?4, ?5)"},
      put_event_seq_{connection,
                     "INSERT INTO agent_pool_event_seq(pool_id, seq) VALUES(?1, ?2)"
                     " ON CONFLICT(pool_id) DO UPDATE SET seq = excluded.seq"},
      put_ack_{connection,
               "INSERT INTO agentpool_inbox_acks(change, pool_id, run_id, acked)"
               " VALUES(?1, ?2, ?3, ?4) ON CONFLICT(pool_id, run_id) DO UPDATE"
               " SET change = excluded.change, acked = excluded.acked"
               " WHERE excluded.acked > acked"} {}

log_place sqlite_writer::place() const {
  return request_ == nullptr ? log_place{} : log_place{request_->pool_id, sequence_};
}

std::vector<core::append_result> sqlite_writer::append(
    std::span<const core::append_request> requests) {
  request_ = &requests.front();
  sequence_ = request_->expected.sequence + 1;
  uncounted_.clear();
  // SQLite's lock has no queue: who appends without a break keeps those out who wait for it.
  if (shared_for_ > 0) {
    --shared_for_;
    connection_->give_way();
  }
  statement_run{begin_}.step();
  if (heads_->refresh()) shared_for_ = shared_appends;
  grown_ = heads_->grown();
  std::vector<core::append_result> results;
  results.reserve(requests.size());
  for (const auto& request : requests) results.push_back(append_one(request));
  count_events();
  statement_run{commit_}.step();
  heads_->grow_to(grown_);
  return results;
}

core::append_result sqlite_writer::append_one(const core::append_request& request) {
  using kind = core::append_result::kind;
  request_ = &request;
  sequence_ = request.expected.sequence + 1;
  pool_head& head = heads_->of(request.pool_id);
  if (!request.entries.empty() && head.position != request.expected)
    return {kind::conflict, head.position};
  for (const auto& entry : request.entries) {
    sequence_ = head.position.sequence + 1;
    if (const auto* record = entry->record()) insert(*entry, *record, head);
    if (const auto* event = entry->host()) insert(*entry, *event, head);
    head.position = core::after(*entry, head.position);
  }
  for (const auto& ack : request.acks) acknowledge(ack);
  return {kind::appended, head.position};
}

void sqlite_writer::insert(const core::log_entry& entry, const core::store_record& record,
                           pool_head& head) {
  payload_json_.clear();
  core::write_json(payload_json_, record.payload);
  statement_run run{insert_record_,         request_->pool_id.text(),
                    record.cursor.sequence, kind_of(record.payload),
                    payload_json_,          entry.recorded_at_millis};
  trigger_json_.clear();
  if (entry.triggered_by) {
    core::write_json(trigger_json_, *entry.triggered_by);
    run->bind(6, trigger_json_);
  } else {
    run->bind_null(6);
  }
  run.step();
  grown_.records = connection_->last_rowid();
  if (std::holds_alternative<core::pool_opened>(record.payload)) ++head.opened;
  if (!head.uncounted) uncounted_.emplace_back(&request_->pool_id, &head);
  head.uncounted = true;
}

void sqlite_writer::insert(const core::log_entry& entry, const core::host_event& event,
                           pool_head&) {
  payload_json_.clear();
  core::write_json(payload_json_, event.event);
  statement_run{insert_host_,         request_->pool_id.text(), event.number,
                event.after_sequence, entry.recorded_at_millis, payload_json_}
      .step();
  grown_.hosts = connection_->last_rowid();
}

void sqlite_writer::acknowledge(const core::inbox_ack& ack) {
  statement_run{put_ack_, grown_.acks + 1, request_->pool_id.text(), ack.run_id.text(),
                ack.sequence}
      .step();
  if (connection_->changed_rows() > 0) ++grown_.acks;
}

// The other program numbers its next events from here.
void sqlite_writer::count_events() {
  for (const auto& [pool, head] : uncounted_) {
    const std::uint64_t events = head->position.sequence - head->opened;
    statement_run{put_event_seq_, pool->text(), events}.step();
    head->uncounted = false;
  }
}

}  // namespace agentpool::stores
