// What people would use instead, as a client sees it: each function sends messages for about
// `time`, every one durable (fsync) and told apart by its key before it counts, and gives the
// rate a second.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "agentpool/core/outcome.hpp"

namespace agentpool::bench {

/// How a side is asked to send.
struct server_load {
  std::size_t in_flight = 1;
  std::chrono::nanoseconds time{std::chrono::seconds{1}};
  std::uint64_t first = 0;  ///< Numbers from here on were not used before.
};

/// The engine on a SQLite file that is made anew.
[[nodiscard]] core::outcome<double> engine_sends(const std::string& file, const server_load& load);

/// A Redis stream at a Unix socket: a script looks the key up and appends, one connection with so
/// many calls under way.
[[nodiscard]] core::outcome<double> redis_sends(const std::string& socket, const server_load& load);

/// A PostgreSQL table whose key is unique: one row a commit, a connection and a thread for each
/// that is in flight.
[[nodiscard]] core::outcome<double> postgres_sends(const std::string& conninfo,
                                                   const server_load& load);

/// A RabbitMQ quorum queue of one node, on that port of the loopback: persistent messages, each
/// confirmed, one connection with so many unconfirmed. It knows no keys: a repeat is stored twice.
[[nodiscard]] core::outcome<double> rabbitmq_sends(int port, const server_load& load);

}  // namespace agentpool::bench
