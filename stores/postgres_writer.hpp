#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentpool/core/log.hpp"
#include "agentpool/core/store_backend.hpp"
#include "stores/postgres_connection.hpp"

namespace agentpool::stores {

/// The end of one pool's log, as its row says whose lock the transaction holds.
struct postgres_head {
  core::log_position position;
  std::uint64_t opened = 0;  ///< Its records that are no events: those of kind pool_opened.
  bool touched = false;      ///< The transaction changes it.
};
using postgres_heads = std::map<std::string, postgres_head, std::less<>>;

/// Locks rows of agentpool_heads, always in the order of their pools' ids, so that no two programs
/// ever wait for each other.
class postgres_head_locks {
 public:
  /// Sends what locks the rows of these pools, which are sorted, and makes those that are missing.
  void send(postgres_connection& connection, const std::vector<std::string_view>& pools);

  /// The heads, out of the last answer to that.
  [[nodiscard]] static postgres_heads heads_in(const postgres_rows& answer);

  /// The row of this pool was committed.
  void remember(const std::string& pool);

  /// Nothing is known any more, as after a server was replaced.
  void forget() noexcept { known_.clear(); }

 private:
  static constexpr std::size_t known_most = 100'000;

  std::set<std::string, std::less<>> known_;
};

/// What one transaction adds to the tables, gathered row by row, a column an array.
class postgres_batch {
 public:
  explicit postgres_batch(postgres_heads heads) : heads_{std::move(heads)} {}

  /// Takes the request in when it fits the pool's head.
  [[nodiscard]] core::append_result add(const core::append_request& request);

  /// False when there is nothing to write.
  [[nodiscard]] bool changes() const noexcept { return changes_; }

  /// Sends the statements that write all of it and tell the listeners of `channel`; once.
  void send(postgres_connection& connection, const std::string& channel);

 private:
  struct moved_ack {
    const core::pool_id* pool;
    const core::inbox_ack* ack;
  };

  void add(const core::log_entry& entry, const core::store_record& record, postgres_head& head);
  void add(const core::log_entry& entry, const core::host_event& event, const std::string& pool);
  void add(const core::pool_id& pool, const core::inbox_ack& ack);
  void send_heads(postgres_connection& connection, const std::string& channel);
  void send_acks(postgres_connection& connection, const std::string& channel);

  postgres_heads heads_;
  bool changes_ = false;
  std::string json_;

  using type = postgres_type;
  postgres_array record_pools_{type::text_array}, sequences_{type::int8_array};
  postgres_array kinds_{type::text_array}, payloads_{type::text_array};
  postgres_array record_times_{type::int8_array}, triggers_{type::text_array};

  postgres_array host_pools_{type::text_array}, numbers_{type::int8_array};
  postgres_array afters_{type::int8_array}, host_times_{type::int8_array};
  postgres_array events_{type::text_array};

  std::vector<moved_ack> acks_;  ///< In the order in which they moved; none for those outdone.
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> ack_places_;
};

}  // namespace agentpool::stores
