#include "agentpool/stores/postgres.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <utility>

#include "stores/postgres_checkpoints.hpp"
#include "stores/postgres_contents.hpp"
#include "stores/postgres_reader.hpp"
#include "stores/postgres_registry.hpp"
#include "stores/postgres_session.hpp"
#include "stores/postgres_writer.hpp"
#include "stores/request_check.hpp"

namespace agentpool::stores {

namespace {

constexpr std::string_view undefined_table = "42P01";

class postgres_store final : public core::store_backend {
 public:
  postgres_store(const std::string& conninfo, const core::clock& clock,
                 const postgres_options& options)
      : read_only_{options.read_only},
        content_limits_{options.contents},
        channel_{options.schema + "_appended"},
        clock_{&clock},
        session_{conninfo, options} {}

  core::outcome<std::vector<core::pool_id>> list_pools() override {
    return reading("listing pools", {},
                   [](postgres_reader& reader) { return reader.list_pools(); });
  }

  core::outcome<core::log_position> head(const core::pool_id& pool) override {
    return reading("reading the head", {pool},
                   [&](postgres_reader& reader) { return reader.head(pool); });
  }

  core::outcome<core::log_page> read(const core::pool_id& pool, core::log_position after,
                                     std::size_t entries_max) override {
    auto page = reading("reading", {pool}, [&](postgres_reader& reader) {
      return reader.read(pool, after, entries_max);
    });
    if (page) return page;
    const auto begins = read_horizon(pool);
    if (begins && *begins && is_before(after, (*begins)->at))
      return before_horizon(pool, (*begins)->at);
    return page;
  }

  core::outcome<std::vector<core::entry_ptr>> fetch(
      const core::pool_id& pool, std::span<const std::uint64_t> sequences) override {
    return reading("reading", {pool},
                   [&](postgres_reader& reader) { return reader.fetch(pool, sequences); });
  }

  core::outcome<core::ack_page> read_acks(const core::pool_id& pool, std::uint64_t mark,
                                          std::size_t acks_max) override {
    return reading("reading inbox positions", {pool},
                   [&](postgres_reader& reader) { return reader.read_acks(pool, mark, acks_max); });
  }

  core::outcome<std::vector<core::append_result>> append(
      std::span<const core::append_request> requests) override {
    using results = std::vector<core::append_result>;
    if (auto fault = request_fault(requests)) return *std::move(fault);
    if (requests.empty()) return results{};
    if (read_only_) return core::store_unavailable("store: appending failed: it is open read-only");
    const auto& first = requests.front();
    const log_place place{first.pool_id, first.expected.sequence + 1};
    bool committed = false;
    auto done = guarded<results>("appending", place, [&] {
      return session_.transacted([&](postgres_connection& connection, const deadline& until) {
        auto work = append(requests, connection, until);
        committed = work.second;
        return work;
      });
    });
    if (done && committed)
      for (const auto& request : requests) locks_.remember(request.pool_id.text());
    return done;
  }

  bool keeps_checkpoints() const override { return !read_only_; }

  core::outcome<std::optional<std::uint64_t>> keep_checkpoint(
      const core::checkpoint_request& request) override {
    using kept = std::optional<std::uint64_t>;
    if (read_only_) return kept{};
    return guarded<kept>("keeping a checkpoint", {request.pool_id}, [&] {
      return session_.transacted([&](postgres_connection& connection, const deadline& until) {
        return stores::keep_checkpoint(connection, locks_, request, until);
      });
    });
  }

  core::outcome<std::optional<core::kept_checkpoint>> read_checkpoint(
      const core::pool_id& pool) override {
    return reading("reading the checkpoint", {pool},
                   [&](postgres_reader& reader) { return reader.checkpoint(pool); });
  }

  core::outcome<std::optional<core::horizon>> read_horizon(const core::pool_id& pool) override {
    return reading("reading the horizon", {pool},
                   [&](postgres_reader& reader) { return reader.horizon(pool); });
  }

  core::outcome<std::optional<std::uint64_t>> drop_records(const core::drop_request& request,
                                                           std::uint64_t after,
                                                           std::size_t most) override {
    using next = std::optional<std::uint64_t>;
    if (read_only_) return next{};
    return guarded<next>("removing old records", {request.pool_id}, [&] {
      return session_.transacted([&](postgres_connection& connection, const deadline& until) {
        return stores::drop_records(connection, request, after, most, until);
      });
    });
  }

  core::outcome<std::vector<core::pool_id>> changed_pools() override {
    return guarded<std::vector<core::pool_id>>("looking for changes", {},
                                               [&] { return session_.take_changed(); });
  }

  core::outcome<std::vector<core::registry_written>> write_registry(
      std::span<const core::registry_write> writes) override {
    using answers = std::vector<core::registry_written>;
    if (auto fault = registry_fault(writes)) return *std::move(fault);
    if (writes.empty()) return answers{};
    if (read_only_)
      return core::store_unavailable("store: writing the registry failed: it is open read-only");
    return guarded<answers>("writing the registry", {}, [&] {
      return session_.transacted([&](postgres_connection& connection, const deadline& until) {
        return stores::write_registry(connection, writes, until);
      });
    });
  }

  core::outcome<std::vector<core::registry_row>> read_registry(
      const core::registry_query& query) override {
    using rows = std::vector<core::registry_row>;
    if (auto fault = registry_fault(query)) return *std::move(fault);
    return looking<rows>("reading the registry", rows{},
                         [&](postgres_connection& connection, const deadline& until) {
                           return stores::read_registry(connection, query, until);
                         });
  }

  core::outcome<core::content_kept> put_content(std::span<const core::content> items) override {
    using kept = core::outcome<core::content_kept>;
    if (auto fault = core::content_fault(items, content_limits_)) return *std::move(fault);
    if (read_only_)
      return core::store_unavailable("store: keeping contents failed: it is open read-only");
    return guarded<core::content_kept>("keeping contents", {}, [&]() -> kept {
      return session_.repeated([&](postgres_connection& connection, const deadline& until) {
        return stores::put_content(connection, items, content_limits_, until);
      });
    });
  }

  core::outcome<std::optional<std::string>> get_content(const core::content_ref& name) override {
    using found = std::optional<std::string>;
    if (!core::content_digest(name)) return core::no_content_name(name);
    return looking<found>("reading a content", found{},
                          [&](postgres_connection& connection, const deadline& until) {
                            return stores::get_content(connection, name, until);
                          });
  }

 private:
  /// Reads from a table that an older version of the schema does not have, which whoever only
  /// looks leaves as it is: there `none` is the answer.
  template <class T, class Read>
  core::outcome<T> looking(const char* doing, T none, Read read) {
    return guarded<T>(doing, {}, [&]() -> core::outcome<T> {
      try {
        return session_.repeated(read);
      } catch (const postgres_fault& fault) {
        if (read_only_ && fault.state == undefined_table) return none;
        throw;
      }
    });
  }

  template <class T, class Work>
  core::outcome<T> guarded(const char* doing, const log_place& place, Work work) {
    try {
      return work();
    } catch (const postgres_fault& fault) {
      return store_error(fault, doing, place);
    } catch (const corrupt_row& fault) {
      return store_error(fault);
    }
  }

  template <class Read>
  core::outcome<std::invoke_result_t<Read, postgres_reader&>> reading(const char* doing,
                                                                      const log_place& place,
                                                                      Read read) {
    using result = std::invoke_result_t<Read, postgres_reader&>;
    return guarded<result>(doing, place, [&] {
      return session_.repeated([&](postgres_connection& connection, const deadline& until) {
        postgres_reader reader{connection, until, *clock_, !read_only_};
        return read(reader);
      });
    });
  }

  /// One transaction: locks the heads, then sees which requests fit.
  std::pair<std::vector<core::append_result>, bool> append(
      std::span<const core::append_request> requests, postgres_connection& connection,
      const deadline& until) {
    std::vector<std::string_view> pools;
    for (const auto& request : requests) pools.push_back(request.pool_id.text());
    std::ranges::sort(pools);
    pools.erase(std::unique(pools.begin(), pools.end()), pools.end());
    locks_.send(connection, pools);
    auto heads = postgres_head_locks::heads_in(connection.receive(until).back());
    if (heads.size() != pools.size()) {
      locks_.forget();
      throw postgres_fault{postgres_fault::kind::refused, "40001", {}};
    }
    postgres_batch batch{std::move(heads)};
    std::vector<core::append_result> results;
    results.reserve(requests.size());
    for (const auto& request : requests) results.push_back(batch.add(request));
    if (batch.changes()) batch.send(connection, channel_);
    return {std::move(results), batch.changes()};
  }

  bool read_only_;
  core::content_limits content_limits_;
  std::string channel_;
  const core::clock* clock_;
  postgres_session session_;
  postgres_head_locks locks_;
};

bool is_understood(const std::string& conninfo) {
  char* complaint = nullptr;  // may repeat a password: shown to nobody
  auto* parsed = PQconninfoParse(conninfo.c_str(), &complaint);
  const bool understood = parsed != nullptr;
  PQconninfoFree(parsed);
  PQfreemem(complaint);
  return understood;
}

bool is_plain(std::string_view schema) {
  constexpr std::size_t most = 48;  // with what is added to it, an identifier of PostgreSQL
  return !schema.empty() && schema.size() <= most && std::ranges::all_of(schema, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace

core::outcome<std::unique_ptr<core::store_backend>> open_postgres(const std::string& conninfo,
                                                                  const core::clock& clock,
                                                                  const postgres_options& options) {
  if (!is_understood(conninfo))
    return core::host_configuration_needed(
        "store: the connection string is not understood: it is to be one of libpq, as"
        " 'host=db.example dbname=swarm' or 'postgresql://db.example/swarm'");
  if (!is_plain(options.schema))
    return core::host_configuration_needed("store: the schema's name is to be of a-z, 0-9 and _");
  try {
    return std::unique_ptr<core::store_backend>{
        std::make_unique<postgres_store>(conninfo, clock, options)};
  } catch (const postgres_fault& fault) {
    return store_error(fault, "opening", {});
  }
}

}  // namespace agentpool::stores
