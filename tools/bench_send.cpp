#include "bench_send.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "agentpool/actors/engine.hpp"
#include "agentpool/core/json.hpp"
#include "agentpool/stores/postgres.hpp"
#include "agentpool/stores/postgres_baseline.hpp"
#include "agentpool/stores/sqlite_baseline.hpp"
#include "bench_caf.hpp"
#include "bench_kit.hpp"

namespace agentpool::tools {

namespace {

namespace fs = std::filesystem;
using steady = std::chrono::steady_clock;

// Schemas of the server's database that are a benchmark's alone.
constexpr const char* engine_schema = "agentpool_bench_engine";
constexpr const char* raw_schema = "agentpool_bench_raw";

/// The records of the pool's last send, as they stand in the store.
core::outcome<std::vector<stores::baseline_row>> last_rows(const actors::pool_handle& pool) {
  const auto records = pool.records();
  if (!records) return records.error();
  std::vector<stores::baseline_row> rows;
  for (const auto& record : *records)
    if (std::holds_alternative<core::message_recorded>(record.payload))
      rows.push_back({"run_message", core::to_json(record.payload)});
  return rows;
}

/// One part while it is measured.
class measurement {
 public:
  measurement(const bench_part& part, const bench_effort& effort) : effort_{effort} {
    figures_.part = part;
    figures_.rounds = effort.rounds;
  }

  core::outcome<void> round();
  [[nodiscard]] bench_figures result() const;

 private:
  core::outcome<std::vector<actors::pool_handle>> prepare(bench_engine& engine);
  core::outcome<double> run_engine();
  core::outcome<double> run_sends(actors::engine& engine,
                                  const std::vector<actors::pool_handle>& pools);
  core::outcome<double> run_reference();
  core::outcome<double> run_sqlite();
  core::outcome<double> run_postgres();
  template <class Baseline>
  core::outcome<double> run_baseline(Baseline& baseline);
  [[nodiscard]] core::outcome<std::shared_ptr<bench_engine>> open_engine() const;
  [[nodiscard]] std::vector<std::string> pool_names() const;
  [[nodiscard]] std::uint64_t files_bytes() const;
  void clear_folder() const;

  [[nodiscard]] bool on_disk() const { return figures_.part.store == "sqlite"; }
  [[nodiscard]] bool on_server() const { return figures_.part.store == "postgres"; }

  bench_effort effort_;
  bench_figures figures_;
  std::vector<stores::baseline_row> rows_;
  std::vector<double> rates_, references_, ratios_;
  std::uint64_t commits_ = 0;
  std::uint64_t round_batch_ = 1;  ///< Sends of one transaction in the latest round.
  std::uint64_t written_bytes_ = 0;
  std::uint64_t file_bytes_ = 0;
  double cpu_ = 0;
};

core::outcome<std::shared_ptr<bench_engine>> measurement::open_engine() const {
  if (!on_server())
    return bench_engine::on(on_disk() ? "sqlite:" + effort_.folder + "/engine.sqlite" : "memory");
  if (auto gone = stores::drop_postgres_schema(effort_.postgres, engine_schema); !gone)
    return gone.error();
  const bench_engine::opener open = [&](const core::clock& clock) {
    stores::postgres_options options;
    options.schema = engine_schema;
    return stores::open_postgres(effort_.postgres, clock, options);
  };
  return bench_engine::on(open);
}

std::vector<std::string> measurement::pool_names() const {
  std::vector<std::string> names;
  for (std::size_t index = 0; index < figures_.part.pools; ++index)
    names.push_back("pool.bench." + std::to_string(index));
  return names;
}

std::uint64_t measurement::files_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& file : fs::directory_iterator{effort_.folder}) bytes += file.file_size();
  return bytes;
}

void measurement::clear_folder() const {
  for (const auto& file : fs::directory_iterator{effort_.folder}) fs::remove_all(file.path());
}

core::outcome<std::vector<actors::pool_handle>> measurement::prepare(bench_engine& engine) {
  std::vector<actors::pool_handle> pools;
  for (const auto& name : pool_names()) {
    auto pool = engine.open_pool(name);
    if (!pool) return pool.error();
    pools.push_back(*pool);
  }
  if (!rows_.empty()) return pools;
  // As long a number as most messages of a round have.
  const auto sent = pools.front().send(bench_message(999'999'999));
  if (!sent) return sent.error();
  auto rows = last_rows(pools.front());
  if (!rows) return rows.error();
  rows_ = std::move(*rows);
  for (const auto& row : rows_) figures_.row_bytes += row.payload_json.size();
  return pools;
}

core::outcome<double> measurement::run_engine() {
  const auto engine = open_engine();
  if (!engine) return engine.error();
  const auto pools = prepare(**engine);
  if (!pools) return pools.error();
  return run_sends((*engine)->engine(), *pools);
}

core::outcome<double> measurement::run_sends(actors::engine& engine,
                                             const std::vector<actors::pool_handle>& pools) {
  const auto commits = engine.counters();
  if (!commits) return commits.error();
  const auto used = usage_now();
  const auto files = files_bytes();
  ask_window window{figures_.part.in_flight};
  const auto start = steady::now();
  std::uint64_t count = 0;
  for (; count == 0 || steady::now() < start + effort_.time; ++count)
    window.ask(pools[count % pools.size()],
               core::send_message{bench_message(first_number + count)});
  window.drain();
  const double rate = rate_since(start, count);
  if (window.fault()) return *window.fault();
  const auto after = usage_now();
  const auto committed = engine.counters();
  if (!committed) return committed.error();
  figures_.sends += count;
  figures_.latency.add(window.latency());
  figures_.peak_kib = std::max(figures_.peak_kib, after.peak_kib);
  cpu_ += after.cpu_microseconds - used.cpu_microseconds;
  written_bytes_ += after.written_bytes - used.written_bytes;
  file_bytes_ += files_bytes() - files;
  const auto transactions = std::max(std::uint64_t{1}, committed->commits - commits->commits);
  commits_ += transactions;
  round_batch_ = std::max(std::uint64_t{1}, (count + transactions / 2) / transactions);
  return rate;
}

template <class Baseline>
core::outcome<double> measurement::run_baseline(Baseline& baseline) {
  const auto start = steady::now();
  std::uint64_t count = 0;
  for (; count == 0 || steady::now() < start + effort_.time; count += round_batch_)
    if (auto written = baseline.write(round_batch_); !written) return written.error();
  return rate_since(start, count);
}

core::outcome<double> measurement::run_sqlite() {
  auto baseline =
      stores::open_sqlite_baseline(effort_.folder + "/baseline.sqlite", pool_names(), rows_);
  if (!baseline) return baseline.error();
  return run_baseline(**baseline);
}

core::outcome<double> measurement::run_postgres() {
  const auto& server = effort_.postgres;
  if (auto gone = stores::drop_postgres_schema(server, raw_schema); !gone) return gone.error();
  auto baseline = stores::open_postgres_baseline(server, raw_schema, pool_names(), rows_);
  if (!baseline) return baseline.error();
  auto rate = run_baseline(**baseline);
  if (auto gone = stores::drop_postgres_schema(server, raw_schema); !gone) return gone.error();
  return rate;
}

core::outcome<double> measurement::run_reference() {
  if (on_disk()) return run_sqlite();
  if (on_server()) return run_postgres();
  const auto message = bench_message(first_number);
  if (figures_.part.in_flight == 1) return caf_round_trips(message, 1, effort_.time);
  return caf_one_way(message, figures_.part.pools, effort_.time);
}

core::outcome<void> measurement::round() {
  // Who comes second finds the disk as the first one left it, so they take turns. The first round
  // has to show the reference its batch size.
  const bool reference_first = rates_.size() % 2 == 1;
  auto reference = reference_first ? run_reference() : core::outcome<double>{0.0};
  if (reference_first) clear_folder();
  const auto rate = run_engine();
  clear_folder();
  if (!rate) return rate.error();
  if (!reference_first) reference = run_reference();
  clear_folder();
  if (!reference) return reference.error();
  rates_.push_back(*rate);
  references_.push_back(*reference);
  ratios_.push_back(*rate / *reference);
  return {};
}

bench_figures measurement::result() const {
  auto figures = figures_;
  const auto sends = static_cast<double>(std::max(std::uint64_t{1}, figures.sends));
  figures.rate = spread_of(rates_);
  figures.reference_rate = spread_of(references_);
  figures.ratio = spread_of(ratios_);
  figures.batch = sends / static_cast<double>(std::max(std::uint64_t{1}, commits_));
  figures.cpu_microseconds = cpu_ / sends;
  figures.written_bytes = static_cast<double>(written_bytes_) / sends;
  figures.file_bytes = static_cast<double>(file_bytes_) / sends;
  return figures;
}

}  // namespace

core::outcome<bench_figures> measure(const bench_part& part, const bench_effort& effort,
                                     const std::function<void(std::size_t)>& told) {
  measurement measured{part, effort};
  for (std::size_t round = 1; round <= effort.rounds; ++round) {
    told(round);
    if (auto done = measured.round(); !done) return done.error();
  }
  if (part.store == "postgres")
    if (auto gone = stores::drop_postgres_schema(effort.postgres, engine_schema); !gone)
      return gone.error();
  return measured.result();
}

}  // namespace agentpool::tools
