#include "agentpool/stores/sqlite_baseline.hpp"

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

#include "stores/sqlite_connection.hpp"
#include "stores/sqlite_layout.hpp"

namespace agentpool::stores {

namespace {

constexpr std::chrono::microseconds wait_max{5'000'000};
constexpr std::chrono::microseconds pause{100};
constexpr std::uint64_t recorded_at_millis = 1'767'225'600'000;

class baseline final : public sqlite_baseline {
 public:
  baseline(const std::string& path, std::vector<std::string> pools, std::vector<baseline_row> rows)
      : connection_{path, false, wait_max, pause},
        begin_{connection_, "BEGIN IMMEDIATE"},
        commit_{connection_, "COMMIT"},
        insert_{connection_,
                "INSERT INTO agent_pool_records(pool_id, seq, kind, payload_json,"
                " recorded_at_millis, trigger_json) VALUES(?1, ?2, ?3, ?4, ?5, NULL)"},
        count_{connection_,
               "INSERT INTO agent_pool_event_seq(pool_id, seq) VALUES(?1, ?2)"
               " ON CONFLICT(pool_id) DO UPDATE SET seq = excluded.seq"},
        pools_{std::move(pools)},
        rows_{std::move(rows)},
        written_(pools_.size(), 0) {
    connection_.run("PRAGMA cache_size = -16384");
    connection_.run("PRAGMA journal_mode = WAL");
    connection_.run("PRAGMA synchronous = FULL");
    lay_out(connection_);
  }

  core::outcome<void> write(std::size_t groups) override {
    try {
      statement_run{begin_}.step();
      const auto first = next_;
      for (std::size_t group = 0; group < groups; ++group) insert_group();
      const auto touched = groups < pools_.size() ? groups : pools_.size();
      for (std::size_t turn = 0; turn < touched; ++turn) {
        const auto pool = (first + turn) % pools_.size();
        statement_run{count_, std::string_view{pools_[pool]}, written_[pool]}.step();
      }
      statement_run{commit_}.step();
      return {};
    } catch (const sqlite_fault& fault) {
      connection_.roll_back();
      return store_error(fault.code, "writing the baseline", {});
    }
  }

 private:
  void insert_group() {
    const auto pool = next_++ % pools_.size();
    for (const auto& row : rows_)
      statement_run{insert_,
                    std::string_view{pools_[pool]},
                    ++written_[pool],
                    std::string_view{row.kind},
                    std::string_view{row.payload_json},
                    recorded_at_millis}
          .step();
  }

  sqlite_connection connection_;
  sqlite_statement begin_, commit_, insert_, count_;
  std::vector<std::string> pools_;
  std::vector<baseline_row> rows_;
  std::vector<std::uint64_t> written_;
  std::size_t next_ = 0;
};

}  // namespace

core::outcome<std::unique_ptr<sqlite_baseline>> open_sqlite_baseline(
    const std::string& path, std::vector<std::string> pools, std::vector<baseline_row> rows) {
  try {
    return std::unique_ptr<sqlite_baseline>{
        std::make_unique<baseline>(path, std::move(pools), std::move(rows))};
  } catch (const sqlite_fault& fault) {
    return store_error(fault.code, "opening the baseline", {});
  }
}

core::outcome<std::uint64_t> read_sqlite_baseline(const std::string& path,
                                                  const std::string& pool) {
  try {
    sqlite_connection connection{path, true, wait_max, pause};
    sqlite_statement select{connection,
                            "SELECT seq, kind, payload_json, recorded_at_millis, trigger_json"
                            " FROM agent_pool_records WHERE pool_id = ?1 ORDER BY seq"};
    statement_run rows{select, std::string_view{pool}};
    std::uint64_t count = 0;
    for (; rows.step(); ++count)
      if (rows->integer(0) != count + 1 || rows->text(1).empty() || rows->text(2).empty()) break;
    return count;
  } catch (const sqlite_fault& fault) {
    return store_error(fault.code, "reading the baseline", {});
  }
}

}  // namespace agentpool::stores
