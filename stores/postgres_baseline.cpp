#include "agentpool/stores/postgres_baseline.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

#include "stores/postgres_connection.hpp"
#include "stores/postgres_layout.hpp"

namespace agentpool::stores {

namespace {

constexpr std::chrono::milliseconds wait_max{60'000};
constexpr std::uint64_t recorded_at_millis = 1'767'225'600'000;

class baseline final : public postgres_baseline {
 public:
  baseline(const std::string& conninfo, const std::string& schema, std::vector<std::string> pools,
           std::vector<baseline_row> rows)
      : connection_{conninfo, deadline{wait_max}},
        pools_{std::move(pools)},
        rows_{std::move(rows)},
        written_(pools_.size(), 0) {
    const deadline until{wait_max};
    connection_.send_once("SET search_path = " + connection_.quoted(schema));
    connection_.send_once("SET synchronous_commit = on");
    connection_.receive(until);
    lay_out(connection_, schema, until);
  }

  core::outcome<void> write(std::size_t groups) override {
    try {
      insert(groups);
      connection_.receive(deadline{wait_max});
      return {};
    } catch (const postgres_fault& fault) {
      return store_error(fault, "writing the baseline", {});
    }
  }

 private:
  void insert(std::size_t groups) {
    using type = postgres_type;
    postgres_array pools{type::text_array}, sequences{type::int8_array}, kinds{type::text_array};
    postgres_array payloads{type::text_array}, times{type::int8_array};
    postgres_array touched{type::text_array}, counts{type::int8_array};
    const auto first = next_;
    for (std::size_t group = 0; group < groups; ++group) {
      const auto pool = next_++ % pools_.size();
      for (const auto& row : rows_) {
        pools.add(pools_[pool]);
        sequences.add(++written_[pool]);
        kinds.add(row.kind);
        payloads.add(row.payload_json);
        times.add(recorded_at_millis);
      }
    }
    for (std::size_t turn = 0; turn < std::min(groups, pools_.size()); ++turn) {
      const auto pool = (first + turn) % pools_.size();
      touched.add(pools_[pool]);
      counts.add(written_[pool]);
    }
    connection_.send("BEGIN");
    connection_.send(
        "INSERT INTO agent_pool_records(pool_id, seq, kind, payload_json, recorded_at_millis)"
        " SELECT * FROM unnest($1, $2, $3, $4, $5)",
        std::array{pools.take(), sequences.take(), kinds.take(), payloads.take(), times.take()});
    connection_.send(
        "INSERT INTO agent_pool_event_seq(pool_id, seq) SELECT * FROM unnest($1, $2)"
        " ON CONFLICT (pool_id) DO UPDATE SET seq = excluded.seq",
        std::array{touched.take(), counts.take()});
    connection_.send("COMMIT");
  }

  postgres_connection connection_;
  std::vector<std::string> pools_;
  std::vector<baseline_row> rows_;
  std::vector<std::uint64_t> written_;
  std::size_t next_ = 0;
};

}  // namespace

core::outcome<std::unique_ptr<postgres_baseline>> open_postgres_baseline(
    const std::string& conninfo, const std::string& schema, std::vector<std::string> pools,
    std::vector<baseline_row> rows) {
  try {
    return std::unique_ptr<postgres_baseline>{
        std::make_unique<baseline>(conninfo, schema, std::move(pools), std::move(rows))};
  } catch (const postgres_fault& fault) {
    return store_error(fault, "opening the baseline", {});
  }
}

core::outcome<void> drop_postgres_schema(const std::string& conninfo, const std::string& schema) {
  try {
    const deadline until{wait_max};
    postgres_connection connection{conninfo, until};
    connection.send_once("DROP SCHEMA IF EXISTS " + connection.quoted(schema) + " CASCADE");
    connection.receive(until);
    return {};
  } catch (const postgres_fault& fault) {
    return store_error(fault, "removing a benchmark's schema", {});
  }
}

}  // namespace agentpool::stores
