#include <memory>
#include <utility>

#include "agentpool/stores/sqlite_baseline.hpp"
#include "bench_kit.hpp"
#include "bench_parts.hpp"

namespace agentpool::tools {

namespace {

using values = core::outcome<std::vector<double>>;
using steady = std::chrono::steady_clock;

constexpr std::size_t deep = 1'024;

/// Fills a new file with sends, two records each; how many records the pool has then.
core::outcome<std::uint64_t> fill(const std::string& file, std::uint64_t records) {
  const auto bench = bench_engine::on("sqlite:" + file);
  if (!bench) return bench.error();
  const auto pool = (*bench)->open_pool();
  if (!pool) return pool.error();
  const auto sent =
      ask_often(*pool, first_number, records / 2, deep, [](std::uint64_t number) -> core::command {
        return core::send_message{bench_message(number)};
      });
  if (!sent) return sent.error();
  const auto position = pool->join(bench_member(bench_receiver()));
  if (!position) return position.error();
  return position->cursor.sequence;
}

/// Opens the pool in a new engine; records a second.
values open_again(const std::string& file, std::uint64_t records) {
  const auto bench = bench_engine::on("sqlite:" + file);
  if (!bench) return bench.error();
  // Members are told once the log is read; `open` itself would read every message once more, for
  // the snapshot that it returns.
  const auto start = steady::now();
  const auto members = (*bench)->engine().pool(core::pool_id{"pool.bench"}).members();
  if (!members) return members.error();
  return std::vector<double>{rate_since(start, records)};
}

values read_rows(const std::string& file, std::uint64_t records) {
  const auto start = steady::now();
  const auto rows = stores::read_sqlite_baseline(file, "pool.bench");
  if (!rows) return rows.error();
  if (*rows != records) return core::store_corrupt("the benchmark's file has lost rows");
  return std::vector<double>{rate_since(start, records)};
}

core::outcome<bench_sides> open_sides(const bench_effort& effort) {
  const auto file = effort.folder + "/open.sqlite";
  const auto records = fill(file, effort.scaled(1'000'000));
  if (!records) return records.error();
  bench_sides sides;
  sides.measures = {{"records a second", "raw SQLite reading the same rows",
                     bench_goal{bench_goal::kind::at_least, 200'000}}};
  sides.ours = [file, count = *records] { return open_again(file, count); };
  sides.reference = [file, count = *records] { return read_rows(file, count); };
  return sides;
}

}  // namespace

std::vector<comparison_part> open_parts() { return {{"open/1M", open_sides}}; }

}  // namespace agentpool::tools
