#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agentpool/core/log.hpp"
#include "agentpool/core/store_backend.hpp"
#include "stores/sqlite_connection.hpp"
#include "stores/sqlite_heads.hpp"

namespace agentpool::stores {

/// Appends to the logs of a store file. Throws `sqlite_fault`; the caller then rolls back and
/// lets the heads be forgotten.
class sqlite_writer {
 public:
  sqlite_writer(sqlite_connection& connection, sqlite_heads& heads);

  /// One transaction; the requests have passed `request_fault`.
  [[nodiscard]] std::vector<core::append_result> append(
      std::span<const core::append_request> requests);

  /// Where the `append` that threw was. Valid as long as its requests.
  [[nodiscard]] log_place place() const;

 private:
  [[nodiscard]] core::append_result append_one(const core::append_request& request);
  void insert(const core::log_entry& entry, const core::store_record& record, pool_head& head);
  void insert(const core::log_entry& entry, const core::host_event& event, pool_head& head);
  void acknowledge(const core::inbox_ack& ack);
  void count_events();

  sqlite_connection* connection_;
  sqlite_heads* heads_;
  sqlite_statement begin_;
  sqlite_statement commit_;
  sqlite_statement insert_record_;
  sqlite_statement insert_host_;
  sqlite_statement put_event_seq_;
  sqlite_statement put_ack_;

  growth grown_;
  std::vector<std::pair<const core::pool_id*, pool_head*>> uncounted_;
  const core::append_request* request_ = nullptr;
  std::uint64_t sequence_ = 0;
  int shared_for_ = 0;  ///< Appends to come for which others are taken to be waiting.
  std::string payload_json_;
  std::string trigger_json_;
};

}  // namespace agentpool::stores
