#include "stores/postgres_registry.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <tuple>

#include "stores/request_check.hpp"

namespace agentpool::stores {

namespace {

// A new row begins with version 0, which none has that is committed, and gets its version by the
// statement that also changes rows: then its key is this transaction's, and whoever had it before
// has ended. So a row's versions grow, also across its removal.
constexpr const char* make_row =
    "INSERT INTO agentpool_registry(space, key, value, version) VALUES($1, $2, '', 0)"
    " ON CONFLICT DO NOTHING";
constexpr const char* put_row =
    "UPDATE agentpool_registry SET value = $4, version = nextval('agentpool_registry_version')"
    " WHERE space = $1 AND key = $2 AND version = $3 RETURNING version";
constexpr const char* remove_row =
    "DELETE FROM agentpool_registry WHERE space = $1 AND key = $2 AND version = $3 RETURNING "
    "0::int8";
constexpr const char* no_row =
    "SELECT 0::int8 WHERE NOT EXISTS"
    " (SELECT 1 FROM agentpool_registry WHERE space = $1 AND key = $2)";

/// Sends what writes the row; the last of its answers has the version, or no row for a conflict.
/// Gives how many answers there will be.
std::size_t send(postgres_connection& connection, const core::registry_write& write) {
  const auto space = value(write.space);
  const auto key = value(write.key);
  if (!write.value && write.expected == 0) {
    connection.send(no_row, std::array{space, key});
    return 1;
  }
  const auto expected = value(write.expected);
  if (!write.value) {
    connection.send(remove_row, std::array{space, key, expected});
    return 1;
  }
  if (write.expected == 0) connection.send(make_row, std::array{space, key});
  connection.send(put_row, std::array{space, key, expected, value(*write.value)});
  return write.expected == 0 ? 2 : 1;
}

}  // namespace

// Rows are locked in the order of their names, so that no two programs wait for each other. Writes
// of one row keep their order; those of others have nothing to do with them.
registry_work write_registry(postgres_connection& connection,
                             std::span<const core::registry_write> writes, const deadline& until) {
  std::vector<std::size_t> order(writes.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {},
                           [&](std::size_t i) { return std::tie(writes[i].space, writes[i].key); });
  std::vector<std::size_t> answers_of;
  answers_of.reserve(order.size());
  std::size_t answers = 0;
  for (const auto i : order) {
    answers_of.push_back(send(connection, writes[i]));
    answers += answers_of.back();
  }
  const auto rows = connection.receive(until);
  std::vector<core::registry_written> written(writes.size());
  std::size_t next = rows.size() - answers;
  for (std::size_t place = 0; place < order.size(); ++place) {
    next += answers_of[place];
    const auto& answer = rows.at(next - 1);
    if (answer.size() > 0) written[order[place]] = answer.number(0, 0);
  }
  const bool changes =
      std::ranges::any_of(written, [](const auto& one) { return one.has_value(); });
  return {std::move(written), changes};
}

std::vector<core::registry_row> read_registry(postgres_connection& connection,
                                              const core::registry_query& query,
                                              const deadline& until) {
  const auto space = value(query.space);
  if (query.key) {
    connection.send(
        "SELECT key, value, version FROM agentpool_registry WHERE space = $1 AND key = $2",
        std::array{space, value(*query.key)});
  } else {
    const std::uint64_t wanted = std::clamp<std::uint64_t>(query.rows_max, 1, position_max);
    connection.send(
        "SELECT key, value, version FROM agentpool_registry WHERE space = $1 AND key > $2"
        " ORDER BY key LIMIT $3",
        std::array{space, value(query.after), value(wanted)});
  }
  const auto rows = connection.receive(until);
  std::vector<core::registry_row> found;
  found.reserve(static_cast<std::size_t>(rows[0].size()));
  for (int row = 0; row < rows[0].size(); ++row)
    found.push_back({query.space, std::string{rows[0].text(row, 0)},
                     std::string{rows[0].text(row, 1)}, rows[0].number(row, 2)});
  return found;
}

}  // namespace agentpool::stores
