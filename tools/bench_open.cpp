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
constexpr std::uint64_t a_million = 1'000'000;

actors::engine_limits limits_of(bool checkpoints) {
  actors::engine_limits limits;
  if (!checkpoints) limits.checkpoint_records = 0;
  return limits;
}

/// A file with a pool of many records.
struct filled_file {
  std::string path;
  bool checkpoints = false;
  std::uint64_t records = 0;
};

/// Fills a new file with sends, two records each.
core::outcome<filled_file> fill(const std::string& path, bool checkpoints, std::uint64_t records) {
  const auto bench = bench_engine::on("sqlite:" + path, limits_of(checkpoints));
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
  return filled_file{path, checkpoints, position->cursor.sequence};
}

/// How long a new engine takes until it has answered a first request: for the members, or with
/// `snapshot` for all that it knows, every message included.
core::outcome<std::chrono::nanoseconds> open_again(const filled_file& file, bool snapshot) {
  const core::pool_id id{"pool.bench"};
  const auto bench = bench_engine::on("sqlite:" + file.path, limits_of(file.checkpoints));
  if (!bench) return bench.error();
  const auto start = steady::now();
  if (snapshot) {
    if (const auto all = (*bench)->engine().pool(id).snapshot(); !all) return all.error();
  } else if (const auto members = (*bench)->engine().pool(id).members(); !members) {
    return members.error();
  }
  return steady::now() - start;
}

/// Records a second until the members are told, and until a whole snapshot is there.
values open_rates(const filled_file& file) {
  std::vector<double> rates;
  for (const bool snapshot : {false, true}) {
    const auto took = open_again(file, snapshot);
    if (!took) return took.error();
    rates.push_back(static_cast<double>(file.records) /
                    std::chrono::duration<double>{*took}.count());
  }
  return rates;
}

/// Milliseconds until the members are told.
values open_time(const filled_file& file) {
  const auto took = open_again(file, false);
  if (!took) return took.error();
  return std::vector<double>{std::chrono::duration<double, std::milli>{*took}.count()};
}

values read_rows(const filled_file& file) {
  const auto start = steady::now();
  const auto rows = stores::read_sqlite_baseline(file.path, "pool.bench");
  if (!rows) return rows.error();
  if (*rows != file.records) return core::store_corrupt("the benchmark's file has lost rows");
  const double rate = rate_since(start, file.records);
  return std::vector<double>{rate, rate};
}

core::outcome<bench_sides> log_sides(const bench_effort& effort) {
  const auto file = fill(effort.folder + "/log.sqlite", false, effort.scaled(a_million));
  if (!file) return file.error();
  const std::string reference = "raw SQLite reading the same rows";
  const bench_goal goal{bench_goal::kind::at_least, 200'000};
  bench_sides sides;
  sides.measures = {{"records a second until a request is answered", reference, goal},
                    {"records a second until a whole snapshot is there", reference, {}}};
  sides.ours = [read = *file] { return open_rates(read); };
  sides.reference = [read = *file] { return read_rows(read); };
  return sides;
}

core::outcome<bench_sides> checkpoint_sides(const bench_effort& effort) {
  const auto records = effort.scaled(a_million);
  const auto kept = fill(effort.folder + "/kept.sqlite", true, records);
  if (!kept) return kept.error();
  const auto log = fill(effort.folder + "/log.sqlite", false, records);
  if (!log) return log.error();
  bench_sides sides;
  sides.measures = {{"ms until a request is answered", "the same log without a checkpoint", {}}};
  sides.ours = [file = *kept] { return open_time(file); };
  sides.reference = [file = *log] { return open_time(file); };
  return sides;
}

}  // namespace

std::vector<comparison_part> open_parts() {
  return {{"open/log/1M", log_sides}, {"open/checkpoint/1M", checkpoint_sides}};
}

}  // namespace agentpool::tools
