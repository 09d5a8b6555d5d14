#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentpool/core/ids.hpp"
#include "agentpool/core/outcome.hpp"
#include "agentpool/core/registry.hpp"
#include "agentpool/core/time.hpp"

/// Which node has which pool, as the nodes on a store tell each other through its registry. All of
/// it is a hint that spares them from working on one pool at once: that a pool never forks is the
/// store's doing, whatever nodes believe.
namespace agentpool::core {

/// A node that has shown itself. Row of the space "node", by the node's name.
struct node_lease {
  std::string node;
  std::string endpoint;                 ///< Where programs reach it, "HOST:PORT".
  std::uint64_t expires_at_millis = 0;  ///< Unix time, by the node's own clock.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("node", self.node);
    visit("endpoint", self.endpoint);
    visit("expires_at_millis", self.expires_at_millis);
  }
  friend bool operator==(const node_lease&, const node_lease&) = default;
};

/// Who has a pool. Row of the space "pool", by the pool's id. Good as long as the node's own lease.
struct pool_lease {
  std::string node;
  std::uint64_t epoch = 0;  ///< How often the pool was taken.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("node", self.node);
    visit("epoch", self.epoch);
  }
  friend bool operator==(const pool_lease&, const pool_lease&) = default;
};

/// Who may act as a run. Row of the space "run.POOL", by the run's id.
struct run_seat {
  std::string token_sha256;  ///< Of the secret: 64 hex digits.
  std::string node;          ///< Where the run was seated last.
  bool leaving = false;      ///< Its time of grace is over: it is about to leave its pool.

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor& visit) {
    visit("token_sha256", self.token_sha256);
    visit("node", self.node);
    visit("leaving", self.leaving);
  }
  friend bool operator==(const run_seat&, const run_seat&) = default;
};

inline constexpr std::string_view node_space = "node";
inline constexpr std::string_view pool_space = "pool";
/// The space of a pool's seats.
[[nodiscard]] std::string seat_space(const pool_id& pool);

[[nodiscard]] std::string to_value(const node_lease& lease);
[[nodiscard]] std::string to_value(const pool_lease& lease);
[[nodiscard]] std::string to_value(const run_seat& seat);
/// The errors name the row: `store_corrupt`, since another program wrote it.
[[nodiscard]] outcome<node_lease> node_of(const registry_row& row);
[[nodiscard]] outcome<pool_lease> pool_of(const registry_row& row);
[[nodiscard]] outcome<run_seat> seat_of(const registry_row& row);

/// Where the pool belongs among these nodes: the same whoever asks, and only the pools of a node
/// that comes or goes move (rendezvous hashing, Thaler and Ravishankar 1998). None without nodes.
[[nodiscard]] const node_lease* preferred(std::span<const node_lease> live, const pool_id& pool);

/// How long to wait before a further try: doubled with each, up to `most`, of which a share between
/// a half and all is taken by `chance` (0 to 1), so that many who fail at once do not return at
/// once. `tries` counts those that failed, from 1.
[[nodiscard]] std::chrono::milliseconds backoff(std::chrono::milliseconds least,
                                                std::chrono::milliseconds most, std::uint32_t tries,
                                                double chance);

}  // namespace agentpool::core
