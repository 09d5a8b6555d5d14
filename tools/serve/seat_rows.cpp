#include "seat_rows.hpp"

#include <utility>
#include <vector>

#include "agentpool/core/digest.hpp"
#include "agentpool/core/json_fields.hpp"

namespace agentpool::tools {

namespace {

constexpr std::string_view space = "serve.seat";
constexpr std::size_t remembered_max = 100'000;
/// For so long a row that was read is believed. What is out of date by then is found by the pool,
/// which is told by which join the caller has the run.
constexpr std::chrono::seconds remembered_for{1};

std::string key_of(const core::pool_id& pool, const core::run_id& run) {
  return core::sha256_hex(pool.text() + '\n' + run.text());
}

core::outcome<known_row> read_row(const std::vector<core::registry_row>& rows) {
  if (rows.empty()) return known_row{};
  const auto tree = core::parse_json(rows.front().value);
  auto row = tree ? core::read_json<seat_row>(tree->root()) : tree.error();
  if (!row)
    return core::store_corrupt("a seat in the store's registry cannot be read: " +
                               row.error().message);
  return known_row{std::move(*row), rows.front().version};
}

}  // namespace

void seat_rows::read(const core::pool_id& pool, const core::run_id& run, bool afresh,
                     actors::callback<known_row> then) {
  const auto key = key_of(pool, run);
  if (!afresh) {
    std::optional<known_row> known;
    {
      const std::lock_guard guard{mutex_};
      const auto found = rows_.find(key);
      if (found != rows_.end() && std::chrono::steady_clock::now() < found->second.until)
        known = found->second.what;
    }
    if (known) return then(std::move(*known));
  }
  engine_.read_registry({std::string{space}, key},
                        [self = shared_from_this(), key, then = std::move(then)](
                            const core::outcome<std::vector<core::registry_row>>& rows) {
                          if (!rows) return then(rows.error());
                          auto known = read_row(*rows);
                          if (known) self->remember(key, *known);
                          then(std::move(known));
                        });
}

void seat_rows::write(const core::pool_id& pool, const core::run_id& run,
                      std::optional<seat_row> row, std::uint64_t version,
                      actors::callback<std::optional<std::uint64_t>> then) {
  const auto key = key_of(pool, run);
  auto value = row ? std::optional{core::written(*row)} : std::nullopt;
  engine_.write_registry(
      {{std::string{space}, key, std::move(value), version}},
      [self = shared_from_this(), key, row = std::move(row),
       then = std::move(then)](core::outcome<std::vector<core::registry_written>> written) mutable {
        if (!written) return then(written.error());
        const auto& now = written->at(0);
        if (now) self->remember(key, {std::move(row), *now});
        then(now ? std::optional{*now} : std::nullopt);
      });
}

void seat_rows::remember(const std::string& key, known_row row) {
  const std::lock_guard guard{mutex_};
  if (rows_.size() >= remembered_max) rows_.clear();
  rows_.insert_or_assign(
      key, remembered{std::move(row), std::chrono::steady_clock::now() + remembered_for});
}

}  // namespace agentpool::tools
