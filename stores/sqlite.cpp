#include "agentpool/stores/sqlite.hpp"

#include <thread>
#include <utility>

#include "stores/request_check.hpp"
#include "stores/sqlite_checkpoints.hpp"
#include "stores/sqlite_connection.hpp"
#include "stores/sqlite_contents.hpp"
#include "stores/sqlite_heads.hpp"
#include "stores/sqlite_layout.hpp"
#include "stores/sqlite_reader.hpp"
#include "stores/sqlite_registry.hpp"
#include "stores/sqlite_writer.hpp"

namespace agentpool::stores {

namespace {

constexpr int database_is_busy = 5;  // SQLITE_BUSY, also in the low byte of its extended codes

class sqlite_store final : public core::store_backend {
 public:
  sqlite_store(std::unique_ptr<sqlite_connection> connection, const core::clock& clock,
               const sqlite_options& options)
      : connection_{std::move(connection)},
        read_only_{options.read_only},
        content_limits_{options.contents},
        heads_{*connection_},
        reader_{*connection_, clock, !read_only_},
        writer_{*connection_, heads_},
        checkpoints_{*connection_},
        registry_{*connection_},
        contents_{*connection_, content_limits_} {
    heads_.refresh();
  }

  core::outcome<std::vector<core::pool_id>> list_pools() override {
    return guarded<std::vector<core::pool_id>>("listing pools", {},
                                               [&] { return reader_.list_pools(); });
  }

  core::outcome<core::log_position> head(const core::pool_id& pool) override {
    return guarded<core::log_position>("reading the head", pool, [&] {
      heads_.refresh();
      return heads_.of(pool).position;
    });
  }

  core::outcome<core::log_page> read(const core::pool_id& pool, core::log_position after,
                                     std::size_t entries_max) override {
    auto page = guarded<core::log_page>("reading", pool,
                                        [&] { return reader_.read(pool, after, entries_max); });
    if (page) return page;
    const auto begins = read_horizon(pool);
    if (begins && *begins && is_before(after, (*begins)->at))
      return before_horizon(pool, (*begins)->at);
    return page;
  }

  core::outcome<std::vector<core::entry_ptr>> fetch(
      const core::pool_id& pool, std::span<const std::uint64_t> sequences) override {
    return guarded<std::vector<core::entry_ptr>>("reading", pool,
                                                 [&] { return reader_.fetch(pool, sequences); });
  }

  core::outcome<core::ack_page> read_acks(const core::pool_id& pool, std::uint64_t mark,
                                          std::size_t acks_max) override {
    return guarded<core::ack_page>("reading inbox positions", pool,
                                   [&] { return reader_.read_acks(pool, mark, acks_max); });
  }

  core::outcome<std::vector<core::append_result>> append(
      std::span<const core::append_request> requests) override {
    if (auto fault = request_fault(requests)) return *std::move(fault);
    if (requests.empty()) return std::vector<core::append_result>{};
    if (read_only_) return core::store_unavailable("store: appending failed: it is open read-only");
    try {
      return writer_.append(requests);
    } catch (const sqlite_fault& fault) {
      connection_->roll_back();
      heads_.forget();
      return store_error(fault.code, "appending", writer_.place());
    } catch (...) {
      connection_->roll_back();
      heads_.forget();
      throw;
    }
  }

  bool keeps_checkpoints() const override { return !read_only_; }

  core::outcome<std::optional<std::uint64_t>> keep_checkpoint(
      const core::checkpoint_request& request) override {
    using kept = std::optional<std::uint64_t>;
    if (read_only_) return kept{};
    auto number = guarded<kept>("keeping a checkpoint", request.pool_id, [&] {
      heads_.refresh();
      return checkpoints_.keep(request, heads_.of(request.pool_id).position);
    });
    if (!number) connection_->roll_back();
    return number;
  }

  core::outcome<std::optional<core::kept_checkpoint>> read_checkpoint(
      const core::pool_id& pool) override {
    return guarded<std::optional<core::kept_checkpoint>>("reading the checkpoint", pool, [&] {
      heads_.refresh();
      return checkpoints_.read(pool, heads_.of(pool).position);
    });
  }

  core::outcome<std::optional<core::horizon>> read_horizon(const core::pool_id& pool) override {
    return guarded<std::optional<core::horizon>>("reading the horizon", pool,
                                                 [&] { return checkpoints_.horizon(pool); });
  }

  core::outcome<std::optional<std::uint64_t>> drop_records(const core::drop_request& request,
                                                           std::uint64_t after,
                                                           std::size_t most) override {
    using next = std::optional<std::uint64_t>;
    if (read_only_) return next{};
    auto dropped = guarded<next>("removing old records", request.pool_id,
                                 [&] { return checkpoints_.drop(request, after, most); });
    if (!dropped) connection_->roll_back();
    return dropped;
  }

  core::outcome<std::vector<core::pool_id>> changed_pools() override {
    return guarded<std::vector<core::pool_id>>("looking for changes", {}, [&] {
      heads_.refresh();
      return heads_.take_changed();
    });
  }

  core::outcome<std::vector<core::registry_written>> write_registry(
      std::span<const core::registry_write> writes) override {
    using answers = std::vector<core::registry_written>;
    if (auto fault = registry_fault(writes)) return *std::move(fault);
    if (writes.empty()) return answers{};
    if (read_only_)
      return core::store_unavailable("store: writing the registry failed: it is open read-only");
    auto written =
        guarded<answers>("writing the registry", {}, [&] { return registry_.write(writes); });
    if (!written) connection_->roll_back();
    return written;
  }

  core::outcome<std::vector<core::registry_row>> read_registry(
      const core::registry_query& query) override {
    if (auto fault = registry_fault(query)) return *std::move(fault);
    return guarded<std::vector<core::registry_row>>("reading the registry", {},
                                                    [&] { return registry_.read(query); });
  }

  core::outcome<core::content_kept> put_content(std::span<const core::content> items) override {
    if (auto fault = core::content_fault(items, content_limits_)) return *std::move(fault);
    if (read_only_)
      return core::store_unavailable("store: keeping contents failed: it is open read-only");
    auto kept =
        guarded<core::content_kept>("keeping contents", {}, [&] { return contents_.put(items); });
    if (!kept) connection_->roll_back();
    return kept;
  }

  core::outcome<std::optional<std::string>> get_content(const core::content_ref& name) override {
    if (!core::content_digest(name)) return core::no_content_name(name);
    return guarded<std::optional<std::string>>("reading a content", {},
                                               [&] { return contents_.get(name); });
  }

 private:
  template <class T, class Work>
  core::outcome<T> guarded(const char* doing, const core::pool_id& pool, Work work) {
    try {
      return work();
    } catch (const sqlite_fault& fault) {
      return store_error(fault.code, doing, {pool});
    } catch (const corrupt_row& fault) {
      return store_error(fault);
    }
  }

  std::unique_ptr<sqlite_connection> connection_;
  bool read_only_;
  core::content_limits content_limits_;
  sqlite_heads heads_;
  sqlite_reader reader_;
  sqlite_writer writer_;
  sqlite_checkpoints checkpoints_;
  sqlite_registry registry_;
  sqlite_contents contents_;
};

bool uses_wal(sqlite_connection& connection, std::string sql) {
  sqlite_statement mode{connection, std::move(sql)};
  statement_run run{mode};
  return run.step() && run->text(0) == "wal";
}

/// Turns write-ahead logging on, which the file remembers. SQLite does not wait for others here.
void use_wal(sqlite_connection& connection, const sqlite_options& options) {
  if (uses_wal(connection, "PRAGMA journal_mode")) return;
  for (auto waited = std::chrono::microseconds{0};; waited += connection.pause()) {
    try {
      if (uses_wal(connection, "PRAGMA journal_mode = WAL")) return;
      throw sqlite_fault{database_is_busy};
    } catch (const sqlite_fault& fault) {
      if ((fault.code & 0xff) != database_is_busy || waited >= options.busy_wait_max) throw;
    }
    std::this_thread::sleep_for(connection.pause());
  }
}

void prepare(sqlite_connection& connection, const sqlite_options& options) {
  connection.run("PRAGMA cache_size = -16384");  // 16 MiB: a large batch stays in memory
  if (options.alone) connection.run("PRAGMA locking_mode = EXCLUSIVE");
  connection.run("SELECT 1 FROM sqlite_schema");
  if (options.read_only) return lay_out_for_reading(connection);
  use_wal(connection, options);
  connection.run("PRAGMA synchronous = FULL");
  lay_out(connection);
  if (!options.alone) return;
  connection.run("BEGIN IMMEDIATE");  // takes the lock that it then keeps
  connection.run("COMMIT");
}

}  // namespace

core::outcome<std::unique_ptr<core::store_backend>> open_sqlite(const std::string& path,
                                                                const core::clock& clock,
                                                                const sqlite_options& options) {
  try {
    auto connection = std::make_unique<sqlite_connection>(
        path, options.read_only, options.busy_wait_max, options.busy_pause);
    prepare(*connection, options);
    return std::unique_ptr<core::store_backend>{
        std::make_unique<sqlite_store>(std::move(connection), clock, options)};
  } catch (const sqlite_fault& fault) {
    return store_error(fault.code, "opening", {});
  }
}

}  // namespace agentpool::stores
