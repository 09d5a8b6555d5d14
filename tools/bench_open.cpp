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

/// Until a new engine has read the pool's log, and until it has answered `open_pool`, whose
/// snapshot holds every message ever; records a second, each in an engine of its own.
values open_again(const std::string& file, std::uint64_t records) {
  const core::pool_id id{"pool.bench"};
  std::vector<double> rates;
  for (const bool snapshot : {false, true}) {
    const auto bench = bench_engine::on("sqlite:" + file);
    if (!bench) return bench.error();
    const auto start = steady::now();
    if (snapshot) {
      if (const auto pool = (*bench)->engine().open_pool(id); !pool) return pool.error();
    } else if (const auto members = (*bench)->engine().pool(id).members(); !members) {
      return members.error();
    }
    rates.push_back(rate_since(start, records));
  }
  return rates;
}

values read_rows(const std::string& file, std::uint64_t records) {
  const auto start = steady::now();
  const auto rows = stores::read_sqlite_baseline(file, "pool.bench");
  if (!rows) return rows.error();
  if (*rows != records) return core::store_corrupt("the benchmark's file has lost rows");
  const double rate = rate_since(start, records);
  return std::vector<double>{rate, rate};
}

core::outcome<bench_sides> open_sides(const bench_effort& effort) {
  const auto file = effort.folder + "/open.sqlite";
  const auto records = fill(file, effort.scaled(1'000'000));
  if (!records) return records.error();
  bench_sides sides;
  const std::string reference = "raw SQLite reading the same rows";
  const bench_goal goal{bench_goal::kind::at_least, 200'000};
  sides.measures = {{"records a second until a request is answered", reference, goal},
                    {"records a second until open_pool has answered", reference, {}}};
  sides.ours = [file, count = *records] { return open_again(file, count); };
  sides.reference = [file, count = *records] { return read_rows(file, count); };
  return sides;
}

}  // namespace

std::vector<comparison_part> open_parts() { return {{"open/1M", open_sides}}; }

}  // namespace agentpool::tools
