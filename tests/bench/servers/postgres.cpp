#include <libpq-fe.h>

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "agentpool/core/json.hpp"
#include "sides.hpp"
#include "tools/bench_kit.hpp"

namespace agentpool::bench {

namespace {

struct closing {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using connection_ptr = std::unique_ptr<PGconn, closing>;
using result_ptr = std::unique_ptr<PGresult, closing>;

core::outcome<void> run(PGconn* connection, const char* sql) {
  const result_ptr result{PQexec(connection, sql)};
  if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return {};
  return core::store_unavailable(std::string{"postgres: "} + PQerrorMessage(connection));
}

/// A connection with the statement that inserts, or the reason why there is none.
core::outcome<connection_ptr> connect(const std::string& conninfo) {
  connection_ptr connection{PQconnectdb(conninfo.c_str())};
  if (PQstatus(connection.get()) != CONNECTION_OK)
    return core::store_unavailable(std::string{"postgres: "} + PQerrorMessage(connection.get()));
  const auto ready = run(connection.get(),
                         "PREPARE add_message(text, text) AS INSERT INTO messages(key, message)"
                         " VALUES($1, $2) ON CONFLICT DO NOTHING");
  if (!ready) return ready.error();
  return connection;
}

core::outcome<void> insert(PGconn* connection, std::uint64_t number) {
  const auto message = tools::bench_message(number);
  const auto json = core::to_json(message);
  const std::array<const char*, 2> values{message.idempotency_key.text().c_str(), json.c_str()};
  const result_ptr result{
      PQexecPrepared(connection, "add_message", 2, values.data(), nullptr, nullptr, 0)};
  if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return {};
  return core::store_unavailable(std::string{"postgres: "} + PQerrorMessage(connection));
}

core::outcome<void> make_table(const std::string& conninfo) {
  const connection_ptr connection{PQconnectdb(conninfo.c_str())};
  if (auto quiet = run(connection.get(), "SET client_min_messages = warning"); !quiet) return quiet;
  return run(connection.get(),
             "CREATE TABLE IF NOT EXISTS messages(id bigserial PRIMARY KEY, key text UNIQUE,"
             " message text)");
}

}  // namespace

core::outcome<double> postgres_sends(const std::string& conninfo, const server_load& load) {
  if (auto made = make_table(conninfo); !made) return made.error();
  std::vector<connection_ptr> connections;
  for (std::size_t index = 0; index < load.in_flight; ++index) {
    auto connection = connect(conninfo);
    if (!connection) return connection.error();
    connections.push_back(std::move(*connection));
  }
  std::mutex mutex;
  std::optional<core::agent_error> fault;
  std::atomic<std::uint64_t> count{0};
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> threads;
  for (const auto& connection : connections)
    threads.emplace_back([&, handle = connection.get()] {
      do {
        const auto inserted = insert(handle, load.first + count.fetch_add(1));
        if (inserted) continue;
        const std::lock_guard lock{mutex};
        fault = inserted.error();
        return;
      } while (std::chrono::steady_clock::now() < start + load.time);
    });
  for (auto& thread : threads) thread.join();
  if (fault) return *fault;
  return tools::rate_since(start, count.load());
}

}  // namespace agentpool::bench
