#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "agentpool/core/ids.hpp"
#include "agentpool/core/log.hpp"
#include "stores/sqlite_connection.hpp"

/// Where the logs end, remembered until another connection writes.
namespace agentpool::stores {

/// The end of one pool's log.
struct pool_head {
  core::log_position position;
  std::uint64_t opened = 0;  ///< Its records that are no events: those of kind pool_opened.
  bool uncounted = false;    ///< The transaction owes it its row in agent_pool_event_seq.
};

/// How far the tables had grown. Rows get the next number of their table, whoever writes them.
struct growth {
  std::uint64_t records = 0;  ///< Last rowid.
  std::uint64_t hosts = 0;    ///< Last rowid.
  std::uint64_t acks = 0;     ///< Last change.
};

/// Remembers heads and finds out what other connections added. An append by others costs one
/// look at the rows they added; none costs one look at the database's version.
class sqlite_heads {
 public:
  explicit sqlite_heads(sqlite_connection& connection);

  /// Takes up what others wrote since the last call; true when they wrote.
  bool refresh();

  /// The pool's head as of the last `refresh`, or newer. Valid until the next `refresh`.
  [[nodiscard]] pool_head& of(const core::pool_id& pool);

  /// The pools that others changed since the last call, sorted.
  [[nodiscard]] std::vector<core::pool_id> take_changed();

  /// How far the tables have grown, as far as this connection knows. After a commit of its own
  /// the writer says so here.
  [[nodiscard]] const growth& grown() const noexcept { return seen_; }
  void grow_to(const growth& own) noexcept { seen_ = own; }

  /// Forgets all heads, as after a failed append.
  void forget() noexcept { heads_.clear(); }

 private:
  [[nodiscard]] std::uint64_t number(sqlite_statement& statement);
  [[nodiscard]] growth measure();
  void note_changed(sqlite_statement& pools, std::uint64_t after);
  void start_over();

  sqlite_statement data_version_;
  sqlite_statement schema_version_;
  sqlite_statement last_record_;
  sqlite_statement last_host_;
  sqlite_statement last_ack_;
  sqlite_statement new_records_;
  sqlite_statement new_hosts_;
  sqlite_statement new_acks_;
  sqlite_statement all_pools_;
  sqlite_statement head_;

  std::optional<std::uint64_t> data_;
  std::uint64_t schema_ = 0;
  growth seen_;
  std::unordered_map<core::pool_id, pool_head> heads_;
  std::set<core::pool_id> changed_;
};

}  // namespace agentpool::stores
