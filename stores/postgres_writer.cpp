#include "stores/postgres_writer.hpp"

#include <algorithm>
#include <array>
#include <variant>

#include "agentpool/core/json.hpp"
#include "stores/log_rows.hpp"

namespace agentpool::stores {

namespace {

using kind = core::append_result::kind;

constexpr const char* make_heads =
    "INSERT INTO agentpool_heads(pool_id, sequence, host_events, opened)"
    " SELECT p, 0, 0, 0 FROM unnest($1) AS p ORDER BY p COLLATE \"C\" ON CONFLICT DO NOTHING";
constexpr const char* lock_heads =
    "SELECT pool_id, sequence, host_events, opened FROM agentpool_heads WHERE pool_id = ANY($1)"
    " ORDER BY pool_id FOR UPDATE";
constexpr const char* insert_records =
    "INSERT INTO agent_pool_records(pool_id, seq, kind, payload_json, recorded_at_millis,"
    " trigger_json) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)";
constexpr const char* insert_hosts =
    "INSERT INTO agentpool_host_events(pool_id, number, after_sequence, recorded_at_millis,"
    " event_json) SELECT * FROM unnest($1, $2, $3, $4, $5)";
constexpr const char* move_heads =
    "UPDATE agentpool_heads AS h SET sequence = n.s, host_events = n.e, opened = n.o"
    " FROM unnest($1, $2, $3, $4) AS n(p, s, e, o) WHERE h.pool_id = n.p";
constexpr const char* count_events =
    "INSERT INTO agent_pool_event_seq(pool_id, seq)"
    " SELECT * FROM unnest($1, $2) AS n(p, s) ORDER BY p COLLATE \"C\""
    " ON CONFLICT (pool_id) DO UPDATE SET seq = excluded.seq";
constexpr const char* notify = "SELECT pg_notify($1, p) FROM unnest($2) AS p";
// A row gets its next change while its pool is locked: changes of one pool grow as they commit.
constexpr const char* move_acks =
    "WITH moved AS (INSERT INTO agentpool_inbox_acks AS a(change, pool_id, run_id, acked)"
    " SELECT nextval('agentpool_ack_change'), n.p, n.r, n.s FROM unnest($2, $3, $4) AS n(p, r, s)"
    " ON CONFLICT (pool_id, run_id) DO UPDATE SET change = excluded.change,"
    " acked = excluded.acked WHERE excluded.acked > a.acked RETURNING a.pool_id)"
    " SELECT pg_notify($1, m.pool_id) FROM (SELECT DISTINCT pool_id FROM moved) AS m";

postgres_value texts(const std::vector<std::string_view>& all) {
  postgres_array array{postgres_type::text_array};
  for (const auto text : all) array.add(text);
  return array.take();
}

}  // namespace

void postgres_head_locks::send(postgres_connection& connection,
                               const std::vector<std::string_view>& pools) {
  std::vector<std::string_view> missing;
  for (const auto pool : pools)
    if (!known_.contains(pool)) missing.push_back(pool);
  // All that are missing come before the first lock: who holds a lock never waits for a new row.
  if (!missing.empty()) connection.send(make_heads, std::array{texts(missing)});
  connection.send(lock_heads, std::array{texts(pools)});
}

postgres_heads postgres_head_locks::heads_in(const postgres_rows& answer) {
  postgres_heads heads;
  for (int row = 0; row < answer.size(); ++row)
    heads.emplace(answer.text(row, 0), postgres_head{{answer.number(row, 1), answer.number(row, 2)},
                                                     answer.number(row, 3)});
  return heads;
}

void postgres_head_locks::remember(const std::string& pool) {
  if (known_.size() > known_most) known_.clear();
  known_.insert(pool);
}

core::append_result postgres_batch::add(const core::append_request& request) {
  const auto& pool = request.pool_id.text();
  auto& head = heads_.at(pool);
  if (!request.entries.empty() && head.position != request.expected)
    return {kind::conflict, head.position};
  for (const auto& entry : request.entries) {
    if (const auto* record = entry->record()) add(*entry, *record, head);
    if (const auto* event = entry->host()) add(*entry, *event, pool);
    head.position = core::after(*entry, head.position);
    head.touched = true;
  }
  for (const auto& ack : request.acks) add(request.pool_id, ack);
  changes_ = changes_ || !request.entries.empty() || !request.acks.empty();
  return {kind::appended, head.position};
}

void postgres_batch::add(const core::log_entry& entry, const core::store_record& record,
                         postgres_head& head) {
  json_.clear();
  core::write_json(json_, record.payload);
  record_pools_.add(record.pool_id.text());
  sequences_.add(record.cursor.sequence);
  kinds_.add(kind_of(record.payload));
  payloads_.add(json_);
  record_times_.add(entry.recorded_at_millis);
  json_.clear();
  if (entry.triggered_by) core::write_json(json_, *entry.triggered_by);
  if (entry.triggered_by) {
    triggers_.add(json_);
  } else {
    triggers_.add_null();
  }
  if (std::holds_alternative<core::pool_opened>(record.payload)) ++head.opened;
}

void postgres_batch::add(const core::log_entry& entry, const core::host_event& event,
                         const std::string& pool) {
  json_.clear();
  core::write_json(json_, event.event);
  host_pools_.add(pool);
  numbers_.add(event.number);
  afters_.add(event.after_sequence);
  host_times_.add(entry.recorded_at_millis);
  events_.add(json_);
}

/// A statement can move a row once only: of the positions of one run the furthest counts.
void postgres_batch::add(const core::pool_id& pool, const core::inbox_ack& ack) {
  const auto [found, fresh] =
      ack_places_.try_emplace({pool.text(), ack.run_id.text()}, acks_.size());
  if (!fresh) {
    auto& before = acks_[found->second];
    if (ack.sequence <= before.ack->sequence) return;
    before.ack = nullptr;
    found->second = acks_.size();
  }
  acks_.push_back({&pool, &ack});
}

void postgres_batch::send(postgres_connection& connection, const std::string& channel) {
  if (!record_pools_.empty())
    connection.send(insert_records,
                    std::array{record_pools_.take(), sequences_.take(), kinds_.take(),
                               payloads_.take(), record_times_.take(), triggers_.take()});
  if (!host_pools_.empty())
    connection.send(insert_hosts, std::array{host_pools_.take(), numbers_.take(), afters_.take(),
                                             host_times_.take(), events_.take()});
  send_acks(connection, channel);
  send_heads(connection, channel);
}

void postgres_batch::send_heads(postgres_connection& connection, const std::string& channel) {
  std::vector<std::string_view> pools;
  postgres_array sequences{type::int8_array}, events{type::int8_array};
  postgres_array opened{type::int8_array}, counted{type::int8_array};
  for (const auto& [pool, head] : heads_) {
    if (!head.touched) continue;
    pools.push_back(pool);
    sequences.add(head.position.sequence);
    events.add(head.position.host_events);
    opened.add(head.opened);
    counted.add(head.position.sequence - std::min(head.opened, head.position.sequence));
  }
  if (pools.empty()) return;
  const auto names = texts(pools);
  connection.send(move_heads, std::array{names, sequences.take(), events.take(), opened.take()});
  connection.send(count_events, std::array{names, counted.take()});
  connection.send(notify, std::array{value(channel), names});
}

void postgres_batch::send_acks(postgres_connection& connection, const std::string& channel) {
  if (acks_.empty()) return;
  postgres_array pools{type::text_array}, runs{type::text_array}, positions{type::int8_array};
  for (const auto& [pool, ack] : acks_) {
    if (ack == nullptr) continue;
    pools.add(pool->text());
    runs.add(ack->run_id.text());
    positions.add(ack->sequence);
  }
  connection.send(move_acks,
                  std::array{value(channel), pools.take(), runs.take(), positions.take()});
}

}  // namespace agentpool::stores
